import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reading } from '../../../src/domain/host.ts';
import type { Found, ProofKind } from '../../../src/domain/proof.ts';
import type { TreeFile } from '../../../src/domain/release.ts';
import { quote, type Sh } from '../../../src/domain/sh.ts';
import type { Planned, ShellWork, StepKind, Where } from '../../../src/domain/step.ts';
import type { Role, System } from '../../../src/domain/system.ts';
import { leastSystem } from '../../helpers/system.ts';

/** Where shell text is run: here, with this environment, or by a function of the test's. */
export type Runs = Readonly<Record<string, string>> | ((text: string) => Promise<Reading>);

/** Runs shell text as a host would: /bin/sh (dash), no terminal, nothing on stdin, no PIP or GIT settings but the given ones. */
export function shell(text: Sh | string, env: Runs = {}): Promise<Reading> {
  if (typeof env === 'function') return env(text);
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', text],
      { env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: process.env.HOME ?? '/root', ...env }, maxBuffer: 1 << 26, cwd: '/' },
      (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** Runs a command that must succeed and gives what it printed. */
export async function must(text: Sh | string, env: Runs = {}): Promise<string> {
  const done = await shell(text, env);
  if (done.exitCode !== 0) throw new Error(`exit ${done.exitCode}: ${text}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** A directory of its own, with its removal. */
export async function tempDir(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'rollback-steps-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export interface WhereParts {
  readonly dir: string;
  readonly keep: string;
  readonly role?: Partial<Role>;
  readonly system?: Partial<System>;
  readonly target?: Partial<Where['target']>;
  readonly targetTree?: readonly TreeFile[];
  readonly testsFromTarget?: boolean;
  readonly verify?: string;
  readonly from?: Where['from'];
  readonly recorded?: Where['recorded'];
  readonly cannotUndo?: string;
}

/** A place to plan for: one host, the given directory. */
export function whereOf(parts: WhereParts): Where {
  const host = { name: 'prod-1', address: '127.0.0.1', port: 22, user: 'deploy' };
  const role: Role = { name: 'prod', hosts: [host], dir: parts.dir, production: true, ...parts.role };
  const system: System = {
    ...leastSystem,
    release: { tags: 'v*', commits: 10, package: 'trade-agent-sac', keep: 5, dependencies: [] },
    roles: { prod: role },
    ...parts.system,
  };
  return {
    rollback: 'sac-42',
    system,
    role,
    host,
    target: {
      version: 'v0.1.0',
      tag: 'v0.1.0',
      commit: '1'.repeat(40),
      date: '2026-01-01T00:00:00Z',
      subject: 'one',
      packageVersion: '0.1.0',
      ...parts.target,
    },
    targetTree: parts.targetTree ?? [],
    keepDir: quote(parts.keep),
    testsFromTarget: parts.testsFromTarget ?? false,
    timeoutMs: 60_000,
    ...(parts.verify !== undefined && { verify: parts.verify }),
    ...(parts.from !== undefined && { from: parts.from }),
    ...(parts.recorded !== undefined && { recorded: parts.recorded }),
    ...(parts.cannotUndo !== undefined && { cannotUndo: parts.cannotUndo }),
  };
}

/** What the planner does: params through the schema, probes read, plan made. */
export async function planned<P>(kind: StepKind<P>, given: unknown, where: Where, env: Runs = {}): Promise<Planned> {
  const params = kind.schema.parse(given);
  const readings: Reading[] = [];
  for (const probe of kind.probes?.(params, where) ?? []) readings.push(await shell(probe, env));
  return kind.plan(params, readings, where);
}

/** The shell work of a plan. */
export function workOf(plan: Planned): ShellWork {
  if (plan.work.type !== 'shell') throw new Error(`not work for a host: ${plan.work.type}`);
  return plan.work;
}

/** What a receipt does: guard, command, verification, each only after the one before; which ended it, and all that was printed. */
export async function perform(work: ShellWork, env: Runs = {}): Promise<{ stage: string; exitCode: number; output: string }> {
  let output = '';
  let last = { stage: 'none', exitCode: 0 };
  for (const stage of ['guard', 'command', 'verify'] as const) {
    const text = work[stage];
    if (text === undefined) continue;
    const done = await shell(`(\n${text}\n) 2>&1`, env);
    output += done.stdout;
    last = { stage, exitCode: done.exitCode };
    if (done.exitCode !== 0) break;
  }
  return { ...last, output };
}

/** What a proof finds now. */
export async function proven<P>(kind: ProofKind<P>, given: unknown, where: Where, env: Runs = {}): Promise<Found> {
  const params = kind.schema.parse(given);
  const readings: Reading[] = [];
  for (const probe of kind.probes?.(params, where) ?? []) readings.push(await shell(probe, env));
  return kind.judge(params, { readings }, where);
}
