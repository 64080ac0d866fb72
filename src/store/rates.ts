import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';
import { within } from './within.ts';

/** What is counted: everything a person types or presses, and the rollbacks that person asks for. */
export type Counted = 'actions' | 'requests';

/** How many of each one person may do in a minute. */
export type Limits = Readonly<Record<Counted, number>>;

const minuteMs = 60_000;
/** How long Redis may take, in milliseconds: somebody waits for an answer. */
const answersWithinMs = 300;

/** One script, so that a counter cannot be left without its end. Answers how many milliseconds are left where it is too many. */
const takeScript = `local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if n > tonumber(ARGV[1]) then return redis.call('PTTL', KEYS[1]) end
return 0`;
/** A counter that has ended meanwhile is not begun anew. */
const giveBackScript = `if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('INCRBY', KEYS[1], -1) end return 0`;

/** Counts what each person does in a minute, over all processes together. A Redis that is away limits nobody, and is no error. */
export class Rates {
  readonly limits: Limits;
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis, limits: Limits) {
    this.#redis = redis;
    this.limits = limits;
  }

  /** Counts one; answers 0, or in how many milliseconds it may be done again where it was too many. A minute begins with its first. */
  async take(userId: string, what: Counted): Promise<number> {
    return this.#ask(takeScript, userId, what, this.limits[what], minuteMs);
  }

  /** Counts one less: it came to nothing. */
  async giveBack(userId: string, what: Counted): Promise<void> {
    await this.#ask(giveBackScript, userId, what);
  }

  async #ask(script: string, userId: string, what: Counted, ...args: number[]): Promise<number> {
    const asked = this.#redis.eval(script, 1, keys.rate(what, userId), ...args);
    return within(answersWithinMs, asked).then(Number, () => 0);
  }
}
