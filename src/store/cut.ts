import type { Archive } from './archive.ts';
import { headOf } from './chain.ts';
import { type Journal, parsedEntry, spokenOf } from './journal.ts';

/** So few entries are not worth a file of their own. */
const fewest = 100;

/**
 * Moves the entries from before this time (milliseconds since 1970) from the front of the journal into a file; the chain goes on over both. From the
 * first one on that says how the log of an `open` rollback was, all of them stay: workers compare those logs with them.
 */
export async function cutJournal(journal: Journal, archive: Archive, before: number, open: readonly string[]): Promise<void> {
  const { texts, cut } = await journal.kept();
  const young = texts.findIndex((text) => timeOf(text) >= before || spokenOf(parsedEntry(text)).some((id) => open.includes(id)));
  const old = texts.slice(0, young < 0 ? Math.max(0, texts.length - 1) : young);
  const head = headOf(old.at(-1));
  if (old.length < fewest || head === undefined) return;
  await archive.keepJournal(cut.entries + 1, old);
  await journal.drop(cut, old.length, head);
}

/** What cannot be read is never cut: it is for people to look at. */
const timeOf = (text: string): number => parsedEntry(text)?.at ?? Number.POSITIVE_INFINITY;
