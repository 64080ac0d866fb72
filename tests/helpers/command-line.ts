import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loginName, processUser } from '../../src/cli/login.ts';

export const root = new URL('../../', import.meta.url).pathname;
/** Of this machine, as the command line finds it without sudo. */
export const login = loginName(processUser(), {});

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command line that runs. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything it wrote so far, to whichever stream. */
  said(): string;
}

type Env = Readonly<Record<string, string>>;

/** Starts the command `rollback` as a process of its own, with nothing but this in its environment, and nobody to ask. */
export function start(words: readonly string[], env: Env): Started {
  const one = started(process.execPath, ['src/cli/rollback.mjs', ...words], env);
  one.child.stdin?.end();
  return one;
}

/** The same at a terminal of its own (script of util-linux). */
export const atTerminal = (words: readonly string[], env: Env): Started =>
  started('script', ['--quiet', '--flush', '--return', '--command', `${process.execPath} src/cli/rollback.mjs ${words.join(' ')}`, '/dev/null'], {
    ...env,
    TERM: 'xterm',
  });

/** Writes the file of identities beside these system files: this machine's login is this Slack user; nobody when absent. */
export function identify(systemsDir: string, slackId?: string): void {
  mkdirSync(join(systemsDir, 'people'), { recursive: true });
  writeFileSync(join(systemsDir, 'people', 'identities.yaml'), slackId === undefined ? '' : `${login}: ${slackId}\n`);
}

function started(program: string, args: readonly string[], env: Env): Started {
  const { PATH = '' } = process.env;
  const child = spawn(program, args, { cwd: root, env: { PATH, HOME: tmpdir(), ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const texts = { out: '', err: '', all: '' };
  const hear = (stream: 'out' | 'err') => (data: Buffer) => {
    texts[stream] += data.toString();
    texts.all += data.toString();
  };
  child.stdout?.on('data', hear('out'));
  child.stderr?.on('data', hear('err'));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, out: texts.out, err: texts.err }));
  });
  return { child, ended, said: () => texts.all };
}
