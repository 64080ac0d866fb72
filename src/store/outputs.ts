import { type KeptOutput, keptOf, noOutput } from '../domain/output.ts';
import type { RunKey } from '../domain/plan.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

const keptS = 90 * 86_400;
/** Stands before what is kept since an output has a beginning and an end. Before that it was the end alone, as plain text. */
const mark = '\0kept 2\0';

/** What is kept of what each run of a step printed, masked. Never in events. */
export class Outputs {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async save(rollback: string, run: RunKey, attempt: number, kept: KeptOutput): Promise<void> {
    const key = keys.output(rollback);
    const { head, leftOutBytes, tail } = kept;
    await this.#redis
      .multi()
      .hset(key, keys.outputField(run, attempt), mark + JSON.stringify([head, leftOutBytes, tail]))
      .expire(key, keptS)
      .exec();
  }

  /** What is kept; {@link noOutput} when nothing is. */
  async load(rollback: string, run: RunKey, attempt: number): Promise<KeptOutput> {
    const text = await this.#redis.hget(keys.output(rollback), keys.outputField(run, attempt));
    if (text === null) return noOutput;
    if (!text.startsWith(mark)) return keptOf(text);
    const [head, leftOutBytes, tail] = JSON.parse(text.slice(mark.length)) as [string, number, string];
    return { head, leftOutBytes, tail };
  }
}
