import { createHash } from 'node:crypto';
import { type KeptOutput, keptOf, noOutput, outputText } from '../domain/output.ts';
import type { RunKey } from '../domain/plan.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

const keptS = 90 * 86_400;
/** Stands before what is kept since an output has a beginning and an end. Before that it was the end alone, as plain text. */
const mark = '\0kept 2\0';

/** SHA-256 of the text as people see it: where nothing is left out, that of the output itself. */
const hashOf = (kept: KeptOutput): string => createHash('sha256').update(outputText(kept)).digest('hex');

/** Stands for what cannot be read: the hash of nothing else. */
const broken: KeptOutput = { head: '\0', leftOutBytes: 1, tail: '\0' };

/** What is kept of what each run of a step printed, masked. Never in events. */
export class Outputs {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** Keeps it and answers its hash, for the event. */
  async save(rollback: string, run: RunKey, attempt: number, kept: KeptOutput): Promise<string> {
    const key = keys.output(rollback);
    const { head, leftOutBytes, tail } = kept;
    await this.#redis
      .multi()
      .hset(key, keys.outputField(run, attempt), mark + JSON.stringify([head, leftOutBytes, tail]))
      .expire(key, keptS)
      .exec();
    return hashOf(kept);
  }

  /** Whether what is kept has this hash; undefined where nothing is kept any more. */
  async matches(rollback: string, run: RunKey, attempt: number, sha256: string): Promise<boolean | undefined> {
    if ((await this.#redis.hexists(keys.output(rollback), keys.outputField(run, attempt))) === 0) return undefined;
    return hashOf(await this.load(rollback, run, attempt).catch(() => broken)) === sha256;
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
