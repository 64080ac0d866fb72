import { digestOfTexts, headOf } from './chain.ts';
import { type Entry, type Journal, parsedEntry, spokenOf, type Tail } from './journal.ts';
import { unsealed } from './seal.ts';

/**
 * What the journal says of each log: how it was when sealing began, when it was stopped, and when it ended. Only what is new since the last look is read.
 * Only entries that are as they were sealed count, those after a bad one too: else one bad byte would hide a stop. What was read once is not forgotten
 * when the journal is cut.
 */
export class Marks {
  readonly #journal: Journal;
  /** By rollback, then by seal. */
  readonly #of = new Map<string, Map<string, Entry>>();
  #read: Tail = { entries: 0, head: '' };
  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The entries `began`, `stop-chosen` and `ended` that speak of this rollback. */
  async about(rollback: string): Promise<readonly Entry[]> {
    const known = this.#read;
    const { texts, after } = await this.#journal.since(known);
    let { head } = after;
    for (const text of texts) {
      const { body, mac } = unsealed(text);
      if (mac !== undefined && this.#journal.seal.mac(head, body) === mac) this.#keep(mac, parsedEntry(text));
      head = headOf(text) ?? digestOfTexts([text]);
    }
    this.#read = { entries: after.entries + texts.length, head };
    return [...(this.#of.get(rollback)?.values() ?? [])];
  }

  #keep(mac: string, entry: Entry | undefined): void {
    for (const rollback of spokenOf(entry)) {
      const all = this.#of.get(rollback) ?? new Map<string, Entry>();
      if (entry) this.#of.set(rollback, all.set(mac, entry));
    }
  }
}
