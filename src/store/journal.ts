import { setTimeout as delay } from 'node:timers/promises';
import type { Actor } from '../domain/event.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import type { Status } from '../domain/state.ts';
import { digestOfTexts, headOf } from './chain.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';
import { type Sealing, sealedText } from './seal.ts';

/** Who did something that may have been refused before anybody knew who that is: a Slack id, a login name. */
export type Who = Pick<Actor, 'id' | 'via'> & { readonly name?: string };

/** A log that was there, unsealed, when sealing began. */
export interface AdoptedLog {
  readonly rollback: string;
  readonly entries: number;
  readonly sha256: string;
}

/** What happened that belongs to no rollback's log, or that its log alone could not prove. */
export type Note =
  /** Sealing begins here; `logs` are those that were there before. */
  | { readonly type: 'began'; readonly key: string; readonly logs: readonly AdoptedLog[] }
  /** A process read the system files: the SHA-256 of each. */
  | { readonly type: 'configuration'; readonly process: string; readonly version: string; readonly systems: Readonly<Record<string, string>> }
  | { readonly type: 'requested'; readonly rollback: string; readonly by: Actor }
  /** A rollback ended: how many entries its log had then, and the seal of the last. */
  | { readonly type: 'ended'; readonly rollback: string; readonly status: Status; readonly entries: number; readonly head: string }
  /** Somebody chose to stop a rollback: a log that is cut back to before that is known to be. */
  | { readonly type: 'stop-chosen'; readonly rollback: string; readonly entries: number; readonly head: string }
  /** `what`: what they typed or pressed. `failed`: it was no refusal, we could not do it. */
  | {
      readonly type: 'refused';
      readonly by: Who;
      readonly what: string;
      readonly code: RefusalCode | 'failed';
      readonly message: string;
      readonly rollback?: string;
    }
  /** The lock of a rollback of which Redis had nothing else any more was taken away. */
  | { readonly type: 'unlocked'; readonly system: string; readonly rollback: string; readonly by: Actor; readonly reason: string }
  /** A command outside any plan (a halt, what is recorded of a release), as it was sent, and how it ended. */
  | {
      readonly type: 'effect';
      readonly rollback: string;
      readonly name: string;
      readonly host: string;
      readonly guard?: string;
      readonly command: string;
      readonly verify?: string;
      readonly exitCode?: number;
      readonly outputSha256?: string;
      readonly why?: string;
    };

/** An entry of the journal: milliseconds since 1970, and its number from 1. */
export type Entry = Note & { readonly v: 1; readonly seq: number; readonly at: number; readonly mac?: string };

/** How many entries there have been, and the seal on which the next one follows. */
export interface Tail {
  readonly entries: number;
  readonly head: string;
}

/** The name of the journal's chain; a rollback's has a number. */
export const journalChain = 'journal';

/** The longest text of a person that is kept, in characters. */
const longest = 1000;
/** How often a note is tried when others are written at the same time. */
const tries = 30;

/** Fields of entries that checks go by. No person's words are in them. */
const unmasked: ReadonlySet<string> = new Set(['type', 'rollback', 'status', 'head', 'key', 'sha256', 'outputSha256', 'code', 'via']);

/** What a journal does beside writing. */
export interface JournalOptions {
  /** Puts dots in the place of secrets. */
  readonly mask?: (text: string) => string;
  /** Hears of a note that could not be written. */
  readonly onLost?: (note: Note, error: Error) => void;
}

/** The chained list of what belongs to no rollback. Whoever has the journal has the seal. */
export class Journal {
  readonly seal: Sealing;
  readonly #redis: ScriptedRedis;
  readonly #now: () => number;
  readonly #options: JournalOptions;
  /** How many entries had been cut when that was seen last. */
  #cutEntries = 0;
  constructor(redis: ScriptedRedis, seal: Sealing, now: () => number, options: JournalOptions = {}) {
    this.seal = seal;
    this.#redis = redis;
    this.#now = now;
    this.#options = options;
  }

  /** Throws where this process has no audit key: then nothing it decides could be written. */
  mustSeal(): void {
    this.seal.begin(journalChain);
  }

  /** Writes a note down. Never rejects, and takes seconds at most: nothing that people need must fail for it. */
  async note(note: Note): Promise<void> {
    try {
      await this.write(note);
    } catch (error) {
      this.#options.onLost?.(note, error as Error);
    }
  }

  /** Writes a note down; rejects when it cannot. */
  async write(note: Note): Promise<void> {
    for (let tried = 1; tried <= tries; tried++) {
      const tail = await this.tail();
      if ((await this.#redis.appendJournal(keys.journal, keys.journalCut, tail.entries, this.text(note, tail))) === 1) return;
      await delay(Math.random() * 5 * tried);
    }
    throw new Error(`the journal was written to by others, ${tries} times running`);
  }

  /** The text of a note that follows on this tail. */
  text(note: Note, tail: Tail): string {
    const told = { v: 1, seq: tail.entries + 1, at: this.#now(), ...this.#shortened(note) };
    const body = JSON.stringify(told, (name, value: unknown) => this.#masked(name, value));
    return sealedText(body, this.seal.mac(tail.head, body));
  }

  /** What the next entry follows on. */
  async tail(): Promise<Tail> {
    const [length, last, cut] = await results<[number, string | null, Record<string, string>]>(
      this.#redis.multi().llen(keys.journal).lindex(keys.journal, -1).hgetall(keys.journalCut),
    );
    const entries = length + Number(cut.entries ?? 0);
    if (entries === 0) return { entries, head: this.seal.begin(journalChain) };
    if (last === null) return { entries, head: cut.head ?? '' };
    return { entries, head: headOf(last) ?? digestOfTexts([last]) }; // whatever somebody put there, one can go on
  }

  /** The entries that are in Redis, oldest first, and what was cut off before them. */
  async kept(): Promise<{ readonly texts: readonly string[]; readonly cut: Tail }> {
    const [texts, cut] = await results<[string[], Record<string, string>]>(this.#redis.multi().lrange(keys.journal, 0, -1).hgetall(keys.journalCut));
    return { texts, cut: { entries: Number(cut.entries ?? 0), head: cut.head ?? '' } };
  }

  /**
   * The entries after those that were read before, and after what they follow. Where the journal is not any more the one that was read, it is everything
   * that is in Redis.
   */
  async since(read: Tail): Promise<{ readonly texts: readonly string[]; readonly after: Tail }> {
    const cutBefore = this.#cutEntries;
    const from = Math.max(0, read.entries - cutBefore - 1);
    const [texts, fields] = await results<[string[], Record<string, string>]>(
      this.#redis.multi().lrange(keys.journal, from, -1).hgetall(keys.journalCut),
    );
    const entries = Number(fields.entries ?? 0);
    this.#cutEntries = entries;
    if (entries === cutBefore && read.entries > entries && headOf(texts[0]) === read.head) return { texts: texts.slice(1), after: read };
    const kept = await this.kept();
    return { texts: kept.texts, after: kept.cut.entries > 0 ? kept.cut : { entries: 0, head: this.seal.begin(journalChain) } };
  }

  /** Takes so many entries off the front, whose last seal is `head`; false when somebody else did since `cut` was read. They must be kept elsewhere by then. */
  async drop(cut: Tail, count: number, head: string): Promise<boolean> {
    return (await this.#redis.cutJournal(keys.journal, keys.journalCut, cut.entries, count, head)) === 1;
  }

  /** Only what people or hosts may have said: whatever is found by what it says stays as it is, and so does its shape. */
  #masked(name: string, value: unknown): unknown {
    if (typeof value !== 'string' || unmasked.has(name)) return value;
    return this.#options.mask?.(value) ?? value;
  }

  #shortened(note: Note): Note {
    if (note.type !== 'refused') return note;
    return { ...note, what: note.what.slice(0, longest), message: note.message.slice(0, longest) };
  }
}

/** An entry as it is kept; undefined where it is not even JSON. */
export function parsedEntry(text: string): Entry | undefined {
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return undefined;
  }
}

/** The rollbacks of which an entry says how their log was then. */
export function spokenOf(entry: Entry | undefined): readonly string[] {
  if (entry?.type === 'began') return entry.logs.map(({ rollback }) => rollback);
  return entry?.type === 'stop-chosen' || entry?.type === 'ended' ? [entry.rollback] : [];
}

/** The answers of a transaction. Rejects when one of its commands failed. */
async function results<T extends readonly unknown[]>(transaction: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<T> {
  const answers = (await transaction.exec()) ?? [];
  for (const [error] of answers) if (error) throw error;
  return answers.map(([, answer]) => answer) as unknown as T;
}
