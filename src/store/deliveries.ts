import { randomUUID } from 'node:crypto';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** How long a deliverer that died keeps others out, in milliseconds. One that lives renews it three times as often. */
const leaseMs = 5000;
const keptS = 90 * 86_400;

/** Only the one who holds a lease gives it up or keeps it: compare and delete, compare and prolong, in one step. */
const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const renewScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

/** What Slack shows of a rollback, and who is just showing it. A cache of deliveries: what happened stands in the log. */
export class Deliveries {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** Message key → digest of what is shown, or `posting` where a post was begun and its end is not known. */
  async shown(id: string): Promise<Record<string, string>> {
    return this.#redis.hgetall(keys.shown(id));
  }

  async setShown(id: string, message: string, digest: string): Promise<void> {
    await this.#redis.multi().hset(keys.shown(id), message, digest).expire(keys.shown(id), keptS).exec();
  }

  /** Takes the right to deliver for this rollback; undefined when somebody else has it. */
  async lease(id: string): Promise<Lease | undefined> {
    const token = randomUUID();
    const taken = await this.#redis.set(keys.delivering(id), token, 'PX', leaseMs, 'NX');
    if (taken !== 'OK') return undefined;
    const renew = async (): Promise<boolean> => (await this.#redis.eval(renewScript, 1, keys.delivering(id), token, leaseMs)) === 1;
    const timer = setInterval(() => void renew().catch(() => undefined), leaseMs / 3); // a lease that is lost is noticed before the next message
    return {
      renew,
      release: async () => {
        clearInterval(timer);
        await this.#redis.eval(releaseScript, 1, keys.delivering(id), token);
      },
    };
  }
}

/** The right to deliver a rollback's messages. `renew` answers whether it is still ours. */
export interface Lease {
  renew(): Promise<boolean>;
  release(): Promise<void>;
}
