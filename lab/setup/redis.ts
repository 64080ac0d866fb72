import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../hosts/ports.ts';

const START_LIMIT_MS = 20_000;
const PORT_TRIES = 5;

export interface RedisOptions {
  /** Where it keeps its data. A directory that is given stays after `stop`; without one, a temporary one is made and removed. */
  readonly dir?: string;
  /** Whether writes go to the append-only file; on by default. Off, a kill loses them, which the product must name. */
  readonly appendonly?: boolean;
  /** `always` (default): a write that was answered is on the disk. `everysec`: up to a second of writes can be lost. */
  readonly appendfsync?: 'always' | 'everysec';
  /** More of redis-server's own arguments: `['--min-replicas-to-write', '1']`. */
  readonly args?: readonly string[];
}

/** A redis-server of one's own on 127.0.0.1, which never evicts. It ends when this process ends, however that happens. */
export interface Redis {
  /** `redis://127.0.0.1:PORT`; the same after `restart`. */
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** kill -9: it ends without writing anything more. */
  kill9(): Promise<void>;
  /** Starts it again with the data that is there; one that runs is ended orderly first. */
  restart(): Promise<void>;
  /** Ends it and removes its temporary directory. May be called again. */
  stop(): Promise<void>;
}

/** Starts a private redis-server and waits until it takes connections. Rejects with its last words when it does not. */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'rollback-lab-redis-')));
  const removed = options.dir === undefined ? dir : undefined;
  const { port, server: first } = await onFreePort((port) => launch(serverArguments(port, dir, options), removed));
  let server = first;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    kill9: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGTERM');
      server = await launch(serverArguments(port, dir, options), removed);
    },
    stop: async () => {
      await server.end('SIGTERM');
      if (removed) await rm(removed, { recursive: true, force: true });
    },
  };
}

interface Server {
  /** Sends the signal and resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Another run can take a port between our choice and redis's: then another one is tried. */
async function onFreePort(start: (port: number) => Promise<Server>): Promise<{ port: number; server: Server }> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      return { port, server: await start(port) };
    } catch (error) {
      if (tries === PORT_TRIES || !String(error).includes('in use')) throw error;
    }
  }
}

function serverArguments(port: number, dir: string, options: RedisOptions): string[] {
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--daemonize', 'no', '--save', ''];
  const durability = ['--appendonly', options.appendonly === false ? 'no' : 'yes', '--appendfsync', options.appendfsync ?? 'always'];
  return [...place, ...durability, '--maxmemory-policy', 'noeviction', ...(options.args ?? [])];
}

async function launch(args: readonly string[], removed: string | undefined): Promise<Server> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  await accepting(child);
  const guard = endWithUs(child.pid as number, removed);
  return {
    end: async (signal) => {
      guard.kill('SIGKILL');
      child.kill(signal);
      await ended;
    },
  };
}

/** Redis says so itself once its data is loaded. */
function accepting(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`redis-server ${why}: ${said.trim().split('\n').slice(-3).join(' | ')}`));
    };
    const timer = setTimeout(() => fail(`did not start within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
    const hear = (data: Buffer) => {
      said = (said + data.toString()).slice(-4000);
      if (!said.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => fail(`cannot be run (${error.message}); install redis-server`));
    child.once('close', (code) => fail(`ended with ${code}`));
  });
}

/** A shell that waits at the other end of a pipe: when this process is gone, even by kill -9, it ends the server and removes its directory. */
function endWithUs(pid: number, removed: string | undefined): ChildProcess {
  const text = 'read _; kill -KILL "$1"; [ -z "$2" ] || { sleep 0.2; rm -rf "$2"; }';
  const guard = spawn('sh', ['-c', text, 'sh', String(pid), removed ?? ''], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  // The pipe is a socket, which can be let go of; Node's type of it does not say so.
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}
