import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { KeptOutput } from '../../../src/domain/output.ts';
import { keys } from '../../../src/store/keys.ts';
import { openRedis } from '../../../src/store/open.ts';
import { Outputs } from '../../../src/store/outputs.ts';
import { type Sshd, startSshd } from '../../helpers/sshd.ts';
import type { BigOrder, BigReport } from './big-output-child.ts';

const secret = 'correct-horse-battery-staple';
const line = 'x'.repeat(98);
const mostGrowthKiB = 64 * 1024;

let sshd: Sshd;
let redis: Redis;
beforeAll(async () => {
  [sshd, redis] = await Promise.all([startSshd(), startRedis()]);
});
afterAll(() => Promise.all([sshd?.stop(), redis?.stop()]));

/** A process of its own: what it grows by is the output's doing. `begun` is called when the big step's first output is there. */
async function inChild(bytes: number, maxOutputBytes: number, begun: () => void = () => undefined): Promise<BigReport> {
  const storeDir = join(sshd.dir, `store-${bytes}`);
  const reach = { knownHostsFile: sshd.knownHostsFile, privateKeyFile: sshd.privateKeyFile, storeDir };
  const order: BigOrder = { address: sshd.address, reach, redisUrl: redis.url, line, bytes, maxOutputBytes, secret };
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'big-output-child.ts'), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  for await (const text of createInterface(child.stdout)) if (said.push(text) === 2) begun();
  const report = JSON.parse(said.at(-1) ?? '{}') as BigReport;
  console.info(`${bytes} bytes in ${report.tookMs} ms; peak memory ${report.beforeKiB} KiB before, ${report.peakKiB} KiB after`);
  return report;
}

async function kept(): Promise<KeptOutput> {
  const open = await openRedis(redis.url);
  try {
    return await new Outputs(open.store).load('sac-1', 'print@prod-1', 1);
  } finally {
    await open.close();
  }
}

/** Bytes that the step printed, and what is to be kept of them. */
function expected(bytes: number): { printed: number; head: string; tail: string } {
  const lines = `${line}\n`.repeat(500);
  const last = lines + line.slice(0, bytes % 99);
  return {
    printed: bytes + `begin ${secret}\nend ${secret}\n`.length,
    head: `begin •••\n${lines}`.slice(0, 8192),
    tail: `${last}end •••\n`.slice(-16_384),
  };
}

test('1 GiB: memory does not grow with it, head and tail are right, and every byte that is left out is counted', async () => {
  const bytes = 2 ** 30;
  const { answer, beforeKiB, peakKiB } = await inChild(bytes, 2 ** 20);
  const { printed, head, tail } = expected(bytes);
  expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, outputBytes: printed });
  const output = await kept();
  expect(output.head).toBe(head);
  expect(output.tail).toBe(tail);
  // What is kept and what is left out together are what was printed, with dots in the place of both secrets.
  const masked = printed + 2 * (Buffer.byteLength('•••') - secret.length);
  expect(Buffer.byteLength(head) + output.leftOutBytes + Buffer.byteLength(tail)).toBe(masked);
  expect(statSync(join(sshd.dir, `store-${bytes}`, 'steps', 'big.out')).size).toBe(2 ** 20);
  expect(peakKiB - beforeKiB).toBeLessThan(mostGrowthKiB);
}, 240_000);

test('128 MiB that all come over, with the connection lost on the way: nothing grows, and nothing is lost', async () => {
  const bytes = 2 ** 27;
  const { answer, beforeKiB, peakKiB } = await inChild(bytes, 2 ** 28, () => {
    sshd.killSessions();
    setTimeout(() => sshd.killSessions(), 600);
  });
  const { printed, head, tail } = expected(bytes);
  expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, outputBytes: printed });
  expect(await kept()).toMatchObject({ head, tail });
  // About 70 MiB, and as much for 512 MiB: strings that are not collected yet.
  expect(peakKiB - beforeKiB).toBeLessThan(96 * 1024);
}, 240_000);

test('what was kept before outputs had a beginning and an end is read', async () => {
  const open = await openRedis(redis.url);
  try {
    const outputs = new Outputs(open.store);
    await open.store.hset(keys.output('sac-9'), keys.outputField('print@prod-1', 1), 'as it was kept then\n');
    expect(await outputs.load('sac-9', 'print@prod-1', 1)).toEqual({ head: 'as it was kept then\n', leftOutBytes: 0, tail: '' });
    expect(await outputs.load('sac-9', 'print@prod-1', 2)).toEqual({ head: '', leftOutBytes: 0, tail: '' });
    await outputs.save('sac-9', 'print@prod-1', 2, { head: 'one\n', leftOutBytes: 5, tail: 'ö\0\n' });
    expect(await outputs.load('sac-9', 'print@prod-1', 2)).toEqual({ head: 'one\n', leftOutBytes: 5, tail: 'ö\0\n' });
  } finally {
    await open.close();
  }
});
