import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Host, HostAddress, HostError, Hosts } from '../../../src/domain/host.ts';
import { sh } from '../../../src/domain/sh.ts';
import { openHosts } from '../../../src/hosts/hosts.ts';
import { freePort, type Sshd, startSshd } from '../../helpers/sshd.ts';

let bastion: Sshd;
let inner: Sshd;
const opened: Hosts[] = [];
const log: string[] = [];
const logger = {
  info: (details: object, message: string) => void log.push(`${message} ${(details as { host?: string }).host}`),
  warn: () => undefined,
};

beforeAll(async () => {
  [bastion, inner] = await Promise.all([startSshd(), startSshd()]);
  // One key logs in at both, as the bot's does.
  writeFileSync(join(bastion.dir, 'authorized_keys'), readFileSync(join(inner.dir, 'authorized_keys')));
  writeFileSync(join(inner.dir, 'both'), readFileSync(inner.knownHostsFile, 'utf8') + readFileSync(bastion.knownHostsFile, 'utf8'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
  log.length = 0;
});
afterAll(async () => {
  await Promise.all([bastion.stop(), inner.stop()]);
});

const jump = (): HostAddress => ({ ...bastion.address, name: 'bastion' });
const behind = (more: Partial<HostAddress> = {}): HostAddress => ({ ...inner.address, name: 'inner', jump: jump(), ...more });
function open(knownHostsFile = join(inner.dir, 'both')): Hosts {
  const hosts = openHosts({ knownHostsFile, privateKeyFile: inner.privateKeyFile, storeDir: inner.storeDir, logger, connectTimeoutMs: 3000 });
  opened.push(hosts);
  return hosts;
}
const failure = (host: Host): Promise<HostError> =>
  host.identity().then(
    () => expect.fail('it connected'),
    (error: HostError) => error,
  );

test('hosts behind one jump host share one connection to it, and both keys are verified', async () => {
  const hosts = open();
  const [one, two] = [hosts.get(behind()), hosts.get(behind({ name: 'inner-2' }))];
  const [first, second] = await Promise.all([one.identity(), two.identity()]);
  expect([first.hostKey, second.hostKey]).toEqual([inner.hostKeyFingerprint, inner.hostKeyFingerprint]);
  expect(log.filter((line) => line === 'connected to a host bastion')).toHaveLength(1);
  expect(inner.sessions().length).toBeGreaterThan(0);
  expect(hosts.get(behind())).toBe(one);
  expect(hosts.get(inner.address)).not.toBe(one);
});

test('the same address by another way, or with another pin, is another connection', () => {
  const hosts = open();
  const all = [behind(), behind({ keys: ['SHA256:a'] }), behind({ jump: { ...jump(), user: 'other' } }), inner.address].map((at) => hosts.get(at));
  expect(new Set(all).size).toBe(4);
});

test('a jump host whose key is not known, or another than the pinned one, is not gone over', async () => {
  const unknown = await failure(open(inner.knownHostsFile).get(behind()));
  expect(unknown).toMatchObject({
    code: 'host-key-unknown',
    message: expect.stringMatching(/^on the way to inner: the host key of \S+ port \d+ \(bastion\)/),
  });
  const pinned = await failure(open().get(behind({ jump: { ...jump(), keys: [inner.hostKeyFingerprint] } })));
  expect(pinned).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining(bastion.hostKeyFingerprint) });
  expect(inner.sessions()).toEqual([]);
});

test('the key of the host behind it is verified as any: the jump host cannot stand in for it', async () => {
  const error = await failure(open(bastion.knownHostsFile).get(behind()));
  expect(error).toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining(inner.hostKeyFingerprint) });
  // As a bastion would that sends us elsewhere: at the pinned host's address another answers.
  const elsewhere = await failure(open().get(behind({ port: bastion.port, keys: [inner.hostKeyFingerprint] })));
  expect(elsewhere).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining(bastion.hostKeyFingerprint) });
});

test('nobody listens behind it; nobody answers; it is not there itself', async () => {
  const refused = await failure(open().get(behind({ port: await freePort() })));
  expect(refused).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('bastion cannot connect to it') });
  expect(refused.advice).toContain(`-J ${bastion.address.user}@127.0.0.1:${bastion.port}`);
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const mute = await failure(open().get(behind({ port: (silent.address() as { port: number }).port })));
  silent.close();
  expect(mute).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('3000 ms') });
  const away = await failure(open().get(behind({ jump: { ...jump(), port: await freePort() } })));
  expect(away).toMatchObject({ code: 'host-unreachable', message: expect.stringMatching(/^on the way to inner: cannot reach .*bastion/) });
}, 20_000);

test('one that forbids forwarding is named, with the line to change', async () => {
  const closed = await startSshd(() => 'AllowTcpForwarding no');
  try {
    writeFileSync(join(closed.dir, 'authorized_keys'), readFileSync(join(inner.dir, 'authorized_keys')));
    writeFileSync(join(inner.dir, 'with-closed'), readFileSync(join(inner.dir, 'both'), 'utf8') + readFileSync(closed.knownHostsFile, 'utf8'));
    const error = await failure(open(join(inner.dir, 'with-closed')).get(behind({ jump: { ...closed.address, name: 'closed' } })));
    expect(error).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('forbids forwarding') });
    expect(error.advice).toContain('AllowTcpForwarding');
  } finally {
    await closed.stop();
  }
});

test('a step is followed to its end though the jump host loses all connections in its middle', async () => {
  const host = open().get(behind());
  const { bootId, storeId } = await host.identity();
  const order = {
    key: 'sac-1.jump.inner',
    rollback: 'sac-1',
    token: '000000000001',
    bootId,
    storeId,
    resumed: false,
    timeoutMs: 30_000,
    maxOutputBytes: 10_000,
  };
  const go = join(inner.dir, 'go');
  let told = '';
  const running = host.run(
    { ...order, command: sh`echo begin; while [ ! -e ${go} ]; do sleep 0.05; done; echo once >>${join(inner.dir, 'effects')}; echo end` },
    (text) => {
      told += text;
    },
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(told).toBe('begin\n'), { timeout: 5000 });
  bastion.killSessions();
  writeFileSync(go, '');
  expect(await running).toMatchObject({ kind: 'ended', exitCode: 0, tail: 'begin\nend\n' });
  expect(readFileSync(join(inner.dir, 'effects'), 'utf8')).toBe('once\n');
}, 30_000);

test('closing ends both connections, the one that is lost too', async () => {
  const hosts = open();
  await hosts.get(behind()).identity();
  bastion.killSessions();
  const startedMs = performance.now();
  await hosts.close();
  expect(performance.now() - startedMs).toBeLessThan(3000);
  await vi.waitFor(() => expect([...bastion.sessions(), ...inner.sessions()]).toEqual([]), { timeout: 5000 });
});
