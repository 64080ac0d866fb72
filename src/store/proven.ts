import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** What was recorded when a release was proven on all hosts. Times in milliseconds. */
export interface Proven {
  readonly version: string;
  readonly rollback: string;
  readonly at: number;
  readonly affectedMs?: number;
  readonly totalMs: number;
}

/** The releases of each system that were proven: the newest is last known good. */
export class ProvenReleases {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async record(system: string, proven: Proven): Promise<void> {
    await this.#redis.hset(keys.proven(system), proven.rollback, JSON.stringify(proven));
  }

  /** All of a system's, oldest first. */
  async list(system: string): Promise<Proven[]> {
    const texts = Object.values(await this.#redis.hgetall(keys.proven(system)));
    return texts.map((text) => JSON.parse(text) as Proven).sort((a, b) => a.at - b.at);
  }
}

/** The middle of what was measured, and of how many; undefined when nothing was. */
export function medianAffected(list: readonly Proven[]): { ms: number; measured: number } | undefined {
  const measured = list.flatMap((proven) => (proven.affectedMs === undefined ? [] : [proven.affectedMs])).sort((a, b) => a - b);
  const ms = measured[Math.floor((measured.length - 1) / 2)];
  return ms === undefined ? undefined : { ms, measured: measured.length };
}
