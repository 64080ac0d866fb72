import type { Reading } from '../domain/host.ts';
import { quote, raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Problem, ShellWork, Where } from '../domain/step.ts';
import type { Role } from '../domain/system.ts';

/** `die MESSAGE`: says why on stderr and ends the stage. `set -e` is not used: a shell ignores it inside `if` and `||`. */
export const die = sh`die() { printf '%s\\n' "$*" >&2; exit 1; }`;

/** The lines, run in the role's directory, with {@link die} defined. */
export function inDir(where: Where, ...lines: (Sh | undefined)[]): Sh {
  return script(die, sh`cd -- ${where.role.dir} || die ${`there is no directory ${where.role.dir} on ${where.host.name}`}`, ...lines);
}

/** Sets `$keep` to the step's keep directory; the one place that puts where.keepDir into a command. */
export const keepAt = (where: Where): Sh => sh`keep=${raw(where.keepDir)}`;

/** Sets `$keep` and makes the directory, readable by its owner only: what is kept may hold secrets. */
export const makeKeep = (where: Where): Sh => script(keepAt(where), sh`(umask 077 && mkdir -p -- "$keep") || die "cannot make the directory $keep"`);

/** The role's interpreter as a command to run in the role's directory: absolute, under `./`, or a name on the PATH. */
export function pythonOf(role: Role): string {
  const python = role.python ?? 'python3';
  if (!python.includes('/') || python.startsWith('/')) return python;
  return python.startsWith('./') ? python : `./${python}`;
}

/** Puts the directory of the role's interpreter first on the PATH, so that `python` and `pytest` are the role's own. */
export function withPython(role: Role): Sh | undefined {
  const python = role.python;
  if (!python?.includes('/')) return undefined;
  const file = python.startsWith('/') ? python : `${role.dir}/${python.replace(/^\.\//, '')}`;
  return sh`PATH=${file.slice(0, file.lastIndexOf('/')) || '/'}:"$PATH"; export PATH`;
}

/** The command as its author wrote it, in a shell of its own: an `exit`, an open quote or a stray bracket stays inside. */
export const asWritten = (command: string): Sh => sh`sh -c ${command}`;

/** A relative path that no command can take for an option; absolute ones stay. */
export function path(text: string): Sh {
  return quote(text.startsWith('/') || text.startsWith('./') ? text : `./${text}`);
}

/** Runs as root where the user is not: `sudo -n` never waits for a password. */
export const asRoot = (uid: string): Sh => (uid === '0' ? sh`` : sh`sudo -n `);

interface ShellParts extends Omit<ShellWork, 'type' | 'timeoutMs' | 'serving'> {
  readonly serving?: 'stopped' | 'running' | undefined;
  /** Time the command needs by itself, where it is known; the step's limit is never less. */
  readonly atLeastMs?: number;
  /** The kind's own check tells whether the effect is there, and its guard whether nothing of it is: then nobody has to be asked. */
  readonly settles?: boolean;
}

/**
 * A step's work on a host: the parts, the user's own check after the kind's; what the author says cannot be undone wins. `serving` only where production
 * is meant, or a rehearsal that measures for how long it would be without.
 */
export function shellWork(where: Where, { serving, atLeastMs = 0, settles = false, verify, ...parts }: ShellParts): ShellWork {
  const own =
    where.verify === undefined
      ? undefined
      : inDir(where, withPython(where.role), sh`${raw(asWritten(where.verify))} || die 'the check of this step failed'`);
  const checks = [verify, own].filter((check) => check !== undefined);
  const all = checks.length > 1 ? checks.map((one) => sh`(\n${raw(one)}\n) || exit 1`) : checks;
  const check = all.length === 0 ? undefined : script(...all);
  return {
    type: 'shell',
    ...parts,
    ...(where.cannotUndo !== undefined && { cannotUndo: where.cannotUndo }),
    ...(check !== undefined && { verify: check }),
    ...(settles && check !== undefined && { settle: settleBy(check, parts.guard) }),
    ...(serving !== undefined && (where.role.production || where.system.drill !== undefined) && { serving }),
    timeoutMs: Math.max(where.timeoutMs, atLeastMs),
  };
}

/** Exit 0 when the check holds, 10 when the guard still does: then the step can be sent as if it never had been. */
const settleBy = (verify: Sh, guard: Sh | undefined): Sh =>
  guard === undefined ? sh`(\n${raw(verify)}\n) && exit 0; exit 1` : sh`(\n${raw(verify)}\n) && exit 0; (\n${raw(guard)}\n) && exit 10; exit 1`;

/** The answer of a probe as a shell holds it in a variable: trimmed, and without NUL, which no command can be given. Empty when the probe failed or is missing. */
export const answer = (reading: Reading | undefined): string => (reading?.exitCode === 0 ? reading.stdout.replaceAll('\0', '').trim() : '');

/** Why a probe failed, in its own last words. */
export function complaint(reading: Reading | undefined): string {
  const text = `${reading?.stderr ?? ''}`.trim() || `${reading?.stdout ?? ''}`.trim();
  return text.split('\n').slice(-3).join(' ').slice(0, 300) || 'no answer';
}

/** A problem on this host. */
export const problem = (what: string, advice: string): Problem => ({ what, advice });
