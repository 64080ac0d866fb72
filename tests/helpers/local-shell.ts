import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAddress, ReceiptAnswer, ReceiptOrder } from '../../src/domain/host.ts';
import { raw, type Sh, sh } from '../../src/domain/sh.ts';
import { lost } from '../../src/hosts/errors.ts';
import { Follower } from '../../src/hosts/follow.ts';
import type { OnOutput } from '../../src/hosts/output.ts';
import type { ShellSetup } from '../../src/hosts/script.ts';
import { type Answer, Shell, ShellEnded } from '../../src/hosts/shell.ts';
import { Shells } from '../../src/hosts/shells.ts';

/** A POSIX shell of this machine that the prelude must work in. */
export interface LocalSh {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** Where its tools come from, where not from the system. */
  readonly path: (dir: string) => string | undefined;
}

/** The shells that are installed here. dash and bash are on every Debian and Ubuntu; busybox where it was installed. */
export function localShells(): LocalSh[] {
  const all: LocalSh[] = [
    { name: 'dash', argv: ['dash'], path: () => undefined },
    { name: 'bash --posix', argv: ['bash', '--posix'], path: () => undefined },
    { name: 'busybox sh, with busybox tools', argv: ['busybox', 'sh'], path: busyboxTools },
  ];
  return all.filter(({ argv: [program] }) => ['/bin', '/usr/bin'].some((dir) => existsSync(join(dir, program))));
}

/** A directory in which every tool is busybox's. */
function busyboxTools(dir: string): string {
  const tools = join(dir, 'busybox');
  mkdirSync(tools, { recursive: true });
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file)) ?? 'busybox';
  for (const name of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (!existsSync(join(tools, name))) symlinkSync(busybox, join(tools, name));
  }
  return tools;
}

const at: HostAddress = { name: 'here', address: 'localhost', port: 0, user: 'nobody' };

/** A host without ssh: the same shells and the same following, fed through the pipes of child processes. */
export class LocalHost {
  readonly #children = new Set<ChildProcess>();
  readonly #shells: Shells;

  constructor(local: LocalSh, setup: ShellSetup, wrap: (shell: Shell) => Shell = (shell) => shell, home = process.env.HOME) {
    const [program, ...args] = local.argv;
    this.#shells = new Shells(async () => {
      const child = spawn(program, args, { stdio: 'pipe', env: { ...process.env, HOME: home } });
      this.#children.add(child);
      child.once('exit', () => this.#children.delete(child));
      const shell = new Shell({ ...streamsOf(child), destroy: () => streamsOf(child).stdin.destroy() }, setup);
      await shell.request(sh`rb_hello`, sh``, { out: 1, err: 0 }, 10_000);
      return wrap(shell);
    });
  }

  /** Calls one function of the prelude. */
  ask(name: string, ...args: (string | number)[]): Promise<Answer> {
    return this.lend((shell) => shell.request(sh`${raw(name)}`, sh`${args}`, { out: 1, err: 0 }, 60_000));
  }

  /** The fields of its answer after the id. */
  async fields(name: string, ...args: (string | number)[]): Promise<readonly string[]> {
    return (await this.ask(name, ...args)).out[0]?.fields.slice(1) ?? [];
  }

  /** As {@link Host.read}, without the cutting. */
  async read(seconds: number, ...commands: Sh[]): Promise<Answer> {
    const wants = { out: commands.length, err: commands.length + 1 };
    return await this.lend((shell) => shell.request(sh`rb_read`, sh`${[seconds, ...commands]}`, wants, 60_000));
  }

  /** As {@link Host.run}. */
  run(order: ReceiptOrder, onOutput: OnOutput = () => undefined, signal = new AbortController().signal): Promise<ReceiptAnswer> {
    return new Follower(at, (use) => this.lend(use), order, onOutput, signal).follow();
  }

  /** Lends a shell, with its end as a HostError. */
  async lend<T>(use: (shell: Shell) => Promise<T>): Promise<T> {
    try {
      return await this.#shells.with(use);
    } catch (error) {
      throw error instanceof ShellEnded ? lost(at, `${error.message} ${error.said}`, error) : error;
    }
  }

  /** Kills the shells, as a lost connection would not even do. What they started goes on. */
  killShells(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  close(): void {
    this.#shells.close();
    this.killShells();
  }
}

function streamsOf(child: ChildProcess) {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('a shell without pipes');
  return { stdin, stdout, stderr };
}
