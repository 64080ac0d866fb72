import { setTimeout as delay } from 'node:timers/promises';
import type { Actor, Event, Fact } from '../domain/event.ts';
import { fold } from '../domain/fold.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { holdsLock, isEnded, type State } from '../domain/state.ts';
import { eventVersion, upcast } from '../domain/upcast.ts';
import type { Journal } from './journal.ts';
import { keys } from './keys.ts';
import { Marks } from './marks.ts';
import { replicated, type ScriptedRedis } from './redis.ts';
import { chained } from './seal.ts';
import { SoundLogs } from './sound.ts';
import { within } from './within.ts';

/** The holder of a rollback was replaced by a newer one, so this one must stop at once. */
export class FencedError extends Error {
  override name = 'FencedError';
}

/** Redis did not answer while something was written: nobody knows whether it was. */
export class UncertainError extends Error {
  override name = 'UncertainError';
}

/** What `append` did, or why it did nothing. */
export type Appended =
  | { readonly kind: 'ok'; readonly state: State }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'locked'; readonly holder: string };

/** A request for a rollback. `key` is the same when the same request arrives twice. */
export type Request = Omit<Extract<Fact, { type: 'requested' }>, 'type'> & { readonly key: string };

/** The lock of a system: which rollback runs on it. */
export interface Lock {
  readonly rollback: string;
  readonly since: number;
}

/** Only the holder that was meant loses it. */
const dropLockScript = `if redis.call('HGET', KEYS[1], 'rollback') == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** For how long a repeated envelope is recognised, in seconds: Slack repeats within minutes. */
const repeatsKnownS = 86_400;
/** How long a stop waits for its note in the journal, in milliseconds. */
const stopNoteMs = 500;
/** How often a request is tried while others are written at the same time. */
const createTries = 50;

/** The event log in Redis, with the lock and the index of open rollbacks that follow from it. Every event is sealed on the one before it. */
export class Log {
  readonly #redis: ScriptedRedis;
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #onAppend: (state: State) => Promise<void>;
  readonly #onUnreplicated: (state: State) => void;
  readonly #cache = new Map<string, State>();
  readonly #marks: Marks;
  readonly #sound: SoundLogs;

  /**
   * `onAppend` reacts to every new state (it adds jobs); what it misses, reconcile mends. `onUnreplicated` hears of a decision that is on the primary
   * alone, because its replica did not confirm it within a second.
   */
  constructor(
    redis: ScriptedRedis,
    journal: Journal,
    now: () => number,
    onAppend: (state: State) => Promise<void>,
    onUnreplicated: (state: State) => void = () => undefined,
  ) {
    this.#redis = redis;
    this.#journal = journal;
    this.#marks = new Marks(journal);
    this.#sound = new SoundLogs(redis, journal, this.#marks);
    this.#now = now;
    this.#onAppend = onAppend;
    this.#onUnreplicated = onUnreplicated;
  }

  /** Starts a rollback's log, or finds the rollback that the same request became before. */
  async create(request: Request): Promise<State> {
    const id = await this.#created(request);
    const state = await this.load(id);
    if (!state) throw new Error(`${id} was created but has no log`);
    await this.#onAppend(state);
    return state;
  }

  /** Its number is asked first, since the seal of its first event is for its id; the journal has it in the same moment as the log. */
  async #created({ key, ...fact }: Request): Promise<string> {
    const { seal } = this.#journal;
    for (let tried = 1; tried <= createTries; tried++) {
      const [number, tail] = await Promise.all([this.#redis.get(keys.number(fact.system)), this.#journal.tail()]);
      const [next, now] = [Number(number ?? 0) + 1, this.#now()];
      const rollback = `${fact.system}-${next}`;
      const event: Event = { v: eventVersion, seq: 1, at: now, type: 'requested', ...fact };
      const { texts } = chained(seal, seal.begin(rollback), [JSON.stringify(event)]);
      const [kind, id] = await written(
        this.#redis.createRollback(
          ...[keys.asked(key), keys.number(fact.system), keys.open, keys.rollbacks(fact.system), keys.journal, keys.journalCut],
          ...[fact.system, now, texts[0] ?? '', keys.log(''), repeatsKnownS],
          ...[next, tail.entries, this.#journal.text({ type: 'requested', rollback, by: fact.by }, tail)],
        ),
      );
      if (kind !== 'conflict') return id;
      await delay(Math.random() * 5 * tried);
    }
    throw new Error(`others were written at the same time, ${createTries} times running`);
  }

  /** The state of a rollback now; undefined when there is none of that id. Only events that are new since the last look are read. */
  async load(id: string): Promise<State | undefined> {
    const known = this.#cache.get(id);
    const texts = await this.#redis.lrange(keys.log(id), known ? known.seq - 1 : 0, -1);
    const events = texts.map(parsed);
    const grown = known && events[0]?.seq === known.seq && events[0].at === known.at && events[0].mac === known.head;
    const state = grown ? fold(id, events.slice(1), known) : known ? await this.#reread(id) : fold(id, events);
    if (state) this.#remember(state);
    return state;
  }

  /** Every event of a rollback, oldest first. */
  async events(id: string): Promise<Event[]> {
    return (await this.texts(id)).map(parsed);
  }

  /** The same as it is kept, byte for byte: what a seal is for. */
  async texts(id: string): Promise<string[]> {
    return this.#redis.lrange(keys.log(id), 0, -1);
  }

  /**
   * The state of a rollback now, from events of which every one is as it was sealed: what is done on hosts is done by this one. Throws a TamperedError,
   * with the first bad entry, when one is not.
   */
  async sound(id: string): Promise<State | undefined> {
    return this.#sound.load(id);
  }

  /** Asks `decision` about the current state and appends what it says; decides anew when something else happened meanwhile. */
  async decide(id: string, decision: (state: State, now: number) => readonly Fact[] | Refusal): Promise<State | Refusal> {
    for (;;) {
      const state = await this.load(id);
      if (!state) return refuse('rollback-unknown', `There is no rollback ${id}.`, 'Type /rollback status to see those there are.');
      const facts = decision(state, this.#now());
      if (isRefusal(facts)) return facts;
      const appended = await this.#write(state, '', facts);
      if (appended.kind === 'ok') return this.#acted(appended.state);
      if (appended.kind === 'locked' && appended.holder === '')
        return refuse(
          'locked',
          `${id} has lost the lock of ${state.system}.`,
          `Leave it as is, and ask anew: /rollback ${state.system} ${state.version}`,
        );
      if (appended.kind === 'locked')
        return refuse(
          'locked',
          `${appended.holder} is running on ${state.system}; only one rollback runs on a system.`,
          `Follow ${appended.holder} to its end, then approve again.`,
        );
    }
  }

  /** Where Redis has a replica, nothing is done for a decision before that has it too; one that does not confirm in time holds up nobody. */
  async #acted(state: State): Promise<State> {
    const isSafe = await replicated(this.#redis).catch(() => true); // a Redis that does not tell is no replica that failed
    if (!isSafe) this.#onUnreplicated(state);
    await this.#onAppend(state);
    return state;
  }

  /**
   * Appends what happened, whatever else happened meanwhile, as long as `mayStill` says so of the state it is appended to. Throws {@link FencedError}
   * when it does not, or when `token` is not the newest.
   */
  async observe(id: string, token: string, facts: readonly Fact[], mayStill: (state: State) => boolean = () => true): Promise<State> {
    for (;;) {
      const state = await this.load(id);
      if (!state) throw new Error(`there is no rollback ${id}`);
      if (!mayStill(state)) throw new FencedError(`${id} is ${state.status}: nothing more is begun`);
      const appended = await this.append(state, token, facts);
      if (appended.kind === 'ok') return appended.state;
      if (appended.kind === 'locked') throw new Error(`${id} observes, but ${appended.holder} holds the lock`);
    }
  }

  /** Appends facts that were decided on exactly this state. The lock and the index of open rollbacks follow in the same script. */
  async append(state: State, token: string, facts: readonly Fact[]): Promise<Appended> {
    const appended = await this.#write(state, token, facts);
    if (appended.kind === 'ok') await this.#onAppend(appended.state);
    return appended;
  }

  async #write(state: State, token: string, facts: readonly Fact[]): Promise<Appended> {
    const at = Math.max(this.#now(), state.at); // a clock that went back must not reorder what happened
    const bodies = facts.map((fact, i): string => JSON.stringify({ v: eventVersion, seq: state.seq + i + 1, at, ...fact }));
    const { texts } = chained(this.#journal.seal, state.head ?? (await this.#beginning(state)), bodies);
    const after = fold(state.id, texts.map(parsed), state);
    if (!after) throw new Error(`nothing to append to ${state.id}`);
    const [kind, detail] = await written(
      this.#redis.appendEvents(
        ...[keys.log(state.id), keys.meta(state.id), keys.lock(state.system)],
        ...[state.seq, token, state.id, at, lockOf(state, after), after.undoes?.rollback ?? '', after.status === 'trouble' ? 1 : 0],
        ...[state.head ?? '', ...texts],
      ),
    );
    if (kind === 'fenced') throw new FencedError(`${state.id} is held by a newer worker (token ${detail}, ours ${token})`);
    if (kind === 'locked') return { kind, holder: detail };
    if (kind === 'conflict') return { kind };
    if (isEnded(after)) await this.#redis.zadd(keys.open, 'NX', after.requestedAt, after.id).catch(() => undefined); // a late signature is told and exported too
    this.#remember(after);
    if (isEnded(after) && !isEnded(state)) await this.#noteEnd(after);
    if (after.status === 'stopping' && state.status !== 'stopping') await this.#noteStop(after);
    return { kind: 'ok', state: after };
  }

  /** What the first sealed event follows on in a log that an older bot began. */
  async #beginning({ id, seq }: State): Promise<string> {
    return this.#journal.seal.begin(id, await this.#redis.lrange(keys.log(id), 0, seq - 1));
  }

  /** From then on a log that is cut at its end is known to be. */
  async #noteEnd({ id, status, seq, head = '' }: State): Promise<void> {
    await this.#journal.note({ type: 'ended', rollback: id, status, entries: seq, head });
  }

  /** From then on a log from which the stop was cut is known to be. What runs must not wait for it: a note that takes longer is written meanwhile. */
  async #noteStop({ id, seq, head = '' }: State): Promise<void> {
    await within(stopNoteMs, this.#journal.note({ type: 'stop-chosen', rollback: id, entries: seq, head })).catch(() => undefined);
  }

  /** A fencing token greater than all before it, zero-padded so that text order is number order. */
  async newToken(): Promise<string> {
    return String(await this.#redis.incr(keys.fence)).padStart(12, '0');
  }

  /** Who holds a system's lock, and since when (milliseconds since 1970); undefined when nobody does. */
  async lock(system: string): Promise<Lock | undefined> {
    const { rollback, since } = await this.#redis.hgetall(keys.lock(system));
    return rollback === undefined ? undefined : { rollback, since: Number(since) };
  }

  /** Takes the lock from a rollback of which Redis knows nothing else any more, which the journal says. False when another holds it by now. */
  async dropLock(system: string, rollback: string, by: Actor, reason: string): Promise<boolean> {
    const isDropped = (await written(this.#redis.eval(dropLockScript, 1, keys.lock(system), rollback))) === 1;
    if (isDropped) await this.#journal.note({ type: 'unlocked', system, rollback, by, reason });
    return isDropped;
  }

  /** Ids of rollbacks that may still need work, oldest first. */
  async open(): Promise<string[]> {
    return this.#redis.zrange(keys.open, 0, '-1');
  }

  /**
   * Takes a rollback off the list of those that may still need work; after `keptMs` Redis forgets it. The journal is told of its end where it was not:
   * the process that wrote the end may have died, or have had no answer.
   */
  async close(state: State, keptMs: number): Promise<void> {
    const { id, system } = state;
    const isTold = (await this.#marks.about(id)).some(({ type }) => type === 'ended');
    if (!isTold && isEnded(state) && state.head !== undefined) await this.#noteEnd(state);
    const now = this.#now();
    const forget = this.#redis
      .multi()
      .zrem(keys.open, id)
      .zremrangebyscore(keys.rollbacks(system), '-inf', now - keptMs);
    for (const key of [keys.log, keys.meta, keys.plan, keys.output, keys.shown]) forget.pexpire(key(id), keptMs);
    await forget.exec();
  }

  /** Ids of a system's newest rollbacks, newest first. */
  async newest(system: string, count: number): Promise<string[]> {
    return this.#redis.zrevrange(keys.rollbacks(system), 0, count - 1);
  }

  async #reread(id: string): Promise<State | undefined> {
    this.#cache.delete(id);
    return fold(id, await this.events(id));
  }

  #remember(state: State): void {
    const known = this.#cache.get(state.id);
    if (!known || known.seq <= state.seq) this.#cache.set(state.id, state);
    if (this.#cache.size > 200) this.#cache.delete(this.#cache.keys().next().value ?? '');
  }
}

/** What becomes of the lock: whoever ends lets go of it. Going on after trouble needs it still: an undo may have taken it over meanwhile. */
function lockOf(before: State, after: State): 'take' | 'keep' | 'release' | 'let go' | '' {
  if (holdsLock(after) && !holdsLock(before)) return 'take';
  if (isEnded(after)) return 'release';
  if (holdsLock(before) && !holdsLock(after)) return 'let go'; // read anew: it waits for approval again, unless an undo has taken over meanwhile
  return before.status === 'trouble' && after.status !== 'trouble' ? 'keep' : '';
}

const parsed = (text: string): Event => upcast(JSON.parse(text));

/** A write's answer, or {@link UncertainError}. */
async function written<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    throw new UncertainError('Redis did not answer while something was written', { cause });
  }
}
