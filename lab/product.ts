import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One process of the product, as `npm start` runs it. */
export interface ProductProcess {
  readonly pid: number;
  /** Everything it logged, line by line. */
  readonly log: readonly string[];
  /** Resolves when it has ended, however that happened. */
  readonly ended: Promise<void>;
  /** Ends it orderly and waits. */
  stop(): Promise<void>;
  /** kill -9, and waits. */
  kill9(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
}

const readyWithinMs = 120_000;
const root = new URL('..', import.meta.url).pathname;

/** Starts `src/main.ts`, of this tree or of another `from`, with this environment and waits until it says that it is ready. Rejects with its last words when it ends before. */
export async function startProduct(env: Readonly<Record<string, string>>, part?: 'bot' | 'worker', from = root): Promise<ProductProcess> {
  const { PATH = '', HOME = '/root' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...(part === undefined ? [] : [part])], {
    cwd: from,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  const lines = createInterface({ input: child.stderr });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`rollback-bot was not ready within ${readyWithinMs} ms:\n${log.join('\n')}`)), readyWithinMs);
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes('rollback-bot is ready')) resolve();
    });
    void closed.then(() => reject(new Error(`rollback-bot ended:\n${log.join('\n')}`)));
    void closed.then(() => clearTimeout(timer));
  });
  return handle(child, log, closed);
}

function handle(child: ChildProcess, log: readonly string[], closed: Promise<void>): ProductProcess {
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await closed;
  };
  return {
    pid: child.pid ?? 0,
    log,
    ended: closed,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}
