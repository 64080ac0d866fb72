import fc from 'fast-check';
import type { Result } from './fuzz.ts';

const count = (number: number): string => number.toLocaleString('en-US');

/** How far a part is. */
export const progressLine = (part: string, done: number, runs: number): string => `${part.padEnd(14)} ${count(done).padStart(9)} of ${count(runs)}`;

/** What failed: the smallest case, why, and what to type to see it again. */
export const storyOf = (part: string, seed: number, details: fc.RunDetails<[unknown]>): string =>
  [
    `${part} FAILED:`,
    fc.defaultReportMessage(details) ?? '',
    details.errorInstance instanceof Error ? (details.errorInstance.stack ?? '') : String(details.errorInstance),
    `See it again: npm run fuzz -- --only ${part} --runs ${details.numRuns + 1} --seed ${seed}`,
  ].join('\n');

/** How all parts went, one a line. */
export function tableOf(results: readonly Result[], seed: number): string {
  const rows = results.map(({ part, tally, seconds, failure }) => [
    part,
    count(tally.accepted + tally.refused),
    count(tally.refused),
    count(tally.accepted),
    seconds.toFixed(1),
    failure === undefined ? 'ok' : 'FAILED',
  ]);
  const sum = (of: (result: Result) => number): number => results.reduce((all, result) => all + of(result), 0);
  const [refused, accepted] = [sum(({ tally }) => tally.refused), sum(({ tally }) => tally.accepted)];
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const last = [
    'in all',
    count(refused + accepted),
    count(refused),
    count(accepted),
    sum(({ seconds }) => seconds).toFixed(1),
    failed > 0 ? `${failed} FAILED` : 'ok',
  ];
  const lines = [['part', 'cases', 'refused', 'accepted', 'seconds', ''], ...rows, last];
  return [...lines.map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(10))).join('')), `Seed ${seed}.`].join('\n');
}
