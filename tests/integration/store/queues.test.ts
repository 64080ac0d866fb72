import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Redis as LabRedis, startRedis } from '../../../lab/setup/redis.ts';
import { prefix } from '../../../src/store/keys.ts';
import { Queues } from '../../../src/store/queues.ts';
import { connectQueues } from '../../../src/store/redis.ts';

let lab: LabRedis;
let connection: Redis;
let queues: Queues;
let announce: Queue;
let reconcile: Queue;
beforeAll(async () => {
  lab = await startRedis();
  connection = connectQueues(lab.url);
  queues = new Queues(connection);
  announce = new Queue('announce', { connection, prefix });
  reconcile = new Queue('reconcile', { connection, prefix });
});
afterAll(async () => {
  for (const queue of [queues, announce, reconcile]) await queue?.close();
  connection?.disconnect();
  await lab?.stop();
});

const jumpMs = 676_000;

/** Puts a job off by `delayMs`, by a clock that is `aheadMs` ahead. */
async function putOff(id: string, delayMs: number, aheadMs: number): Promise<{ queue: 'announce'; id: string; rollback: string }> {
  await announce.add('announce', { rollback: 'sac-1' }, { jobId: id, delay: delayMs, timestamp: Date.now() + aheadMs });
  return { queue: 'announce', id, rollback: 'sac-1' };
}

const stateOf = async (id: string): Promise<unknown> => (await announce.getJob(id))?.getState();

describe('jobs and clocks that jump', () => {
  it('a job put off by a clock that was ahead runs now; one that has its time to wait, waits', async () => {
    const late = await putOff('sac-1.announce.7', 1000, jumpMs);
    const right = await putOff('sac-1.announce.8', 60_000, 0);
    expect([await stateOf(late.id), await stateOf(right.id)]).toEqual(['delayed', 'delayed']);
    await queues.hurry([late, right, { queue: 'announce', id: 'sac-1.announce.9', rollback: 'sac-1' }], Date.now());
    expect([await stateOf(late.id), await stateOf(right.id)]).toEqual(['waiting', 'delayed']);
  });

  it('what says itself when it is due keeps its time', async () => {
    const order = await putOff('sac-1.wake.9', 1000, jumpMs);
    await queues.hurry([{ ...order, at: Date.now() + jumpMs }], Date.now());
    expect(await stateOf(order.id)).toBe('delayed');
  });
});

describe('the timer of reconcile', () => {
  it('adds one job however many processes do, again once that is done, and takes the place of the timer of earlier versions', async () => {
    await reconcile.upsertJobScheduler('reconcile-all', { every: 3_600_000 }, { name: 'reconcile', data: { rollback: '' } });
    const ends = [await queues.every('reconcile', 50), await queues.every('reconcile', 50)];
    expect(await reconcile.getJobSchedulersCount()).toBe(0);
    const ids = (await reconcile.getJobs(['waiting', 'delayed'])).map(({ id }) => id);
    expect(ids.filter((id) => !id?.startsWith('repeat:'))).toEqual(['reconcile-all']); // what the earlier timer has started already ends by itself
    const first = await reconcile.getJob('reconcile-all');
    await first?.remove();
    await expect.poll(async () => (await reconcile.getJob('reconcile-all'))?.timestamp).toBeGreaterThan(first?.timestamp ?? 0);
    for (const end of ends) await end();
    await (await reconcile.getJob('reconcile-all'))?.remove();
  });
});
