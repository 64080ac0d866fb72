import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis as Client } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { startRedis } from '../../../lab/setup/redis.ts';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));

test('what was answered is there after kill -9 and restart, and stop leaves nothing', async () => {
  const redis = await startRedis();
  try {
    await asking(redis.url, async (client) => {
      for (let i = 0; i < 200; i++) await client.set(`key-${i}`, String(i));
    });
    await redis.kill9();
    await expect(exec('redis-cli', ['-p', String(redis.port), 'ping'])).rejects.toThrow();
    await redis.restart();
    await asking(redis.url, async (client) => {
      expect(await client.dbsize()).toBe(200);
      expect(await client.get('key-199')).toBe('199');
      expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
      expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    });
  } finally {
    await redis.stop();
  }
  expect(existsSync(redis.dir)).toBe(false);
});

test('two run side by side without seeing each other', async () => {
  const [one, two] = await Promise.all([startRedis(), startRedis({ appendonly: false })]);
  try {
    await asking(one.url, (client) => client.set('here', '1'));
    await asking(two.url, async (client) => {
      expect(await client.get('here')).toBeNull();
      expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
    });
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
});

test('it ends with the process that started it, even when that one is killed', async () => {
  const source =
    "import('./lab/setup/redis.ts').then((m) => m.startRedis()).then((r) => { console.log(r.port, r.dir); setInterval(() => {}, 1e6); });";
  const parent = spawn(process.execPath, ['--import', 'tsx', '-e', source], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const [port = '', dir = ''] = line.toString().trim().split(' ');
  await exec('redis-cli', ['-p', port, 'ping']);
  parent.kill('SIGKILL');
  await vi.waitFor(async () => await expect(exec('redis-cli', ['-p', port, 'ping'])).rejects.toThrow(), { timeout: 5000 });
  await vi.waitFor(() => expect(existsSync(dir)).toBe(false), { timeout: 5000 });
});

async function asking<T>(url: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}
