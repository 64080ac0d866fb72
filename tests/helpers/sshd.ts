import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostAddress } from '../../src/domain/host.ts';

/** A real sshd of this test's own: its port, keys and directories are nobody else's, and `~/.ssh` is not touched. */
export interface Sshd {
  readonly address: HostAddress;
  readonly port: number;
  /** A temporary directory that `stop` removes. */
  readonly dir: string;
  /** What is `$HOME` for those who log in here: nobody's dotfiles are read, and nobody's home is written. */
  readonly home: string;
  /** A place for receipts outside of that home. */
  readonly storeDir: string;
  readonly privateKeyFile: string;
  readonly knownHostsFile: string;
  /** `SHA256:…` */
  readonly hostKeyFingerprint: string;
  /** Pids of the processes that serve logged-in connections. */
  sessions(): number[];
  /** Ends every logged-in connection the hard way: what a network failure looks like from here. */
  killSessions(): void;
  /** Ends it and its connections, keeps its directory, and starts it again on the same port. */
  restart(): Promise<void>;
  /** Ends it and its connections, keeps its directory. */
  halt(): Promise<void>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

const binary = '/usr/sbin/sshd';

/** Starts one as the current user, who can log in with `privateKeyFile`; `more`: lines of sshd_config that come first, and so win. Rejects when sshd is missing or does not listen. */
export async function startSshd(more: (dir: string) => string = () => ''): Promise<Sshd> {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: apt-get install openssh-server`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const dir = mkdtempSync(join(tmpdir(), 'rollback-sshd-'));
  const port = await freePort();
  const user = userInfo().username;
  const home = join(dir, 'home');
  mkdirSync(home);
  const hostKey = makeKey(dir, 'host_key');
  const userKey = makeKey(dir, 'user_key');
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${userKey}.pub`), { mode: 0o600 });
  writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
  writeFileSync(join(dir, 'sshd_config'), `${more(dir)}\n${configuration(dir, port)}`);
  let child = await listen(dir, port);
  const halt = async () => {
    const ended = new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(undefined)));
    for (const pid of descendants(child.pid)) kill(pid);
    child.kill('SIGKILL');
    await ended;
  };
  return {
    address: { name: 'test-1', address: '127.0.0.1', port, user },
    port,
    dir,
    home,
    storeDir: join(dir, 'store'),
    privateKeyFile: userKey,
    knownHostsFile: join(dir, 'known_hosts'),
    hostKeyFingerprint: execFileSync('ssh-keygen', ['-lf', `${hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '',
    sessions: () => descendants(child.pid),
    killSessions: () => descendants(child.pid).forEach(kill),
    async restart() {
      await halt();
      child = await listen(dir, port);
    },
    halt,
    async stop() {
      await halt();
      // The last step may be writing how it ended.
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

function makeKey(dir: string, name: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)]);
  return join(dir, name);
}

const configuration = (dir: string, port: number): string => `
ListenAddress 127.0.0.1
Port ${port}
HostKey ${dir}/host_key
PidFile none
AuthorizedKeysFile ${dir}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
AllowStreamLocalForwarding yes
SetEnv HOME=${dir}/home
MaxStartups 100
LogLevel ERROR
`;

async function listen(dir: string, port: number): Promise<ChildProcess> {
  const child = spawn(binary, ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  for (const deadline = Date.now() + 5000; Date.now() < deadline; ) {
    if (child.exitCode !== null) break;
    if (await answers(port)) return child;
    await delay(10);
  }
  child.kill('SIGKILL');
  throw new Error(`sshd does not listen on port ${port}: ${said}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** sshd's own processes for connections: descendants that are still called sshd, not what people run in them. */
function descendants(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const found = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const children = found.filter(([, parent, name]) => Number(parent) === pid && name?.startsWith('sshd')).map(([child]) => Number(child));
  return [...children, ...children.flatMap(descendants)];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
