import { firstSight, type Seen } from './check-host.ts';
import { type ChaosHost, hostNames } from './hosts.ts';
import { lineOf, reportOf, storyOf } from './report.ts';
import { versions } from './repository.ts';
import { playRound, type Result } from './round.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { startChaosWorld } from './world.ts';

export interface ChaosOptions {
  readonly rounds: number;
  /** Of the first round; each next one has the next number. */
  readonly seed: number;
  /** Hears a line a round, and the whole story of one that failed. */
  readonly say: (text: string) => void;
  /** Goes on after a round that failed, where its rollback came to its end: to find more at once. */
  readonly goOn?: boolean;
  /** Ends it after the round that goes on. */
  readonly signal?: AbortSignal;
}

/** How often nothing is wrong at first: what a rollback takes then is what moments are parts of. */
const calmRounds = 2;
/** Until one was measured, in milliseconds. */
const guessMs = 5000;

/** Plays so many rounds, and stops after the first that fails (see {@link ChaosOptions.goOn}), since nobody knows what it left. Answers all results but those of the calm rounds. */
export async function chaos({ rounds, seed, say, goOn = false, signal }: ChaosOptions): Promise<readonly Result[]> {
  const world = await startChaosWorld(say);
  try {
    const seen = Object.fromEntries(await Promise.all(hostNames.map(async (host) => [host, await firstSight(world, host)]))) as Record<
      ChaosHost,
      Seen
    >;
    const results: Result[] = [];
    const play = async (schedule: Schedule): Promise<Result> => {
      const version = versions[(results.length + 1) % 2] ?? versions[0];
      const result = await playRound(world, schedule, version, usualMs(results, schedule), seen);
      results.push(result);
      say(lineOf(results.length - calmRounds, result));
      if (result.wrong.length > 0) say(storyOf(world, result));
      return result;
    };
    for (let i = 0; i < calmRounds + rounds && signal?.aborted !== true; i++) {
      const { wrong, rollbackMs } = await play(scheduleOf(i < calmRounds ? i : seed + i - calmRounds, i < calmRounds));
      if (wrong.length > 0 && !(goOn && rollbackMs > 0)) break;
    }
    const played = results.slice(calmRounds);
    say(reportOf(results));
    return results.some(({ wrong }) => wrong.length > 0) && played.length === 0 ? results : played;
  } finally {
    await world.stop();
  }
}

/** How long a rollback of this system took when nothing was wrong. */
const usualMs = (results: readonly Result[], { system }: Schedule): number =>
  results.slice(0, calmRounds).find(({ schedule }) => schedule.system === system)?.rollbackMs ?? guessMs;
