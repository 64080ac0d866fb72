import { noRelease } from '../domain/release.ts';
import { NORMAL, RECORD } from '../domain/runbook.ts';
import type { State } from '../domain/state.ts';

/** The variants of the documents as people call what they do; others go by their own name. */
const nouns: Readonly<Record<string, string>> = {
  remove: 'removal',
  recover: 'recovery',
  emergency: 'emergency rollback',
  manual: 'rollback by hand',
};

/** The variant that runs: named, or chosen by the scenario once the hosts were read. */
const variantOf = (state: State): string => state.outline?.variant ?? state.variant;

/** What the variant does, in a word or two; undefined for the normal runbook and for an undo. */
function noun(state: State): string | undefined {
  const variant = variantOf(state);
  if (state.undoes || variant === NORMAL || variant === RECORD) return undefined;
  return Object.hasOwn(nouns, variant) ? nouns[variant] : variant;
}

/** Plain text: the version it goes to, by the repository's own name once that is known; undefined where it goes to none, or to one nobody has looked up yet. */
export function version(state: State): string | undefined {
  const found = state.outline?.target.version ?? state.version;
  return found === '' || found === noRelease.version ? undefined : found;
}

/** True where it leaves no release behind. */
export const isWithoutVersion = (state: State): boolean => (state.outline?.target.version ?? state.version) === noRelease.version;

export const isRecord = (state: State): boolean => variantOf(state) === RECORD;

/** Plain text: what an undo puts back: `sac-42`, `sac-42 (phase 4)`. Undefined for all that is no undo. */
export function undone({ undoes }: State): string | undefined {
  if (!undoes) return undefined;
  return undoes.whole ? undoes.rollback : `${undoes.rollback} (${undoes.scope})`;
}

/** Plain text: what was asked for, in a headline's words: `SAC agent: v0.2.0 → v0.1.0`, `SAC agent: removal`. */
export function headline(state: State): string {
  const [title, to] = [state.outline?.title ?? state.title, version(state)];
  if (state.undoes) return `Put back ${state.undoes.rollback} (${state.undoes.scope}): ${title}${toVersion(state)}`;
  if (isRecord(state)) return `${title}: recording ${to ?? 'what runs'}`;
  const what = noun(state);
  if (to === undefined) return `${title}: ${what ?? 'back to the last known good release'}`;
  const from = state.outline?.from?.version;
  const way = !state.outline ? `back to ${to}` : from === to ? `${to} again` : `${from ?? 'unknown release'} → ${to}`;
  return `${title}${what === undefined ? '' : `, ${what}`}: ${way}`;
}

/** An undo of a part leaves a mixture behind, which has no version. */
const toVersion = (state: State): string => (state.undoes?.whole && version(state) !== undefined ? ` to ${version(state)}` : '');

/** Plain text: the same inside a sentence: `SAC agent to v0.1.0`, `SAC agent, removal`, `putting back sac-42, SAC agent to v0.2.0`. */
export function subject(state: State): string {
  const [title, to, what] = [state.outline?.title ?? state.title, version(state), noun(state)];
  if (state.undoes) return `putting back ${undone(state)}, ${title}${toVersion(state)}`;
  if (isRecord(state)) return `${title}, recording ${to ?? 'what runs'}`;
  return `${title}${to === undefined ? '' : ` to ${to}`}${what === undefined ? '' : `, ${what}`}`;
}

/** Plain text: what happens while it works: `v0.1.0 going in`, `removal under way`, `putting back sac-42`. */
export function doing(state: State): string {
  if (state.undoes) return `putting back ${undone(state)}`;
  const to = version(state);
  return to === undefined || isRecord(state) ? `${noun(state) ?? 'work'} under way` : `${to} going in`;
}

/** Plain text: what is approved: `v0.1.0`, `removal`, `putting back sac-42`. */
export function approved(state: State): string {
  if (state.undoes) return `putting back ${undone(state)}`;
  const [to, what] = [version(state), noun(state)];
  if (to === undefined) return what ?? 'it';
  return what === undefined ? to : `${what} to ${to}`;
}

/** Plain text: what is proven of a host that is as it should be: `v0.1.0`, `removed`, `as recorded before sac-42`. */
export function goalOnHost(state: State): string {
  if (state.undoes) return `as recorded before ${state.undoes.rollback}`;
  return version(state) ?? (variantOf(state) === 'remove' ? 'removed' : 'as its runbook wants it');
}

/** Plain text: what to type to ask for the same again. */
export function askAgain(state: State): string {
  if (state.undoes) return `/rollback undo ${state.undoes.rollback}`;
  if (state.drill) return `/rollback drill ${state.system}`;
  const named = state.version === noRelease.version ? '' : state.version;
  const words = [state.system, isRecord(state) ? '' : named, state.variant === NORMAL ? '' : state.variant, state.dryRun ? '--dry-run' : ''];
  return `/rollback ${words.filter((word) => word !== '').join(' ')}`;
}

/** Plain text before every headline of what is no real rollback; empty for one that is. */
export const prefix = ({ drill, dryRun }: State): string => (drill ? 'Rehearsal: ' : dryRun ? 'Dry run: ' : '');
