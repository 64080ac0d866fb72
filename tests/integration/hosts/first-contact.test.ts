import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Host, HostAddress, HostError, Hosts } from '../../../src/domain/host.ts';
import { quote, sh } from '../../../src/domain/sh.ts';
import { type HostsOptions, openHosts } from '../../../src/hosts/hosts.ts';
import { type Sshd, startSshd } from '../../helpers/sshd.ts';

let sshd: Sshd;
const opened: Hosts[] = [];

beforeAll(async () => {
  sshd = await startSshd((dir) => `HostCertificate ${dir}/host_key-cert.pub`);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
});
afterAll(() => sshd.stop());

const file = (name: string): string => join(sshd.dir, name);
const keygen = (...args: string[]): string => execFileSync('ssh-keygen', ['-q', ...args], { encoding: 'utf8' });
const warned: object[] = [];
const logger = { info: () => undefined, warn: (details: object) => void warned.push(details) };

function connect(more: Partial<HostsOptions>, address: HostAddress = sshd.address): Host {
  const hosts = openHosts({ privateKeyFile: sshd.privateKeyFile, knownHostsFile: sshd.knownHostsFile, storeDir: sshd.storeDir, logger, ...more });
  opened.push(hosts);
  return hosts.get(address);
}
const failure = (host: Host): Promise<HostError> =>
  host.identity().then(
    () => expect.fail('it connected'),
    (error: HostError) => error,
  );

describe('the first contact with a host', () => {
  test('is refused unless it is asked for; then its key is written down, said in the log, and from then on the only one', async () => {
    const knownHostsFile = file('new/known_hosts');
    expect(await failure(connect({ knownHostsFile }))).toMatchObject({ code: 'host-key-unknown' });
    const { hostKey } = await connect({ knownHostsFile, acceptNew: true }).identity();
    expect(hostKey).toBe(sshd.hostKeyFingerprint);
    expect(readFileSync(knownHostsFile, 'utf8')).toBe(
      `[127.0.0.1]:${sshd.port} ${readFileSync(file('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')}\n`,
    );
    expect(statSync(knownHostsFile).mode & 0o777).toBe(0o600);
    expect(warned).toEqual([{ host: 'test-1', hostKey: sshd.hostKeyFingerprint, file: knownHostsFile }]);
    expect(await connect({ knownHostsFile }).identity()).toBeTruthy();
    const rebuilt = await startSshd();
    try {
      writeFileSync(knownHostsFile, readFileSync(knownHostsFile, 'utf8').replace(`:${sshd.port} `, `:${rebuilt.port} `));
      const other = connect({ knownHostsFile, acceptNew: true, privateKeyFile: rebuilt.privateKeyFile }, rebuilt.address);
      expect(await failure(other)).toMatchObject({ code: 'host-key-changed' });
    } finally {
      await rebuilt.stop();
    }
    expect(warned).toHaveLength(1);
  });

  test('a file without a last line break keeps its last line; one that cannot be written trusts nobody', async () => {
    const knownHostsFile = file('no-break');
    writeFileSync(knownHostsFile, '192.0.2.1 ssh-ed25519 AAAA');
    expect(await connect({ knownHostsFile, acceptNew: true }).identity()).toBeTruthy();
    expect(readFileSync(knownHostsFile, 'utf8')).toMatch(/^192\.0\.2\.1 ssh-ed25519 AAAA\n\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/);
    const nowhere = await failure(connect({ knownHostsFile: '/proc/known_hosts', acceptNew: true }));
    expect(nowhere).toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining('cannot be written to /proc/known_hosts') });
  });

  test('a file that cannot be read is no file without the host', async () => {
    const error = await failure(connect({ knownHostsFile: sshd.dir, acceptNew: true }));
    expect(error).toMatchObject({ code: 'host-key-unknown' });
  });

  test('a key that was revoked is refused, asked for or not', async () => {
    writeFileSync(file('only-revoked'), `@revoked * ${readFileSync(file('host_key.pub'), 'utf8')}`);
    const error = await failure(connect({ knownHostsFile: file('only-revoked'), acceptNew: true }));
    expect(error).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining('@revoked') });
  });
});

describe('a host with a certificate', () => {
  test('is not trusted for its authority: that is said; OpenSSH does, so the certificate is right', async () => {
    keygen('-t', 'ed25519', '-N', '', '-f', file('ca'));
    keygen('-s', file('ca'), '-h', '-I', 'test', '-n', '127.0.0.1', '-V', '+1h', file('host_key.pub'));
    await sshd.restart();
    writeFileSync(file('authority'), `@cert-authority * ${readFileSync(file('ca.pub'), 'utf8')}`);
    const known = ['-o', `UserKnownHostsFile=${file('authority')}`, '-o', 'GlobalKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=yes'];
    const args = ['-F', '/dev/null', '-o', 'BatchMode=yes', ...known, '-i', sshd.privateKeyFile, '-p', String(sshd.port), '127.0.0.1', 'echo in'];
    expect(execFileSync('ssh', args, { encoding: 'utf8' })).toBe('in\n');
    for (const acceptNew of [false, true]) {
      const error = await failure(connect({ knownHostsFile: file('authority'), acceptNew }));
      expect(error).toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining('cannot check host certificates') });
      expect(error.advice).toContain(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ${file('authority')}`);
    }
    appendFileSync(file('authority'), readFileSync(sshd.knownHostsFile));
    expect((await connect({ knownHostsFile: file('authority') }).identity()).hostKey).toBe(sshd.hostKeyFingerprint);
  });
});

describe('keys of every form', () => {
  const authorize = (name: string): void => appendFileSync(file('authorized_keys'), keygen('-y', '-f', file(name)));

  test.each([
    ['rsa.pem, as a cloud gives it', ['genrsa', '-traditional', '-out', 'rsa.pem', '2048'], 'rsa.pem'],
    ['rsa in PKCS#8', ['genrsa', '-out', 'rsa8.pem', '2048'], 'rsa8.pem'],
    ['ecdsa in PKCS#8', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'ec8.pem'], 'ec8.pem'],
  ])('%s', async (_, args, name) => {
    execFileSync('openssl', args, { cwd: sshd.dir, stdio: 'ignore' });
    execFileSync('chmod', ['600', file(name)]);
    authorize(name);
    expect(await connect({ privateKeyFile: file(name) }).identity()).toBeTruthy();
  });

  test('encrypted in PKCS#8, with its passphrase; without it, and with another, that is what is said', async () => {
    execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-aes256', '-pass', 'pass:opensesame', '-out', 'locked8.pem'], {
      cwd: sshd.dir,
      stdio: 'ignore',
    });
    execFileSync('chmod', ['600', file('locked8.pem')]);
    appendFileSync(file('authorized_keys'), keygen('-y', '-P', 'opensesame', '-f', file('locked8.pem')));
    expect(await connect({ privateKeyFile: file('locked8.pem'), passphrase: 'opensesame' }).identity()).toBeTruthy();
    for (const passphrase of [undefined, 'closesesame']) {
      const error = await failure(connect({ privateKeyFile: file('locked8.pem'), ...(passphrase && { passphrase }) }));
      expect(error).toMatchObject({ code: 'login-refused', advice: expect.stringContaining('passphrase') });
      expect(`${error.message}${error.advice}`).not.toContain('sesame');
    }
  });

  test('a public key in its place is named', async () => {
    const error = await failure(connect({ privateKeyFile: `${sshd.privateKeyFile}.pub` }));
    expect(error).toMatchObject({ code: 'login-refused', message: expect.stringContaining('it is a public key') });
  });
});

/** The environment with which sshd started each shell above this one, before anything of ours changed it. */
const sessionEnvironment = sh`p=$$; while read -r name < /proc/$p/comm && [ "$name" != sshd ]; do tr '\\0' '\\n' < /proc/$p/environ; p=$(cut -d' ' -f4 /proc/$p/stat); done`;

describe("the bot's agent", () => {
  test('is used to log in and is lent to no host', async () => {
    const socket = file('agent');
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' }))?.[1]);
    try {
      execFileSync('ssh-add', ['-q', sshd.privateKeyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      const hosts = openHosts({ knownHostsFile: sshd.knownHostsFile, agentSocket: socket, storeDir: sshd.storeDir });
      opened.push(hosts);
      const [ours] = await hosts.get(sshd.address).read([sessionEnvironment]);
      expect(ours?.stdout).toContain(`HOME=${sshd.home}`);
      expect(ours?.stdout).not.toContain('SSH_AUTH_SOCK');
      // sshd would have lent it: OpenSSH, told to, gets it there.
      const known = ['-o', `UserKnownHostsFile=${sshd.knownHostsFile}`, '-o', 'BatchMode=yes', '-i', sshd.privateKeyFile];
      const args = ['-F', '/dev/null', '-A', ...known, '-p', String(sshd.port), '127.0.0.1', `sh -c ${quote(sessionEnvironment)}`];
      expect(execFileSync('ssh', args, { encoding: 'utf8', env: { ...process.env, SSH_AUTH_SOCK: socket } })).toContain('SSH_AUTH_SOCK=');
    } finally {
      process.kill(pid);
    }
  });
});
