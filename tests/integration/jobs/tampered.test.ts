import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { decide } from '../../../src/domain/decide.ts';
import { workOrders } from '../../../src/domain/work.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { startWorkers } from '../../../src/jobs/workers.ts';
import { keys } from '../../../src/store/keys.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Queues } from '../../../src/store/queues.ts';
import { testJournal } from '../../helpers/sealing.ts';
import { digest, people, storyAt } from '../../helpers/story.ts';

let server: Redis;
let redis: OpenRedis;
let log: Log;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
  log = new Log(redis.store, testJournal(redis.store), Date.now, async () => undefined);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

it('a log that was forged is for people at the first try: what was found, and what to do that helps', async () => {
  const asked = { system: 'sac', title: 'SAC agent', hosts: 3, version: 'v0.1.0', variant: 'normal', channel: '#inc', answers: {} };
  const { id } = await log.create({ key: 'one', by: people.requester, ...asked });
  await log.observe(id, '', [{ type: 'planned', digest, outline: storyAt('waiting').outline }]);
  const state = await log.decide(id, (now, at) => decide(now, { type: 'approve', by: people.approver, isApprover: true, digest }, at));
  await redis.store.lset(keys.log(id), 1, ((await redis.store.lindex(keys.log(id), 1)) ?? '').replace('SAC agent', 'SAC agenT'));
  const failures = vi.fn();
  const logger = { ...pino({ level: 'silent' }), info: () => undefined, warn: () => undefined, error: failures };
  const workers = startWorkers({ log, logger, mask: (text: string) => text, now: Date.now } as unknown as Context, redis.queues);
  const queues = new Queues(redis.queues);
  try {
    if (!('status' in state)) throw new Error('not approved');
    const phase = workOrders(state, Date.now()).filter(({ queue }) => queue === 'phase');
    expect(phase).toHaveLength(1);
    await queues.add(phase, Date.now());
    await vi.waitFor(async () => expect((await log.load(id))?.status).toBe('trouble'), { timeout: 10_000, interval: 20 });
    expect(failures).toHaveBeenCalledTimes(1);
    const told = (await log.events(id)).findLast(({ type }) => type === 'trouble');
    expect(told).toMatchObject({
      what: expect.stringMatching(
        /^Somebody without the audit key .*entry 2 \(planned\).*“rollback verify sac-1”, look at the hosts, then Leave as is\.$/s,
      ),
    });
    await vi.waitFor(async () => expect((await queues.counts()).phase).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }));
  } finally {
    await queues.close();
    await workers.close();
  }
});
