import { firstSight, type Seen } from './check-host.ts';
import { type ChaosHost, hostNames } from './hosts.ts';
import { lineOf, reportOf, storyOf } from './report.ts';
import { versions } from './repository.ts';
import { playRound, type Result } from './round.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { systems } from './system.ts';
import { type ChaosWorld, startChaosWorld } from './world.ts';

export interface ChaosOptions {
  readonly rounds: number;
  /** Of the first round; each next one has the next number. */
  readonly seed: number;
  /** Hears a line a round, and the whole story of one that failed. */
  readonly say: (text: string) => void;
  /** Goes on after a round that failed, in a new world where its rollback did not come to its end: to find more at once. */
  readonly goOn?: boolean;
  /** Ends it at once, and puts everything away. */
  readonly signal?: AbortSignal;
}

/** Nothing is wrong in the first rounds of a world, one a system: what a rollback takes then is what moments are parts of. */
const calmRounds = systems.length;

/**
 * Plays so many rounds, and stops after the first that fails, since nobody knows what it left, unless `goOn`. Answers how each went; a calm round is
 * among them only when it failed.
 */
export async function chaos(options: ChaosOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  let isOver = false;
  while (!isOver) isOver = await playInWorld(options, results);
  options.say(reportOf(results));
  return results;
}

/** Plays the rounds that are left in a world of their own. False when it is to be gone on with in a new one. */
async function playInWorld(options: ChaosOptions, results: Result[]): Promise<boolean> {
  const world = await startChaosWorld(options.say);
  try {
    const desk = new Desk(world, options.say, await firstSights(world));
    return await Promise.race([playRounds(desk, options, results), aborted(options.signal)]);
  } finally {
    await world.stop();
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<true> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve(true);
    signal?.addEventListener('abort', () => resolve(true));
  });

async function playRounds(desk: Desk, { rounds, seed, goOn = false }: ChaosOptions, results: Result[]): Promise<boolean> {
  for (let i = 0; i < calmRounds; i++) {
    const calm = await desk.play(0, scheduleOf(i, true));
    if (calm.wrong.length > 0) return results.push(calm) > 0;
  }
  while (results.length < rounds) {
    const result = await desk.play(results.length + 1, scheduleOf(seed + results.length));
    results.push(result);
    if (result.wrong.length > 0 && !goOn) return true;
    if (!result.isComplete) return results.length >= rounds;
  }
  return true;
}

const firstSights = async (world: ChaosWorld): Promise<Record<ChaosHost, Seen>> =>
  Object.fromEntries(await Promise.all(hostNames.map(async (host) => [host, await firstSight(world, host)]))) as Record<ChaosHost, Seen>;

/** Plays round after round in one world, from one version to the other and back. */
class Desk {
  readonly #world: ChaosWorld;
  readonly #say: (text: string) => void;
  readonly #seen: Readonly<Record<ChaosHost, Seen>>;
  /** How long a rollback of each system took when nothing was wrong, in milliseconds. */
  readonly #usualMs = new Map<string, number>();
  #played = 0;

  constructor(world: ChaosWorld, say: (text: string) => void, seen: Readonly<Record<ChaosHost, Seen>>) {
    this.#world = world;
    this.#say = say;
    this.#seen = seen;
  }

  /** Plays a round and says how it went; `number` 0 for a calm one. */
  async play(number: number, schedule: Schedule): Promise<Result> {
    this.#played += 1;
    const version = versions[this.#played % 2] ?? versions[0]; // the hosts are at the first
    const result = await playRound(this.#world, schedule, version, this.#usualMs.get(schedule.system) ?? 0, this.#seen);
    if (number === 0) this.#usualMs.set(schedule.system, result.rollbackMs);
    this.#say(lineOf(number, result));
    if (result.wrong.length > 0) this.#say(storyOf(this.#world, result));
    return result;
  }
}
