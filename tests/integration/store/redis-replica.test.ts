import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { fieldsOf, replicated } from '../../../src/store/redis.ts';

let primary: Redis;
let replica: Redis;
let open: OpenRedis;
beforeEach(async () => {
  primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0', '--repl-timeout', '60'] });
  open = await openRedis(primary.url);
});
afterEach(async () => {
  await open?.close();
  await replica?.stop();
  await primary?.stop();
});

async function startReplica(): Promise<number> {
  replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const isOnline = async (): Promise<boolean> => (await open.store.info('replication')).includes('state=online');
  await expect.poll(isOnline, { timeout: 20_000, interval: 50 }).toBe(true);
  const itself = await openRedis(replica.url);
  const pid = Number(fieldsOf(await itself.store.info('server')).process_id);
  expect(itself.dangers).toEqual([
    `This Redis is a replica of 127.0.0.1:${primary.port}, so nothing can be written to it: set REDIS_URL to the primary.`,
  ]);
  await itself.close();
  return pid;
}

it('without a replica there is nothing to wait for', async () => {
  await open.store.set('{bot}:x', '1');
  expect(await replicated(open.store)).toBe(true);
});

it('waits for a replica, and says when it does not confirm within a second', async () => {
  const pid = await startReplica();
  await open.store.set('{bot}:x', '1');
  const begunAt = performance.now();
  expect(await replicated(open.store)).toBe(true);
  console.log(`a replica confirmed after ${Math.round(performance.now() - begunAt)} ms`);
  process.kill(pid, 'SIGSTOP');
  try {
    await open.store.set('{bot}:x', '2');
    const waitedAt = performance.now();
    expect(await replicated(open.store)).toBe(false);
    expect(performance.now() - waitedAt).toBeGreaterThan(900);
    expect(performance.now() - waitedAt).toBeLessThan(1900);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect.poll(() => replicated(open.store), { timeout: 10_000 }).toBe(true);
});
