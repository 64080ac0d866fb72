import { createHash } from 'node:crypto';
import { digestText, type Plan, planVersion } from '../domain/plan.ts';
import { NewerBotError } from '../domain/upcast.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** The digest that an approval is for: SHA-256 of {@link digestText}, 64 hex digits. */
export const digestOf = (plan: Plan): string => createHash('sha256').update(digestText(plan)).digest('hex');

/** Plans by their digest. A plan is never changed; another plan has another digest. */
export class Plans {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** Keeps a plan and answers its digest. */
  async save(plan: Plan): Promise<string> {
    const digest = digestOf(plan);
    await this.#redis.multi().hset(keys.plan(plan.rollback), digest, JSON.stringify(plan)).exec();
    return digest;
  }

  /** Every plan of a rollback as it is kept, by the digest under which it is. */
  async texts(rollback: string): Promise<Readonly<Record<string, string>>> {
    return this.#redis.hgetall(keys.plan(rollback));
  }

  /** The plan of this digest. Throws when it is not there or is not what the digest says. */
  async load(rollback: string, digest: string): Promise<Plan> {
    const text = await this.#redis.hget(keys.plan(rollback), digest);
    if (text === null) throw new Error(`the plan of ${rollback} with digest ${digest} is not in Redis any more`);
    const plan = JSON.parse(text) as Plan;
    if (plan.v > planVersion)
      throw new NewerBotError(`a newer rollback-bot made the plan of ${rollback} (version ${plan.v}): start the newer one, and stop this one`);
    if (digestOf(plan) !== digest) throw new Error(`the plan of ${rollback} in Redis is not the one with digest ${digest}: it was changed`);
    return plan;
  }
}
