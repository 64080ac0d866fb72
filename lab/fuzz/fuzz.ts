import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { OpenPart, Part, Tally } from './part.ts';
import { progressLine, storyOf, tableOf } from './report.ts';

export interface FuzzOptions {
  /** Cases in all; every part gets its share, and a few at least. */
  readonly runs: number;
  /** Of the first batch of every part; each next one has the next number. */
  readonly seed: number;
  readonly parts: readonly Part[];
  /** Hears how far it is every few seconds, the smallest case of what failed, and the table at the end. */
  readonly say: (text: string) => void;
  /** Ends it after the batch under way, and puts everything away. */
  readonly signal?: AbortSignal;
}

/** How a part went. */
export interface Result {
  readonly part: string;
  readonly tally: Tally;
  readonly seconds: number;
  /** What failed, with the smallest case that shows it. */
  readonly failure?: string;
}

/** Cases in a batch: between two, Ctrl-C is heard. A seed replays its batch from the beginning, so none is long. */
export const batchSize = 100;
const fewest = 10;
const tellEveryMs = 3000;
/** For so long a failing case is made smaller, in milliseconds. */
const shrinkMs = 30_000;

/** Tries every part; one that fails ends, the others go on. */
export async function fuzz(options: FuzzOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  const whole = options.parts.reduce((sum, { perMille }) => sum + perMille, 0);
  for (const part of options.parts) {
    if (options.signal?.aborted) break;
    const runs = Math.max(fewest, Math.round((options.runs * part.perMille) / whole));
    results.push(await tried(part, runs, options));
  }
  options.say(tableOf(results, options.seed));
  return results;
}

async function tried(part: Part, runs: number, options: FuzzOptions): Promise<Result> {
  const begin = performance.now();
  const tally: Tally = { accepted: 0, refused: 0 };
  const open = await part.open();
  try {
    const failure = await batches(part, open, tally, runs, options);
    return { part: part.name, tally, seconds: (performance.now() - begin) / 1000, ...(failure === undefined ? {} : { failure }) };
  } finally {
    await open.close();
  }
}

async function batches(part: Part, open: OpenPart, tally: Tally, runs: number, { seed, say, signal }: FuzzOptions): Promise<string | undefined> {
  let told = performance.now();
  for (let done = 0, batch = 0; done < runs && !signal?.aborted; done += batchSize, batch++) {
    const numRuns = Math.min(batchSize, runs - done);
    const details = await fc.check(open.property(tally), { seed: seed + batch, numRuns, interruptAfterTimeLimit: shrinkMs });
    if (details.failed) {
      const story = storyOf(part.name, seed + batch, details);
      say(story);
      return story;
    }
    if (performance.now() - told >= tellEveryMs) {
      say(progressLine(part.name, done + numRuns, runs));
      told = performance.now();
    }
    await turn(); // signals are heard now
  }
  return undefined;
}
