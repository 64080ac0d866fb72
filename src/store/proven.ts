import type { Recorded } from '../domain/release.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** What is known of a rollback whose hosts were proven. Times in milliseconds. */
export interface Proven {
  readonly version: string;
  readonly variant: string;
  readonly rollback: string;
  readonly at: number;
  readonly drill: boolean;
  /** Digest of the runbook that did it. */
  readonly runbook: string;
  readonly affectedMs?: number;
  readonly totalMs: number;
}

/** The rollbacks of each system that were proven, and what its releases are made of: the newest recorded is last known good. */
export class ProvenReleases {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async record(system: string, proven: Proven): Promise<void> {
    await this.#redis.hset(keys.proven(system), proven.rollback, JSON.stringify(proven));
  }

  /** Keeps what a release is made of; of each release the newest record. */
  async keep(system: string, recorded: Recorded): Promise<void> {
    await this.#redis.hset(keys.recorded(system), recorded.release.version, JSON.stringify(recorded));
  }

  /** What a release was made of when it was last recorded. */
  async recorded(system: string, version: string): Promise<Recorded | undefined> {
    const text = await this.#redis.hget(keys.recorded(system), version);
    return text === null ? undefined : (JSON.parse(text) as Recorded);
  }

  /** The newest release that was proven and recorded. */
  async lastKnownGood(system: string): Promise<Recorded | undefined> {
    const all = Object.values(await this.#redis.hgetall(keys.recorded(system))).map((text) => JSON.parse(text) as Recorded);
    return all.sort((a, b) => a.at - b.at).at(-1);
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
