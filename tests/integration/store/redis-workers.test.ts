import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { keys } from '../../../src/store/keys.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Workers } from '../../../src/store/workers.ts';

let redis: Redis;
let open: OpenRedis;
let workers: Workers;
beforeAll(async () => {
  redis = await startRedis();
  open = await openRedis(redis.url);
  workers = new Workers(open.store);
});
afterAll(async () => {
  await open?.close();
  await redis?.stop();
});

/** As if the last sign of life had been given so long ago, by Redis' own clock. */
async function agedBy(name: string, ms: number): Promise<void> {
  const [seconds, micros] = await open.store.time();
  await open.store.zadd(keys.workers, String(Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) - ms), name);
}

it('a worker lives from its first sign until fifteen seconds after the last', async () => {
  expect(await workers.alive('a:1')).toBe(false);
  await workers.beat('a:1');
  expect(await workers.alive('a:1')).toBe(true);
  expect(await workers.alive('a:12')).toBe(false);
  await agedBy('a:1', 14_000);
  expect(await workers.alive('a:1')).toBe(true);
  await agedBy('a:1', 15_001);
  expect(await workers.alive('a:1')).toBe(false);
});

it('one that beats goes on by itself, and is gone at once when it ends in order; the dead do not pile up', async () => {
  await agedBy('old:1', 60_000);
  const end = workers.start('b:2');
  await expect.poll(() => workers.list()).toEqual(['b:2']);
  await agedBy('b:2', 14_000);
  await expect.poll(() => open.store.zscore(keys.workers, 'b:2').then(Number), { timeout: 8000 }).toBeGreaterThan(Date.now() - 5000);
  expect(await open.store.zrange(keys.workers, 0, '-1')).toEqual(['b:2']);
  await end();
  expect(await workers.list()).toEqual([]);
});
