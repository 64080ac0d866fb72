import { randomUUID } from 'node:crypto';
import { keys } from './keys.ts';
import { Pace } from './pace.ts';
import type { ScriptedRedis } from './redis.ts';

/** How long a deliverer that died keeps others out, in milliseconds. One that lives renews it three times as often. */
const leaseMs = 5000;
const keptS = 90 * 86_400;

/** Only the one who holds a lease gives it up, keeps it, or begins a post: compare and do, in one step. */
const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const renewScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;
const beginScript = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[5])
return 1`;

/** What Slack shows of a rollback, and who is just showing it. A cache of deliveries: what happened stands in the log. */
export class Deliveries {
  /** What this process waits with; other processes find out for themselves. */
  readonly pace = new Pace();
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /**
   * Message key → digest of what is shown, or what {@link Lease.begin} said where a post was begun and its end is not known;
   * and what {@link owe} said, by {@link whyOf} of the key.
   */
  async shown(id: string): Promise<Record<string, string>> {
    return this.#redis.hgetall(keys.shown(id));
  }

  async setShown(id: string, message: string, digest: string): Promise<void> {
    await this.#redis.multi().hset(keys.shown(id), message, digest).expire(keys.shown(id), keptS).exec();
  }

  /** Remembers that the requester has to be told something about the deliveries, and why; the first time counts. */
  async owe(id: string, message: string, why: string): Promise<void> {
    await this.#redis.multi().hsetnx(keys.shown(id), whyOf(message), why).expire(keys.shown(id), keptS).exec();
  }

  /** Takes the right to deliver to this destination for this rollback; undefined when somebody else has it. */
  async lease(id: string, to: string): Promise<Lease | undefined> {
    const token = randomUUID();
    const key = keys.delivering(`${id}:${to}`);
    if ((await this.#redis.set(key, token, 'PX', leaseMs, 'NX')) !== 'OK') return undefined;
    const renew = (): Promise<unknown> => this.#redis.eval(renewScript, 1, key, token, leaseMs);
    const timer = setInterval(() => void renew().catch(() => undefined), leaseMs / 3); // a lease that is lost is noticed before the next message
    return {
      begin: async (message, mark) => (await this.#redis.eval(beginScript, 2, key, keys.shown(id), token, leaseMs, message, mark, keptS)) === 1,
      renew: async () => (await renew()) === 1,
      release: async () => {
        clearInterval(timer);
        await this.#redis.eval(releaseScript, 1, key, token);
      },
    };
  }
}

/** Under which name {@link Deliveries.shown} has why the requester is to get this message. */
export const whyOf = (message: string): string => `why:${message}`;

/** The right to deliver a rollback's messages to one destination. */
export interface Lease {
  /** Notes that this message is just being posted, if the lease is still ours; answers whether it is. */
  begin(message: string, mark: string): Promise<boolean>;
  /** Answers whether it is still ours. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}
