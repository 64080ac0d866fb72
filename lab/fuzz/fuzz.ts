import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { emptyDir } from './empty.ts';
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
/** After so long, in milliseconds, a batch is cut off: a failing case is small enough by then. */
const longestBatchMs = 180_000;

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

/** In a working directory in which nothing may come to be. */
async function tried(part: Part, runs: number, options: FuzzOptions): Promise<Result> {
  const [begin, home, here] = [performance.now(), process.cwd(), emptyDir()];
  const tally: Tally = { accepted: 0, refused: 0 };
  const open = await part.open();
  process.chdir(here.dir);
  try {
    const failure = await batches(part, open, tally, runs, options, here.mustBeEmpty);
    return { part: part.name, tally, seconds: (performance.now() - begin) / 1000, ...(failure === undefined ? {} : { failure }) };
  } finally {
    process.chdir(home);
    here.remove();
    await open.close();
  }
}

/** Batch after batch until one fails: what failed, or undefined. */
async function batches(
  part: Part,
  open: OpenPart,
  tally: Tally,
  runs: number,
  { seed, say, signal }: FuzzOptions,
  mustBeEmpty: () => void,
): Promise<string | undefined> {
  let told = performance.now();
  for (let done = 0, batch = 0; done < runs && !signal?.aborted; done += batchSize, batch++) {
    const numRuns = Math.min(batchSize, runs - done);
    const story = await failureOf(part, open.property(tally), seed + batch, numRuns, mustBeEmpty);
    if (story !== undefined) {
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

async function failureOf(part: Part, property: ReturnType<OpenPart['property']>, seed: number, numRuns: number, mustBeEmpty: () => void) {
  const details = await fc.check(property, { seed, numRuns, interruptAfterTimeLimit: longestBatchMs });
  if (details.failed) return storyOf(part.name, seed, details);
  try {
    mustBeEmpty();
    return undefined;
  } catch (error) {
    return `${part.name} FAILED: ${(error as Error).message}, in a batch of ${numRuns} from seed ${seed}`;
  }
}
