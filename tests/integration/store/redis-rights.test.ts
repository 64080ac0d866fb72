import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis as Client } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { prefix } from '../../../src/store/keys.ts';
import { openRedis } from '../../../src/store/open.ts';
import { connectQueues } from '../../../src/store/redis.ts';
import { aclLine } from './acl.ts';

let dir: string;
let redis: Redis;
let admin: Client;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollback-acl-'));
  writeFileSync(
    join(dir, 'users.acl'),
    [
      'user default off',
      'user admin on >boss ~* &* +@all',
      aclLine('right-one'),
      aclLine('p@ss/w:rd', 'odd'),
      aclLine('p', 'half', '-zpopmin', '-xadd', '-eval'),
      aclLine('p', 'elsewhere', 'resetkeys', '~other*'),
      aclLine('p', 'silent', '-config|get'),
      aclLine('p', 'mute', '-ping'),
      '',
    ].join('\n'),
  );
  redis = await startRedis({ args: ['--aclfile', join(dir, 'users.acl')] });
  admin = new Client(redis.url.replace('//', '//admin:boss@'));
});
afterAll(async () => {
  admin?.disconnect();
  await redis?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const as = (user: string, password: string): string => redis.url.replace('//', `//${user}:${password}@`);
const denied = async (): Promise<unknown[]> => (await admin.call('ACL', 'LOG')) as unknown[];

describe('a user of Redis with rights of its own', () => {
  it('those of docs/operate.md are enough: nothing is denied, and nothing stays of what was tried', async () => {
    const open = await openRedis(as('bot', 'right-one'));
    expect(open.dangers).toEqual([]);
    await open.close();
    expect(await denied()).toEqual([]);
    await expect.poll(() => admin.keys('*'), { timeout: 15_000 }).toEqual([]);
  });

  it('and for the queues: jobs at once, delayed, failing and tried again, on a timer, and taken over', async () => {
    const connection = connectQueues(as('bot', 'right-one'));
    const queue = new Queue('try', { connection, prefix });
    const done: string[] = [];
    const worker = new Worker(
      'try',
      async (job) => {
        if (job.name === 'fails' && job.attemptsMade === 0) throw new Error('once');
        done.push(job.name);
      },
      { connection, prefix, lockDuration: 1000, stalledInterval: 200 },
    );
    worker.on('error', () => undefined);
    await queue.add('now', {}, { jobId: 'sac-1.now', removeOnComplete: true });
    await queue.add('later', {}, { jobId: 'sac-1.later', delay: 300 });
    await queue.add('fails', {}, { attempts: 3, backoff: { type: 'fixed', delay: 100 } });
    await queue.upsertJobScheduler('all', { every: 500 }, { name: 'timer', data: {}, opts: { removeOnComplete: true } });
    await expect.poll(() => done.filter((name) => name === 'timer').length, { timeout: 20_000 }).toBeGreaterThan(1);
    await expect.poll(() => [...new Set(done)].sort(), { timeout: 10_000 }).toEqual(['fails', 'later', 'now', 'timer']);
    await worker.close();
    await queue.obliterate({ force: true });
    await queue.close();
    connection.disconnect();
    expect(await denied()).toEqual([]);
  });

  it('a password of signs that mean something in an address', async () => {
    await (await openRedis(as('odd', encodeURIComponent('p@ss/w:rd')))).close();
  });

  it('a right that is missing is named, before anything else is begun', async () => {
    await expect(openRedis(as('half', 'p'))).rejects.toMatchObject({
      message: expect.stringMatching(/does not let its user “half” use the commands eval, xadd, zpopmin \(NOPERM\)$/),
      advice: expect.stringContaining('docs/operate.md'),
    });
  });

  it('keys that are not ours are named too', async () => {
    await expect(openRedis(as('elsewhere', 'p'))).rejects.toMatchObject({ message: expect.stringContaining('keys that begin with {bot} (NOPERM)') });
  });

  it('not even ping', async () => {
    await expect(openRedis(as('mute', 'p'))).rejects.toMatchObject({
      message: expect.stringContaining('NOPERM'),
      advice: expect.stringContaining('right'),
    });
  });

  it('settings that it does not show are no reason to refuse, but said', async () => {
    const open = await openRedis(as('silent', 'p'));
    await open.close();
    expect(open.dangers).toEqual([expect.stringContaining('does not show its settings')]);
  });

  it('a wrong password, and nobody of that name', async () => {
    for (const url of [as('bot', 'wrong-one'), as('nobody', 'right-one'), redis.url])
      await expect(openRedis(url)).rejects.toMatchObject({
        message: expect.stringMatching(/refuses: (WRONGPASS|NOAUTH)/),
        advice: 'Check the user and the password in REDIS_URL.',
      });
  });
});
