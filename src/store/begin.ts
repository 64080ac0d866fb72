import { type Adopted, digestOfTexts, firstFault } from './chain.ts';
import type { AdoptedLog, Entry, Journal } from './journal.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';
import { sealedText } from './seal.ts';

/** Ids of all rollbacks of which Redis has a log: `sac-9` before `sac-10`. */
export async function loggedRollbacks(redis: ScriptedRedis): Promise<string[]> {
  const found = new Set<string>();
  for (let cursor = '0'; ; ) {
    const [next, names] = await redis.scan(cursor, 'MATCH', keys.log('*').replace(/[{}]/g, '\\$&'), 'COUNT', 500);
    for (const name of names) found.add(name.slice(keys.log('').length));
    if (next === '0') return [...found].sort(byNumber);
    cursor = next;
  }
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/**
 * Writes the first entry of a journal that has none: the logs that are there already, as they are, so that they cannot be changed unseen from then
 * on. Answers how many; undefined where sealing had begun before.
 */
export async function beginJournal(redis: ScriptedRedis, journal: Journal, now: number): Promise<number | undefined> {
  const tail = await journal.tail();
  if (tail.entries > 0) return undefined;
  const logs = await adoptable(redis, journal);
  const body = JSON.stringify({ v: 1, seq: 1, at: now, type: 'began', key: journal.seal.id, logs } satisfies Entry);
  const isOurs = await redis.appendJournal(keys.journal, keys.journalCut, 0, sealedText(body, journal.seal.mac(tail.head, body)));
  return isOurs === 1 ? logs.length : undefined;
}

async function adoptable(redis: ScriptedRedis, { seal }: Journal): Promise<AdoptedLog[]> {
  const logs: AdoptedLog[] = [];
  for (const rollback of await loggedRollbacks(redis)) {
    const texts = await redis.lrange(keys.log(rollback), 0, -1);
    if (firstFault(seal, rollback, texts)) logs.push({ rollback, entries: texts.length, sha256: digestOfTexts(texts) });
  }
  return logs;
}

/** What the journal says of a log that was there when sealing began; undefined when it was not. Only sealed entries may be asked. */
export function adoptedIn(entries: readonly Entry[], rollback: string): Adopted | undefined {
  for (const entry of entries) {
    const found = entry.type === 'began' ? entry.logs.find((log) => log.rollback === rollback) : undefined;
    if (found) return found;
  }
  return undefined;
}
