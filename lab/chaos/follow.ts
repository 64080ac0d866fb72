import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../src/domain/event.ts';
import { ask } from './ask.ts';
import type { Excuse, Fault } from './fault.ts';
import { badRuns, Person } from './person.ts';
import type { ChaosSystem } from './system.ts';
import type { ChaosWorld } from './world.ts';

const tickMs = 50;
/** How long a rollback may take, from the request to its end, in milliseconds. */
const hangsAfterMs = 90_000;

/** What is wrong with the product: the round has failed. */
export class Failure extends Error {
  override name = 'Failure';
}

/** A worker that was killed while it held the rollback, and how long nobody went on, in milliseconds. */
export interface Takeover {
  readonly pid: number;
  readonly atMs: number;
  readonly seq: number;
  goesOnAfterMs?: number;
}

/** A rollback followed from outside, from the request to its end, with people who do their part. */
export class Follow {
  readonly #world: ChaosWorld;
  readonly #person: Person;
  readonly #system: ChaosSystem;
  readonly #version: string;
  readonly #faults: readonly Fault[];
  readonly #startedAtMs = performance.now();
  readonly takeovers: Takeover[] = [];
  /** What people had to do beside approving: `retry: 2.2@chaos-1 unknown …`. */
  readonly notes: string[] = [];
  events: Event[] = [];
  id = '';

  constructor(world: ChaosWorld, system: ChaosSystem, version: string, faults: readonly Fault[]) {
    this.#world = world;
    this.#person = new Person(world);
    this.#system = system;
    this.#version = version;
    this.#faults = faults;
  }

  /** The pid of the worker that took the rollback last; 0 while none has, and after its end. */
  get holderPid(): number {
    if (this.events.some(({ type }) => type === 'completed')) return 0;
    const taken = this.events.findLast((event) => event.type === 'taken');
    return Number(taken?.worker.split(':').at(-1) ?? 0);
  }

  /** To be called when a worker is killed. Only one that held the rollback in its middle is missed. */
  killed(pid: number): void {
    if (pid === this.holderPid && this.#does('started')) this.takeovers.push({ pid, atMs: performance.now(), seq: this.events.length });
  }

  /** Asks, and goes on until the rollback is complete. Throws a {@link Failure} when it comes to anything that nothing excuses. */
  async toEnd(): Promise<void> {
    await this.#ask();
    while (!this.#does('completed')) {
      if (performance.now() - this.#startedAtMs > hangsAfterMs) throw new Failure(`hangs: not complete after ${hangsAfterMs / 1000} s`);
      await this.#look();
      await this.#act();
      await delay(tickMs);
    }
  }

  #does(type: Event['type']): boolean {
    return this.events.some((event) => event.type === type);
  }

  async #look(): Promise<void> {
    const fresh = await this.#world.journal.events(this.id, this.events.length);
    this.events.push(...fresh);
    for (const takeover of this.takeovers.filter(({ goesOnAfterMs }) => goesOnAfterMs === undefined))
      if (fresh.some((event) => event.type === 'taken' && !event.worker.endsWith(`:${takeover.pid}`) && event.seq > takeover.seq))
        takeover.goesOnAfterMs = performance.now() - takeover.atMs;
  }

  async #act(): Promise<void> {
    const { type } = this.events.findLast(({ type }) => type !== 'message-posted' && type !== 'message-dropped') ?? {};
    if (type === 'planned') await this.#person.press(this.id, 'approve');
    else if (type === 'unplannable') await this.#anew();
    else if (type === 'trouble') await this.#retry();
    else if (type === 'expired' || type === 'left') throw new Failure(`is ${type}, which nobody wanted`);
  }

  async #retry(): Promise<void> {
    const { where, what } = this.events.findLast((event) => event.type === 'trouble') ?? { where: 'bot', what: '' };
    const bad = badRuns(this.events);
    for (const one of bad) if (!this.#isExcused(one)) throw new Failure(`comes to trouble that nothing excuses: ${one.words}`);
    if (where !== 'step') throw new Failure(`comes to trouble that nothing excuses: ${where}: ${what}`);
    if (await this.#person.press(this.id, 'retry')) this.notes.push(`retry: ${bad.map(({ words }) => words).join('; ')}`);
  }

  /** On a host that goes down in the middle of a command nobody can know how far it came; before that, every command and guard may fail. */
  #isExcused({ run, outcome }: ReturnType<typeof badRuns>[number]): boolean {
    const isDown = this.#faults.some(({ excuses, host }) => excuses.includes('rebooted') && run.endsWith(`@${host}`));
    return isDown && ['unknown', 'failed', 'drifted'].includes(outcome);
  }

  #excuses(excuse: Excuse): boolean {
    return this.#faults.some(({ excuses }) => excuses.includes(excuse));
  }

  /** Hosts that are away while the plan is made make it unplannable, which is said; people ask again. */
  async #anew(): Promise<void> {
    const problems = this.events.flatMap((event) => (event.type === 'unplannable' ? event.problems.map(({ what }) => what) : [])).join('; ');
    if (!this.#excuses('host-away')) throw new Failure(`cannot be planned, and nothing excuses it: ${problems}`);
    this.notes.push(`asked anew: ${problems}`);
    await delay(1000);
    await this.#ask();
  }

  /**
   * Asks until there is a rollback. Slack tells people itself when the bot did not hear them, and they ask again: its connection may be away for some
   * seconds. A request that was heard and left no trace must be excused.
   */
  async #ask(): Promise<void> {
    for (;;) {
      const asked = await ask(this.#world, this.#person, this.#system, this.#version);
      if (typeof asked === 'object') return this.#begin(asked.id);
      if (asked === 'lost' && !this.#excuses('request-lost')) throw new Failure('a request that was heard left no trace');
      this.notes.push(`asked again: ${asked === 'lost' ? 'no trace of the request' : 'Slack said that the bot does not answer'}`);
      if (performance.now() - this.#startedAtMs > hangsAfterMs) throw new Failure('hangs: no request arrives');
    }
  }

  #begin(id: string): void {
    this.id = id;
    this.events = [];
  }
}
