import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** Redis' own clock judges: those of the machines may differ. */
const nowScript = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;
const beatScript = `${nowScript} return redis.call('SET', KEYS[1], now)`;
const ageScript = `${nowScript} local at = redis.call('GET', KEYS[1]) if not at then return -1 end return now - at`;

/** When a worker last looked over everything that is open. */
export class Pulse {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** Everything was looked over just now. */
  async beat(): Promise<void> {
    await this.#redis.eval(beatScript, 1, keys.reconciled);
  }

  /** How long ago that was, in milliseconds; undefined when it never was. */
  async ageMs(): Promise<number | undefined> {
    const age = Number(await this.#redis.eval(ageScript, 1, keys.reconciled));
    return age < 0 ? undefined : age;
  }
}
