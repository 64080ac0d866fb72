import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';
import { within } from './within.ts';

/** For how long a request's signature is remembered, in milliseconds: longer than its time stamp is good for. */
const rememberedMs = 11 * 60_000;
/** How long Redis may take, in milliseconds: Slack waits three seconds for an acknowledgement. */
const answersWithinMs = 300;

/** Signed requests that came already: a signature is good once, in all processes together. */
export class Replays {
  readonly #redis: ScriptedRedis;
  readonly #now: () => number;
  readonly #here = new Map<string, number>();
  constructor(redis: ScriptedRedis, now: () => number) {
    this.#redis = redis;
    this.#now = now;
  }

  /** True the first time. While Redis does not answer, this process alone remembers: nothing can be done then anyway. */
  async isFirst(signature: string): Promise<boolean> {
    const isFirstHere = !this.#here.has(signature);
    this.#remember(signature);
    if (!isFirstHere) return false;
    const set = this.#redis.set(keys.seen(signature), '1', 'PX', rememberedMs, 'NX');
    return within(answersWithinMs, set).then(
      (answer) => answer === 'OK',
      () => true,
    );
  }

  #remember(signature: string): void {
    const now = this.#now();
    for (const [one, at] of this.#here) {
      if (now - at < rememberedMs) break; // the rest is newer
      this.#here.delete(one);
    }
    if (!this.#here.has(signature)) this.#here.set(signature, now);
  }
}
