import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { type UnlockContext, unlock } from '../../../src/commands/unlock.ts';
import { decide } from '../../../src/domain/decide.ts';
import type { Directory } from '../../../src/domain/directory.ts';
import type { State } from '../../../src/domain/state.ts';
import { keys } from '../../../src/store/keys.ts';
import { FencedError, Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Workers } from '../../../src/store/workers.ts';
import { testJournal } from '../../helpers/sealing.ts';
import { digest, people, storyAt } from '../../helpers/story.ts';
import { leastSystem } from '../../helpers/system.ts';

let server: Redis;
let redis: OpenRedis;
let log: Log;
let workers: Workers;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
  log = new Log(redis.store, testJournal(redis.store), Date.now, async () => undefined);
  workers = new Workers(redis.store);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

/** Approvers are whoever is not the requester. */
const directory = { isMember: async (userId: string) => userId !== people.requester.id } as unknown as Directory;
const context = (): UnlockContext => ({ systems: { sac: leastSystem }, log, workers, directory, now: Date.now }) as unknown as UnlockContext;
const said = async (reason = 'its worker was lost', by: (typeof people)[keyof typeof people] = people.approver) => {
  const answer = await unlock(context(), by, 'sac', reason);
  return typeof answer === 'string' ? answer : `${answer.code}: ${answer.message} ${answer.advice}`;
};

const { outline } = storyAt('waiting');
let asked = 0;
async function started(worker: string): Promise<{ state: State; token: string }> {
  const about = { system: 'sac', title: 'SAC agent', hosts: 3, version: 'v0.1.0', variant: 'normal', channel: '#inc-trading', answers: {} };
  const { id } = await log.create({ key: `k${asked++}`, by: people.requester, ...about });
  await log.observe(id, '', [{ type: 'planned', digest, outline }]);
  await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
  const token = await log.newToken();
  return { state: await log.observe(id, token, [{ type: 'taken', token, worker }]), token };
}

describe('unlock', () => {
  it('says so when nothing is locked, who may, and that it wants a reason', async () => {
    expect(await said()).toContain('nothing-to-do: SAC agent is not locked.');
    const { state } = await started('gone:1');
    expect(await said('stuck', people.requester)).toContain('not-allowed: You may not unlock SAC agent: its policy names others.');
    expect(await said(' ')).toContain('malformed: Unlocking needs a reason. Type /rollback unlock sac <why>.');
    await log.decide(state.id, (now) => decide(now, { type: 'stop', by: people.approver, mayStop: true }, Date.now()));
    await log.observe(state.id, '', [{ type: 'stopped' }]);
    expect(await log.lock('sac')).toBeUndefined();
  });

  it('never takes it from a rollback whose worker lives, or that waits for a decision', async () => {
    const { state, token } = await started('alive:1');
    await workers.beat('alive:1');
    expect(await said()).toBe(
      `not-ready: ${state.id} holds the lock, and its worker alive:1 is at work. End it in order: /rollback stop ${state.id}, or decide on its card.`,
    );
    await log.observe(state.id, token, [{ type: 'trouble', where: 'step', what: 'x' }]);
    expect(await said()).toContain('and it waits for a decision.');
    expect((await log.lock('sac'))?.rollback).toBe(state.id);
    await log.observe(state.id, token, [{ type: 'left', by: people.approver }]);
  });

  it('takes it from one whose worker is gone: recorded, ended, and a worker that wakes later is refused', async () => {
    const { state, token } = await started('dead:1');
    expect(await said()).toBe(`SAC agent is unlocked. ${state.id} was left as it is.`);
    expect(await log.lock('sac')).toBeUndefined();
    expect(await log.load(state.id)).toMatchObject({ status: 'left', reason: 'its worker was lost', closedBy: people.approver });
    await expect(log.observe(state.id, token, [{ type: 'phase-started', phase: 0 }])).rejects.toThrow(FencedError);
    const next = await started('alive:2');
    expect((await log.lock('sac'))?.rollback).toBe(next.state.id);
    await log.observe(next.state.id, next.token, [{ type: 'completed' }]);
  });

  it('a lock of which Redis has lost the rollback goes, with a word of warning; the winner of a race keeps its own', async () => {
    await redis.store.hset(keys.lock('sac'), 'rollback', 'sac-99', 'since', '1');
    expect(await log.dropLock('sac', 'sac-98', people.approver, 'it is gone')).toBe(false);
    expect(await said()).toContain('Redis has no log of sac-99, which held the lock: look at the hosts');
    expect(await log.lock('sac')).toBeUndefined();
  });
});
