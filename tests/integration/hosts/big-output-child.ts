import { readFileSync } from 'node:fs';
import type { ReceiptAnswer } from '../../../src/domain/host.ts';
import { sh } from '../../../src/domain/sh.ts';
import { type HostsOptions, openHosts } from '../../../src/hosts/hosts.ts';
import { MaskedOutput, streamMasker } from '../../../src/mask.ts';
import { openRedis } from '../../../src/store/open.ts';
import { Outputs } from '../../../src/store/outputs.ts';

/** What the test hands over as JSON in the first argument. */
export interface BigOrder {
  readonly address: { readonly name: string; readonly address: string; readonly port: number; readonly user: string };
  readonly reach: HostsOptions;
  readonly redisUrl: string;
  /** Printed again and again, so many bytes of it in all. */
  readonly line: string;
  readonly bytes: number;
  readonly maxOutputBytes: number;
  /** Printed first and last. */
  readonly secret: string;
}

/** What is printed for the test; before it, a line of `begun` with the first output. */
export interface BigReport {
  readonly answer: ReceiptAnswer;
  readonly beforeKiB: number;
  readonly peakKiB: number;
  readonly tookMs: number;
}

const peakKiB = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

const { address, reach, redisUrl, line, bytes, maxOutputBytes, secret } = JSON.parse(process.argv[2] ?? '') as BigOrder;
const redis = await openRedis(redisUrl);
const outputs = new Outputs(redis.store);
const hosts = openHosts(reach);
const host = hosts.get(address);
const { bootId, storeId } = await host.identity();
const base = { rollback: 'sac-1', token: '000000000001', bootId, storeId, resumed: false, timeoutMs: 300_000, maxOutputBytes };
const { signal } = new AbortController();

async function run(key: string, command: ReturnType<typeof sh>): Promise<ReceiptAnswer> {
  const output = new MaskedOutput(streamMasker([secret])());
  let hasBegun = false;
  const answer = await host.run(
    { ...base, key, command },
    (text, leftOut) => {
      output.add(text, leftOut);
      if (!hasBegun) process.stdout.write('begun\n');
      hasBegun = true;
    },
    signal,
  );
  await outputs.save('sac-1', 'print@prod-1', 1, output.end());
  return answer;
}

// What any step needs is needed before the figure is taken.
await run('warm', sh`echo warm`);
const beforeKiB = peakKiB();
const from = performance.now();
const answer = await run('big', sh`echo begin ${secret}; yes ${line} | head -c ${bytes}; echo end ${secret}`);
const report: BigReport = { answer, beforeKiB, peakKiB: peakKiB(), tookMs: Math.round(performance.now() - from) };
process.stdout.write(`${JSON.stringify({ ...report, answer: { ...answer, tail: '' } })}\n`);
await hosts.close();
await redis.close();
