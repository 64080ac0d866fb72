import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { decide } from '../../../src/domain/decide.ts';
import type { State } from '../../../src/domain/state.ts';
import { keys } from '../../../src/store/keys.ts';
import { FencedError, Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { testJournal } from '../../helpers/sealing.ts';
import { digest, people, storyAt } from '../../helpers/story.ts';

let server: Redis;
let redis: OpenRedis;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

const openLog = (now: () => number = Date.now): Log => new Log(redis.store, testJournal(redis.store, now), now, async () => undefined);
const { outline } = storyAt('waiting');
let asked = 0;
const request = (key = `k${asked++}`, system = 'sac') => ({
  key,
  by: people.requester,
  system,
  title: 'SAC agent',
  hosts: 3,
  version: 'v0.1.0',
  variant: 'normal',
  channel: '#inc-trading',
  answers: {},
});

async function waiting(log: Log, system = 'sac'): Promise<State> {
  const { id } = await log.create(request(undefined, system));
  return log.observe(id, '', [{ type: 'planned', digest, outline }]);
}

const approval = (log: Log, id: string) =>
  log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));

describe('the log', () => {
  it('makes one rollback of a request that arrives twice, also at once', async () => {
    const log = openLog();
    const states = await Promise.all([1, 2, 3, 4].map(() => openLog().create(request('the-same'))));
    expect(new Set(states.map((state) => state.id)).size).toBe(1);
    expect((await log.events(states[0]?.id ?? '')).length).toBe(1);
  });

  it('twenty approvals at once start a rollback once and take the lock', async () => {
    const { id } = await waiting(openLog(), 'once');
    const answers = await Promise.all(Array.from({ length: 20 }, () => approval(openLog(), id)));
    expect(answers.filter((answer) => !('code' in answer))).toHaveLength(1);
    expect((await openLog().events(id)).filter((event) => event.type === 'started')).toHaveLength(1);
    expect(await redis.store.hget(keys.lock('once'), 'rollback')).toBe(id);
  });

  it('only one of two rollbacks of a system runs; the other is refused with its name and can start later', async () => {
    const log = openLog();
    const [first, second] = [await waiting(log, 'busy'), await waiting(log, 'busy')];
    await approval(log, first.id);
    expect(await approval(log, second.id)).toMatchObject({ code: 'locked', message: expect.stringContaining(first.id) });
    expect((await log.load(second.id))?.approvals).toEqual([]);
    await log.observe(first.id, '', [{ type: 'completed' }]);
    expect(await redis.store.exists(keys.lock('busy'))).toBe(0);
    expect(await approval(log, second.id)).toMatchObject({ status: 'running' });
  });

  it('an undo takes the lock over only while its rollback waits for a decision, and that one cannot go on then', async () => {
    const log = openLog();
    const first = await waiting(log, 'handed');
    await approval(log, first.id);
    const undoes = { rollback: first.id, scope: 'all', runs: [], whole: true };
    const { id } = await log.create({ ...request(undefined, 'handed'), undoes });
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    expect(await approval(log, id)).toMatchObject({ code: 'locked' });
    await log.observe(first.id, '', [{ type: 'trouble', where: 'step', what: 'a step' }]);
    expect(await approval(log, id)).toMatchObject({ status: 'running' });
    expect(await redis.store.hget(keys.lock('handed'), 'rollback')).toBe(id);
    expect(await log.decide(first.id, () => [{ type: 'retry-chosen', by: people.approver }])).toMatchObject({ code: 'locked' });
    await log.observe(first.id, '', [{ type: 'handed-over', to: id }]);
    expect(await redis.store.hget(keys.lock('handed'), 'rollback')).toBe(id);
    await log.observe(id, '', [{ type: 'completed' }]);
    expect(await redis.store.exists(keys.lock('handed'))).toBe(0);
  });

  it('refuses a holder that was replaced, and re-sequences what is only observed', async () => {
    const { id } = await waiting(openLog(), 'fence');
    const log = openLog();
    await approval(log, id);
    const [old, young] = [await log.newToken(), await log.newToken()];
    expect(old < young).toBe(true);
    await log.observe(id, old, [{ type: 'taken', token: old, worker: 'a' }]);
    await log.observe(id, young, [{ type: 'taken', token: young, worker: 'b' }]);
    await expect(log.observe(id, old, [{ type: 'phase-started', phase: 0 }])).rejects.toBeInstanceOf(FencedError);
    const posted = (key: string) => openLog().observe(id, '', [{ type: 'message-posted', key, channel: 'C', ts: '1' }]);
    await Promise.all(['a', 'b', 'c', 'd'].map(posted));
    const state = await log.load(id);
    expect(Object.keys(state?.messages ?? {}).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect((await log.events(id)).map((event) => event.seq)).toEqual(Array.from({ length: state?.seq ?? 0 }, (_, i) => i + 1));
  });

  it('never writes a time before the last event, also when the clock goes back', async () => {
    let now = 2_000_000_000_000;
    const log = openLog(() => now);
    const { id } = await log.create(request());
    now -= 3_600_000;
    const state = await log.observe(id, '', [{ type: 'message-posted', key: 'card', channel: 'C', ts: '1' }]);
    expect(state.at).toBe(2_000_000_000_000);
  });

  it('notices that Redis has lost history instead of going on from what it remembers', async () => {
    const log = openLog();
    const { id } = await waiting(log, 'lost');
    await redis.store.ltrim(keys.log(id), 0, 0);
    expect((await log.load(id))?.status).toBe('reading');
    await redis.store.del(keys.log(id));
    expect(await log.load(id)).toBeUndefined();
  });

  it('keeps everything over a kill -9 of Redis', async () => {
    const log = openLog();
    const { id } = await waiting(log, 'durable');
    await approval(log, id);
    await server.kill9();
    await expect(log.load(id)).rejects.toThrow();
    await server.restart();
    await expect
      .poll(
        () =>
          log.load(id).then(
            (state) => state?.status,
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('running');
    expect(await redis.store.hget(keys.lock('durable'), 'rollback')).toBe(id);
  });
});

describe('opening Redis', () => {
  it('says where it was looked for and what to do when there is none', async () => {
    await expect(openRedis('redis://:secret@127.0.0.1:1')).rejects.toMatchObject({
      name: 'RedisUnreachable',
      message: expect.not.stringContaining('secret'),
      advice: expect.stringContaining('REDIS_URL'),
    });
  });

  it('names settings that can lose data', async () => {
    const careless = await startRedis({ appendonly: false, args: ['--maxmemory-policy', 'allkeys-lru'] });
    const open = await openRedis(careless.url);
    expect(open.dangers).toHaveLength(2);
    await open.close();
    await careless.stop();
    expect(redis.dangers).toEqual([]);
  });
});
