import type { Result } from './round.ts';
import { wordsOf } from './schedule.ts';
import type { ChaosWorld } from './world.ts';

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** A round in a line. */
export function lineOf(number: number, { schedule, version, rollbackMs, roundMs, takeovers, notes, wrong }: Result): string {
  const what = number < 1 ? 'calm' : `seed ${schedule.seed}`;
  const went = wrong.length > 0 ? 'FAILED' : `ok, complete after ${seconds(rollbackMs)} s`;
  const goesOn = takeovers.map(({ goesOnAfterMs }) => `, goes on after ${goesOnAfterMs === undefined ? 'never' : seconds(goesOnAfterMs)} s`).join('');
  const more = notes.map((note) => `\n        ${note}`).join('');
  return `${String(Math.max(number, 0)).padStart(4)}  ${what}  ${schedule.system} to ${version}  ${wordsOf(schedule)}: ${went}${goesOn} (${seconds(roundMs)} s)${more}`;
}

/** All that is known of a round that failed. */
export function storyOf({ bot, workers }: ChaosWorld, { schedule, id, wrong, log }: Result): string {
  const logs = [bot, ...workers].flatMap((member) => [`--- the last lines of ${member.name}`, ...member.lastLines(30)]);
  return [
    `What is wrong with ${id}:`,
    ...wrong.map((text) => `  - ${text}`),
    '--- its log',
    ...log,
    ...logs,
    `Play its schedule again (the machine's own timing is not replayed): npm run chaos -- --rounds 1 --seed ${schedule.seed}`,
  ].join('\n');
}

/** What all rounds say together. */
export function reportOf(results: readonly Result[]): string {
  const failed = results.filter(({ wrong }) => wrong.length > 0);
  const noted = (word: string): number => results.flatMap(({ notes }) => notes).filter((note) => note.startsWith(word)).length;
  const rounds = results.map(({ roundMs }) => roundMs);
  return [
    `${results.length} rounds, ${failed.length} failed. A round took ${spread(rounds)}.`,
    `On hosts that went down, people retried ${noted('retry')} times, and asked anew ${noted('asked anew')} times. They asked again for want of an answer ${noted('asked again')} times.`,
    `kill -9 of the worker that held the rollback, where nothing else was wrong, until another went on: ${spread(goesOn(results))}.`,
  ].join('\n');
}

/** How long nobody went on after a worker was killed, in milliseconds, in rounds in which nothing else was wrong. */
export const goesOn = (results: readonly Result[]): number[] =>
  results
    .filter(({ schedule }) => schedule.faults.length === 1)
    .flatMap(({ takeovers }) => takeovers.map(({ goesOnAfterMs }) => goesOnAfterMs ?? Number.POSITIVE_INFINITY));

/** The value below which so large a part of them lies, by nearest rank. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return 'none';
  const [low, middle, high, most] = [0, 0.5, 0.95, 1].map((part) => seconds(percentile(values, part)));
  return `${low} s at least, ${middle} s in the middle, ${high} s at the 95th percentile, ${most} s at most (${values.length})`;
}
