import { type AuditKeySettings, openSeal } from './audit-key.ts';
import { beginJournal } from './begin.ts';
import { Journal, type JournalOptions } from './journal.ts';
import type { ScriptedRedis } from './redis.ts';

/** How a process comes to its journal. */
export interface AuditOptions extends Pick<JournalOptions, 'onLost'> {
  readonly settings: AuditKeySettings;
  /** Whether this process may make the key where there has never been one. */
  readonly mayMake: boolean;
  /** Puts dots in the place of secrets, of which the audit key is one. */
  mask(auditKey: string): (text: string) => string;
  /** Hears that sealing has begun just now, and how many logs were there before. */
  onBegun?(logs: number): void;
}

/** A journal with its seal, and the audit key, so that it can be masked elsewhere too. */
export interface Audit {
  readonly journal: Journal;
  readonly key: string;
}

/** Opens the journal, and begins it where there is none. Throws an AuditKeyError. */
export async function openAudit(redis: ScriptedRedis, { settings, mayMake, mask, onLost, onBegun }: AuditOptions): Promise<Audit> {
  const { seal, key } = await openSeal(redis, settings, mayMake);
  const journal = new Journal(redis, seal, Date.now, { mask: mask(key), ...(onLost ? { onLost } : {}) });
  const adopted = await beginJournal(redis, journal, Date.now());
  if (adopted !== undefined) onBegun?.(adopted);
  return { journal, key };
}
