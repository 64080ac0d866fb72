import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** How often a worker gives a sign of life, in milliseconds. */
export const beatEveryMs = 5000;
/** A worker that gave none for so long counts as dead, in milliseconds. */
export const deadAfterMs = 15_000;

/** Redis' own clock judges: those of the machines may differ. */
const nowScript = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;
const beatScript = `${nowScript} redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2]) return redis.call('ZADD', KEYS[1], now, ARGV[1])`;
const aliveScript = `${nowScript} return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now - ARGV[1]), '+inf')`;

/** Which workers live: those that gave a sign of life within the last fifteen seconds. */
export class Workers {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** One sign of life. */
  async beat(name: string): Promise<void> {
    await this.#redis.eval(beatScript, 1, keys.workers, name, deadAfterMs);
  }

  /** Gives a sign of life every five seconds, until the answer is called: from then on the worker counts as gone. What Redis misses meanwhile is given later. */
  start(name: string): () => Promise<void> {
    const beat = (): void => void this.beat(name).catch(() => undefined); // a Redis that is away makes everybody dead for as long
    const timer = setInterval(beat, beatEveryMs);
    beat();
    return async () => {
      clearInterval(timer);
      await this.#redis.zrem(keys.workers, name);
    };
  }

  /** Whether this worker lives. */
  async alive(name: string): Promise<boolean> {
    return (await this.list()).includes(name);
  }

  /** The names of all workers that live. */
  async list(): Promise<string[]> {
    return (await this.#redis.eval(aliveScript, 1, keys.workers, deadAfterMs)) as string[];
  }
}
