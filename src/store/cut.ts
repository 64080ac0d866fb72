import type { Archive } from './archive.ts';
import { headOf } from './chain.ts';
import type { Entry, Journal } from './journal.ts';

/** So few entries are not worth a file of their own. */
const fewest = 100;

/** Moves the entries from before this time (milliseconds since 1970) from the front of the journal into a file; the chain goes on over both. */
export async function cutJournal(journal: Journal, archive: Archive, before: number): Promise<void> {
  const { texts, cut } = await journal.kept();
  const young = texts.findIndex((text) => timeOf(text) >= before);
  const old = texts.slice(0, young < 0 ? Math.max(0, texts.length - 1) : young);
  const head = headOf(old.at(-1));
  if (old.length < fewest || head === undefined) return;
  await archive.keepJournal(cut.entries + 1, old);
  await journal.drop(cut, old.length, head);
}

/** What cannot be read is never cut: it is for people to look at. */
function timeOf(text: string): number {
  try {
    return (JSON.parse(text) as Entry).at;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
