import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import { afterAll, bench, describe } from 'vitest';
import { sh } from '../../src/domain/sh.ts';
import { openHosts } from '../../src/hosts/hosts.ts';
import { startSshd } from '../helpers/sshd.ts';

/** Thirty trivial steps, connecting included: what receipts cost over a shell that is fed step by step without them. */
const steps = 30;
const sshd = await startSshd();
afterAll(() => sshd.stop());
let round = 0;

describe(`${steps} trivial steps over one connection to sshd on loopback`, () => {
  bench('one shell fed step by step, no receipts', plain, { time: 5000 });
  bench('with receipts', receipts, { time: 5000 });
});

async function plain(): Promise<void> {
  const client = new ssh2.Client();
  client.on('connect', () => client.setNoDelay(true));
  await new Promise((resolve, reject) => {
    const access = { host: '127.0.0.1', port: sshd.port, username: sshd.address.user, privateKey: readFileSync(sshd.privateKeyFile) };
    client.once('ready', () => resolve(undefined)).once('error', reject);
    client.connect(access);
  });
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
    client.exec('exec /bin/sh', (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  channel.stderr.resume();
  for (let i = 0; i < steps; i += 1) {
    const ended = new Promise<void>((resolve) => {
      let said = '';
      const listen = (chunk: Buffer) => {
        said += chunk.toString();
        if (!said.includes(`END ${i} 0\n`)) return;
        channel.off('data', listen);
        resolve();
      };
      channel.on('data', listen);
    });
    channel.write(`(date) </dev/null; echo "END ${i} $?"\n`);
    await ended;
  }
  await new Promise((resolve) => client.once('close', () => resolve(undefined)).end());
}

async function receipts(): Promise<void> {
  const hosts = openHosts({ knownHostsFile: sshd.knownHostsFile, privateKeyFile: sshd.privateKeyFile, storeDir: sshd.storeDir });
  const host = hosts.get(sshd.address);
  const { bootId, storeId } = await host.identity();
  round += 1;
  const base = { rollback: 'sac-1', token: '000000000001', bootId, storeId, resumed: false, timeoutMs: 10_000, maxOutputBytes: 1_000_000 };
  for (let i = 0; i < steps; i += 1) {
    const answer = await host.run({ ...base, key: `r${round}.${i}`, command: sh`date` }, () => undefined, new AbortController().signal);
    if (answer.kind !== 'ended' || answer.exitCode !== 0) throw new Error(JSON.stringify(answer));
  }
  await hosts.close();
}
