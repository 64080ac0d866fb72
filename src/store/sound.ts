import type { Event } from '../domain/event.ts';
import { fold } from '../domain/fold.ts';
import type { State } from '../domain/state.ts';
import { upcast } from '../domain/upcast.ts';
import { endFaults } from './audit-checks.ts';
import { adoptedIn } from './begin.ts';
import { type Fault, firstFault, type Known } from './chain.ts';
import type { Entry, Journal } from './journal.ts';
import { keys } from './keys.ts';
import type { Marks } from './marks.ts';
import type { ScriptedRedis } from './redis.ts';

/** A log is not as it was sealed: somebody wrote in Redis who has not the audit key. Nothing may be done because of it. */
export class TamperedError extends Error {
  override name = 'TamperedError';
}

/** Of how many rollbacks the last state is remembered. */
const remembered = 200;

/** A state that was checked, the text of its last event, and how many entries of the journal it was compared with. */
interface Checked {
  readonly state: State;
  readonly text: string;
  readonly marks: number;
}

/** States of rollbacks whose events were all checked. Only what is new since the last look is read, and checked. */
export class SoundLogs {
  readonly #redis: ScriptedRedis;
  readonly #journal: Journal;
  readonly #marks: Marks;
  readonly #known = new Map<string, Checked>();
  constructor(redis: ScriptedRedis, journal: Journal, marks: Marks) {
    this.#redis = redis;
    this.#journal = journal;
    this.#marks = marks;
  }

  /** The state now; undefined when there is no log. Throws {@link TamperedError}, with the first bad entry. */
  async load(id: string): Promise<State | undefined> {
    const marks = await this.#marks.about(id); // before the log: what they speak of was in the log first
    const known = this.#known.get(id);
    const texts = await this.#redis.lrange(keys.log(id), known ? known.state.seq - 1 : 0, -1);
    if (known?.state.head === undefined || texts[0] !== known.text || marks.length !== known.marks) return this.#fromStart(id, marks, known);
    const [text, ...news] = texts;
    const after = { entries: known.state.seq, head: known.state.head };
    const state = fold(id, this.#checked(id, news, { after }), known.state);
    return this.#remember(id, state, news.at(-1) ?? text, marks.length);
  }

  async #fromStart(id: string, marks: readonly Entry[], known: Checked | undefined): Promise<State | undefined> {
    const texts = await this.#redis.lrange(keys.log(id), 0, -1);
    if (texts.length === 0) return undefined;
    const events = this.#checked(id, texts, { adopted: adoptedIn(marks, id) });
    const fault = shorterFault(texts, known) ?? endFaults(marks, id, texts)[0];
    if (fault) throw tampered(id, fault);
    return this.#remember(id, fold(id, events), texts.at(-1), marks.length);
  }

  #checked(id: string, texts: readonly string[], known: Known): Event[] {
    const fault = firstFault(this.#journal.seal, id, texts, known);
    if (fault) throw tampered(id, fault);
    return texts.map((text) => upcast(JSON.parse(text)));
  }

  #remember(id: string, state: State | undefined, text: string | undefined, marks: number): State | undefined {
    this.#known.delete(id);
    if (state && text !== undefined) this.#known.set(id, { state, text, marks });
    if (this.#known.size > remembered) this.#known.delete(this.#known.keys().next().value ?? '');
    return state;
  }
}

/** A log only grows. */
function shorterFault(texts: readonly string[], known: Checked | undefined): Fault | undefined {
  if (!known || texts.length >= known.state.seq) return undefined;
  return { entry: texts.length + 1, what: `it is missing: the log had ${known.state.seq} entries before` };
}

function tampered(id: string, { entry, type, what }: Fault): TamperedError {
  return new TamperedError(`entry ${entry}${type ? ` (${type})` : ''} of the log of ${id} is not as it was sealed: ${what}`);
}
