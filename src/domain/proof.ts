import type { ZodType } from 'zod';
import type { ContainerSeen, Reading } from './host.ts';
import type { Sh } from './sh.ts';
import type { Where } from './step.ts';

/** What a proof kind found on a host. */
export interface Found {
  /** What is there, in few words: `0.2.0`, `active, 1 process`. Equal texts mean the same state. */
  readonly found: string;
  readonly expected: string;
  /** True when it is what the target release has. */
  readonly ok: boolean;
  /** What is not well there, in few words for people, whichever release it is: `health 503: orders rejected`. */
  readonly ill?: string;
  /** The release's version, commit or package version that is there, where this kind can tell. */
  readonly version?: string;
}

/** What is read of a host for a proof: the kind's own readings and, where asked for, all containers. */
export interface ProofFacts {
  readonly readings: readonly Reading[];
  readonly containers?: readonly ContainerSeen[];
}

/** A kind of proof: independent of what steps said. One file each. */
export interface ProofKind<P = unknown> {
  readonly key: string;
  readonly version: number;
  readonly about: string;
  readonly schema: ZodType<P>;
  /** True when what is found identifies the release; false when it only shows that the system lives. */
  readonly identifies: boolean | ((params: P) => boolean);
  readonly needsContainers?: boolean;
  probes?(params: P, where: Where): readonly Sh[];
  judge(params: P, facts: ProofFacts, where: Where): Found;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry of kinds with different params
export type AnyProofKind = ProofKind<any>;

/** One finding on a host, for people and for the verdict. */
export interface Finding extends Found {
  readonly what: string;
  readonly identifies: boolean;
}

/**
 * The findings of an undo, judged by what was recorded before: what identifies a release must be as it was; what only shows that it lives
 * must be well, unless it was ill then too. `part`: an undo of a part may leave the rest as it was `found` when the undo was planned.
 */
export function asRecorded(now: readonly Finding[], recorded: readonly Finding[], part: readonly Finding[] | undefined): Finding[] {
  return now.map((finding) => {
    const was = recorded.find((one) => one.what === finding.what);
    const unchanged = part?.some((one) => one.what === finding.what && isSame(one, finding)) ?? false;
    const ok = unchanged || (was !== undefined && (finding.identifies ? isSame(was, finding) : finding.ok || was.ill !== undefined));
    return { ...finding, expected: was?.found ?? finding.expected, ok };
  });
}

/** The same release by the version it says, where its text holds more than that; else the same text. */
const isSame = (a: Finding, b: Finding): boolean =>
  a.found === b.found || (a.ill !== undefined && a.version !== undefined && a.version === b.version);

/** What a host runs: the target, what was there before, or something that cannot be told. */
export type Verdict = 'new' | 'old' | 'unknown';

/**
 * The verdict over a host's findings: new when all are as the target has them; old when everything that identifies a
 * release is as it was found before; else unknown.
 */
export function verdict(now: readonly Finding[], before: readonly Finding[]): Verdict {
  if (now.length === 0) return 'unknown';
  if (now.every((finding) => finding.ok)) return 'new';
  const identity = now.filter((finding) => finding.identifies);
  const same = (finding: Finding) => before.some((earlier) => earlier.what === finding.what && earlier.found === finding.found);
  return identity.length > 0 && identity.some((finding) => !finding.ok) && identity.every(same) ? 'old' : 'unknown';
}
