import type { RunKey } from '../domain/plan.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

const keptS = 90 * 86_400;
/** How much of a run's output is kept in Redis: its end, in characters. */
export const keptOutput = 16_384;

/** The end of what each run of a step printed. Never in events. */
export class Outputs {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async save(rollback: string, run: RunKey, attempt: number, text: string): Promise<void> {
    const key = keys.output(rollback);
    await this.#redis.multi().hset(key, keys.outputField(run, attempt), text.slice(-keptOutput)).expire(key, keptS).exec();
  }

  /** The end of the output; empty when nothing was kept. */
  async load(rollback: string, run: RunKey, attempt: number): Promise<string> {
    return (await this.#redis.hget(keys.output(rollback), keys.outputField(run, attempt))) ?? '';
  }
}
