import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { redisDangers } from '../../../src/store/dangers.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';

let redis: Redis;
let open: OpenRedis;
beforeEach(async () => {
  redis = await startRedis();
  open = await openRedis(redis.url);
});
afterEach(async () => {
  await open.close();
  await redis.stop();
});

const set = (name: string, value: string): Promise<unknown> => open.store.config('SET', name, value);
const dangers = (): Promise<string[]> => redisDangers(open.store);

describe('what of Redis can lose data is named, also when somebody changes it while it runs', () => {
  it('nothing as it should be', async () => expect(await dangers()).toEqual([]));

  it.each([
    ['appendfsync', 'no', /loses half a minute of decisions: set "appendfsync always"/],
    ['appendfsync', 'everysec', /loses up to a second of decisions: set "appendfsync always"/],
    ['appendonly', 'no', /keeps no append-only file, so a restart loses rollbacks: set "appendonly yes"/],
    ['maxmemory-policy', 'allkeys-lru', /may evict what a rollback knows \(allkeys-lru\): set "maxmemory-policy noeviction"/],
  ])('%s %s', async (name, value, said) => {
    await set(name, value);
    expect(await dangers()).toEqual([expect.stringMatching(said)]);
  });

  it('only snapshots', async () => {
    await set('appendonly', 'no');
    await set('save', '3600 1');
    expect(await dangers()).toEqual([expect.stringContaining('only snapshots (save 3600 1), so a restart loses what came after the last')]);
  });

  it('memory that is nearly full', async () => {
    const used = Number(/used_memory:(\d+)/.exec(await open.store.info('memory'))?.[1]);
    await set('maxmemory', String(Math.round(used * 1.1)));
    expect(await dangers()).toEqual([expect.stringMatching(/^Redis uses (8|9)\d % of its memory and refuses every write when it is full/)]);
    await set('maxmemory', String(used * 10));
    expect(await dangers()).toEqual([]);
  });

  it('a Redis that hangs: within two seconds, rejected', async () => {
    const pid = Number(/process_id:(\d+)/.exec(await open.store.info('server'))?.[1]);
    process.kill(pid, 'SIGSTOP');
    try {
      const begunAt = performance.now();
      await expect(dangers()).rejects.toThrow();
      expect(performance.now() - begunAt).toBeLessThan(2500);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
