import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sshCommand } from '../../../src/releases/ssh.ts';
import { type Sshd, startSshd } from '../../helpers/sshd.ts';

const run = promisify(execFile);
let sshd: Sshd;
const file = (name: string): string => join(sshd.dir, name);

beforeAll(async () => {
  sshd = await startSshd();
  await run('git', ['init', '--quiet', '--bare', file('repository.git')]);
  mkdirSync(file("it's a 100% dir"));
  writeFileSync(file("it's a 100% dir/known_hosts"), readFileSync(sshd.knownHostsFile));
  writeFileSync(file("it's a 100% dir/key"), readFileSync(sshd.privateKeyFile), { mode: 0o600 });
});
afterAll(() => sshd.stop());

/** Asks for the repository as the mirror does; answers what git complains of, or nothing. */
function asked(knownHostsFile: string, acceptNew: boolean, keyFile = sshd.privateKeyFile): Promise<string> {
  const env = { ...process.env, GIT_SSH_COMMAND: sshCommand({ keyFile, knownHostsFile, acceptNew }), GIT_TERMINAL_PROMPT: '0' };
  const url = `ssh://${sshd.address.user}@127.0.0.1:${sshd.port}${file('repository.git')}`;
  return run('git', ['ls-remote', url], { env, cwd: '/' }).then(
    () => '',
    (error: { stderr: string }) => error.stderr,
  );
}

test('a git server is held to known_hosts as hosts are: first contact only where that is asked for, and never another key', async () => {
  expect(await asked(file('new'), false)).toContain('Host key verification failed');
  expect(await asked(file('new'), true)).toBe('');
  expect(await asked(file('new'), false)).toBe('');
  const other = readFileSync(file('user_key.pub'), 'utf8');
  writeFileSync(file('changed'), `[127.0.0.1]:${sshd.port} ${other}`);
  for (const acceptNew of [true, false]) expect(await asked(file('changed'), acceptNew)).toContain('Host key verification failed');
});

test('files may have names of any sort', async () => {
  expect(await asked(file("it's a 100% dir/known_hosts"), false, file("it's a 100% dir/key"))).toBe('');
});

test('relative files are those of the directory in which the bot was started', () => {
  expect(sshCommand({ keyFile: 'ssh/id', knownHostsFile: 'ssh/known_hosts', acceptNew: false })).toContain(`IdentityFile="${process.cwd()}/ssh/id"`);
});
