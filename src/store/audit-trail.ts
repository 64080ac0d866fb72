import type { Event } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { Archive } from './archive.ts';
import { endFaults, fileFault, headFault, isNamed, type KeptPlans, planFaults, plansGone, requestFault } from './audit-checks.ts';
import { adoptedIn, loggedRollbacks } from './begin.ts';
import { type Fault, firstFault, headOf } from './chain.ts';
import { type Entry, type Journal, journalChain } from './journal.ts';
import { keys } from './keys.ts';
import { Outputs } from './outputs.ts';
import { digestOf, Plans } from './plans.ts';
import type { ScriptedRedis } from './redis.ts';

/** What checking a chain found. */
export interface Checked {
  /** `journal`, or a rollback's id. */
  readonly name: string;
  readonly entries: number;
  /** Seal of its last entry. */
  readonly head?: string | undefined;
  /** The first bad entry; absent when it is whole. */
  readonly fault?: Fault | undefined;
  /** What could not be checked, or is to be known of it, a sentence each. */
  readonly notes: readonly string[];
}

/** What checking the journal found, and its entries as far as they are sound. */
export interface CheckedJournal extends Checked {
  readonly sound: readonly Entry[];
}

/** A rollback's log as it is kept, and its plans. */
export interface KeptLog {
  readonly texts: readonly string[];
  /** Redis has forgotten it; this is its file. */
  readonly isFile: boolean;
  readonly inFile: readonly string[] | undefined;
  readonly plans: KeptPlans;
}

/** Everything that was sealed, in Redis and in files, for those who check or export it. It changes nothing. */
export class AuditTrail {
  readonly #redis: ScriptedRedis;
  readonly #journal: Journal;
  readonly #archive: Archive;
  readonly #plans: Plans;
  readonly #outputs: Outputs;
  constructor(redis: ScriptedRedis, journal: Journal, archive: Archive) {
    this.#redis = redis;
    this.#journal = journal;
    this.#archive = archive;
    this.#plans = new Plans(redis);
    this.#outputs = new Outputs(redis);
  }

  /** The journal's texts, and how many entries before them are nowhere to be found. */
  async journalTexts(): Promise<{ readonly texts: readonly string[]; readonly missing: number; readonly head: string }> {
    const { texts, cut } = await this.#journal.kept();
    const files = cut.entries === 0 ? [] : await this.#archive.journal();
    if (files.length < cut.entries) return { texts, missing: cut.entries, head: cut.head };
    return { texts: [...files.slice(0, cut.entries), ...texts], missing: 0, head: '' };
  }

  /** Checks the journal. */
  async journal(): Promise<CheckedJournal> {
    const { texts, missing, head } = await this.journalTexts();
    const found = firstFault(this.#journal.seal, journalChain, texts, missing > 0 ? { after: { entries: missing, head } } : {});
    const sound = soundOf<Entry>(texts, found && { ...found, entry: found.entry - missing });
    const gone = { entry: 1, what: `entries 1 to ${missing} are neither in Redis nor in DATA_DIR/ended; look where the workers have their DATA_DIR` };
    const none = texts.length === 0 ? { entry: 1, what: 'there is no journal' } : undefined;
    const fault = missing > 0 ? gone : (none ?? found);
    return { name: journalChain, entries: missing + texts.length, head: headOf(texts.at(-1)), fault, notes: begun(sound), sound };
  }

  /** Every rollback that Redis has a log of, or that the journal names: `sac-9` before `sac-10`. */
  async rollbacks(entries: readonly Entry[]): Promise<string[]> {
    const named = entries.flatMap((entry) => {
      if (entry.type === 'began') return entry.logs.map(({ rollback }) => rollback);
      return entry.type === 'requested' || entry.type === 'stop-chosen' || entry.type === 'ended' ? [entry.rollback] : [];
    });
    const all = new Set([...(await loggedRollbacks(this.#redis)), ...named]);
    return [...all].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  /** A rollback's log from Redis, or from its file. */
  async log(id: string): Promise<KeptLog> {
    const [texts, inFile] = await Promise.all([this.#redis.lrange(keys.log(id), 0, -1), this.#archive.log(id)]);
    const isFile = texts.length === 0 && inFile !== undefined;
    return { texts: isFile ? inFile : texts, isFile, inFile, plans: await this.#plansOf(id) };
  }

  /** Checks a rollback's log, its plans, and what is kept of its outputs. `others`: ids with which it may have been mixed up; `head`: a seal that it must have had. */
  async rollback(id: string, { sound }: CheckedJournal, others: readonly string[], head?: string): Promise<Checked> {
    const { texts, isFile, inFile, plans } = await this.log(id);
    const about = { name: id, entries: texts.length, head: headOf(texts.at(-1)) };
    if (texts.length === 0)
      return { ...about, fault: { entry: 1, what: 'there is no log of it, neither in Redis nor in DATA_DIR/ended' }, notes: [] };
    if (isFile && !isNamed(sound, id) && texts.every((text) => headOf(text) === undefined))
      return { ...about, notes: ['it had ended before sealing began, so nothing vouches for it'] };
    const adopted = adoptedIn(sound, id);
    const chain = firstFault(this.#journal.seal, id, texts, { adopted, others });
    const events = soundOf<Event>(texts, chain);
    const outputs = await this.#outputsOf(id, events);
    const faults = [
      ...[chain, requestFault(sound, id), fileFault(texts, inFile), head === undefined ? undefined : headFault(texts, head)],
      ...[...endFaults(sound, id, texts), ...planFaults(events, plans), ...outputs.faults],
    ].filter((fault) => fault !== undefined);
    const gone = plansGone(events, plans);
    const notes = [
      ...(isFile ? ['Redis has forgotten it; its file was checked'] : []),
      ...(adopted ? [`the first ${adopted.entries} entries are as they were when sealing began`] : []),
      ...(gone > 0 ? [`${gone} of its plans ${gone === 1 ? 'is' : 'are'} not kept any more`] : []),
      ...outputs.notes,
    ];
    return { ...about, fault: faults.sort((a, b) => a.entry - b.entry)[0], notes };
  }

  async #plansOf(id: string): Promise<KeptPlans> {
    const plans = new Map<string, Plan | 'changed'>();
    for (const text of await this.#archive.plans(id)) {
      const plan = planIn(text);
      if (plan) plans.set(digestOf(plan), plan);
    }
    for (const [digest, text] of Object.entries(await this.#plans.texts(id))) {
      const plan = planIn(text);
      plans.set(digest, plan && digestOf(plan) === digest ? plan : 'changed');
    }
    return plans;
  }

  /** Compares what is kept of each step's output with its hash. */
  async #outputsOf(id: string, events: readonly Event[]): Promise<{ faults: Fault[]; notes: string[] }> {
    const faults: Fault[] = [];
    let gone = 0;
    for (const event of events) {
      if (event.type !== 'step-finished' || event.result.outputSha256 === undefined) continue;
      const isSame = await this.#outputs.matches(id, event.run, event.attempt, event.result.outputSha256);
      if (isSame === undefined) gone += 1;
      if (isSame === false)
        faults.push({ entry: event.seq, type: event.type, at: event.at, what: `what is kept of the output of ${event.run} was changed` });
    }
    return { faults, notes: gone > 0 ? [`${gone} of its outputs ${gone === 1 ? 'is' : 'are'} not kept any more`] : [] };
  }
}

/** The entries before the first bad one. */
function soundOf<T>(texts: readonly string[], fault: Fault | undefined): T[] {
  return (fault ? texts.slice(0, fault.entry - 1) : texts).map((text) => JSON.parse(text) as T);
}

function begun(sound: readonly Entry[]): string[] {
  const entry = sound.find(({ type }) => type === 'began');
  if (entry?.type !== 'began') return [];
  const { logs } = entry;
  return [`sealing began at ${new Date(entry.at).toISOString()} with the key ${entry.key}; ${logs.length} logs were there before`];
}

function planIn(text: string): Plan | undefined {
  try {
    const plan = JSON.parse(text) as Plan;
    digestOf(plan); // throws where it has no such shape
    return plan;
  } catch {
    return undefined;
  }
}
