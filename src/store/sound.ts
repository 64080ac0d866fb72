import type { Event } from '../domain/event.ts';
import { fold } from '../domain/fold.ts';
import type { State } from '../domain/state.ts';
import { upcast } from '../domain/upcast.ts';
import { adoptedIn, soundEntries } from './begin.ts';
import { firstFault, headOf, type Known } from './chain.ts';
import type { Journal } from './journal.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** A log is not as it was sealed: somebody wrote in Redis who has not the audit key. Nothing may be done because of it. */
export class TamperedError extends Error {
  override name = 'TamperedError';
}

/** Of how many rollbacks the last state is remembered. */
const remembered = 200;

/** States of rollbacks whose events were all checked. Only what is new since the last look is read, and checked. */
export class SoundLogs {
  readonly #redis: ScriptedRedis;
  readonly #journal: Journal;
  /** Each with the text of its last event. */
  readonly #known = new Map<string, { readonly state: State; readonly text: string }>();
  constructor(redis: ScriptedRedis, journal: Journal) {
    this.#redis = redis;
    this.#journal = journal;
  }

  /** The state now; undefined when there is no log. Throws {@link TamperedError}, with the first bad entry. */
  async load(id: string): Promise<State | undefined> {
    const known = this.#known.get(id);
    const texts = await this.#redis.lrange(keys.log(id), known ? known.state.seq - 1 : 0, -1);
    if (known?.state.head === undefined || texts[0] !== known.text) return this.#fromStart(id);
    const [text, ...news] = texts;
    const after = { entries: known.state.seq, head: known.state.head };
    return this.#remember(id, fold(id, this.#checked(id, news, { after }), known.state), news.at(-1) ?? text);
  }

  async #fromStart(id: string): Promise<State | undefined> {
    const texts = await this.#redis.lrange(keys.log(id), 0, -1);
    const isSealed = headOf(texts[0]) !== undefined;
    const adopted = isSealed ? undefined : adoptedIn(await soundEntries(this.#journal), id);
    return this.#remember(id, fold(id, this.#checked(id, texts, { adopted })), texts.at(-1));
  }

  #checked(id: string, texts: readonly string[], known: Known): Event[] {
    const fault = firstFault(this.#journal.seal, id, texts, known);
    if (!fault) return texts.map((text) => upcast(JSON.parse(text)));
    const which = `entry ${fault.entry}${fault.type ? ` (${fault.type})` : ''}`;
    throw new TamperedError(`${which} of the log of ${id} is not as it was sealed: ${fault.what}`);
  }

  #remember(id: string, state: State | undefined, text: string | undefined): State | undefined {
    this.#known.delete(id);
    if (state && text !== undefined) this.#known.set(id, { state, text });
    if (this.#known.size > remembered) this.#known.delete(this.#known.keys().next().value ?? '');
    return state;
  }
}
