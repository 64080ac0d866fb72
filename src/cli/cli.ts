import type { CommandContext } from '../commands/context.ts';
import type { AuditTrail } from '../store/audit-trail.ts';
import type { Journal, Note } from '../store/journal.ts';
import type { KnownPeople } from '../store/people.ts';
import type { Workers } from '../store/workers.ts';
import type { Identities } from './identities.ts';
import type { Look } from './plain.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: 0, done, or the rollback is complete; 1, it ended otherwise, or something else does not work; 2, refused, or typed wrongly; 130, Ctrl-C. */
export const exits = { ok: 0, failed: 1, refused: 2, interrupted: 130 } as const;

/** What a command of the terminal works with: no Slack, no hosts, no queues. */
export interface Cli extends Pick<CommandContext, 'systems' | 'log' | 'directory' | 'now'> {
  readonly journal: Journal;
  readonly audit: AuditTrail;
  /** What this process works by, for the journal. */
  readonly configuration: Omit<Extract<Note, { type: 'configuration' }>, 'type'>;
  /** What was typed, word by word. */
  readonly words: readonly string[];
  readonly workers: Workers;
  /** What of Redis can lose data, asked now. */
  dangers(): Promise<readonly string[]>;
  readonly people: KnownPeople;
  /** Read when somebody is to decide; throws when the file cannot be used. */
  identities(): Identities;
  /** Login name of the person. */
  readonly login: string;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

export const lookOf = ({ people, terminal }: Cli): Look => ({ names: people.names, hasStyle: terminal.hasStyle });
