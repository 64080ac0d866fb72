import type { Event, Fact } from '../../src/domain/event.ts';
import { fold } from '../../src/domain/fold.ts';
import { isRefusal, type Refusal, refuse } from '../../src/domain/refusal.ts';
import { holdsLock, isEnded, type State } from '../../src/domain/state.ts';
import type { Appended, Lock, Request } from '../../src/store/log.ts';

/** The log of some rollbacks without Redis: what commands ask of it, with append.lua's rules. A hundred thousand cases need no store. */
export class MemoryLog {
  readonly states: Map<string, State>;
  /** The rollbacks to which something was appended. */
  readonly changed = new Set<string>();
  readonly facts: Fact[] = [];
  readonly #now: number;

  constructor(states: ReadonlyMap<string, State>, now: number) {
    this.states = new Map(states);
    this.#now = now;
  }

  async load(id: string): Promise<State | undefined> {
    return this.states.get(id);
  }

  async create({ key: _, ...fact }: Request): Promise<State> {
    const id = `${fact.system}-${this.states.size + 1000}`;
    return this.#add(id, [{ type: 'requested', ...fact }], undefined);
  }

  async decide(id: string, decision: (state: State, now: number) => readonly Fact[] | Refusal): Promise<State | Refusal> {
    const state = this.states.get(id);
    if (!state) return refuse('rollback-unknown', `There is no rollback ${id}.`, 'Type /rollback status to see those there are.');
    const facts = decision(state, this.#now);
    return isRefusal(facts) ? facts : this.#add(id, facts, state);
  }

  async append(state: State, _token: string, facts: readonly Fact[]): Promise<Appended> {
    return { kind: 'ok', state: this.#add(state.id, facts, state) };
  }

  async newToken(): Promise<string> {
    return '000000000099';
  }

  async lock(system: string): Promise<Lock | undefined> {
    const holder = [...this.states.values()].find((state) => state.system === system && holdsLock(state));
    return holder && { rollback: holder.id, since: holder.startedAt ?? 0 };
  }

  async dropLock(): Promise<boolean> {
    return true;
  }

  async open(): Promise<string[]> {
    return [...this.states.values()].filter((state) => !isEnded(state)).map(({ id }) => id);
  }

  async newest(system: string, count: number): Promise<string[]> {
    return [...this.states.values()]
      .filter((state) => state.system === system)
      .map(({ id }) => id)
      .reverse()
      .slice(0, count);
  }

  #add(id: string, facts: readonly Fact[], before: State | undefined): State {
    const events = facts.map((fact, i): Event => ({ v: 1, seq: (before?.seq ?? 0) + i + 1, at: this.#now, ...fact }));
    const after = fold(
      id,
      events.map((event) => JSON.parse(JSON.stringify(event)) as Event),
      before,
    );
    if (!after) throw new Error(`nothing was appended to ${id}`);
    this.facts.push(...facts);
    this.changed.add(id);
    this.states.set(id, after);
    return after;
  }
}
