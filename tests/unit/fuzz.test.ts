import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz } from '../../lab/fuzz/fuzz.ts';
import { partOf } from '../../lab/fuzz/part.ts';
import { pureParts } from '../../lab/fuzz/parts.ts';

/** Cases of the parts that are slow: their texts are long, or they write files. */
const fewer: Readonly<Record<string, number>> = { told: 150, 'system-files': 100 };

describe('whatever comes in', () => {
  it.each(pureParts.map((part) => [part.name, part] as const))('%s', async (name, part) => {
    const [result] = await fuzz({ runs: fewer[name] ?? 500, seed: 20_261, parts: [part], say: () => undefined });
    expect(result?.failure).toBeUndefined();
    expect(result?.tally.accepted, 'a part that lets nothing through tries only its first check').toBeGreaterThan(10);
  });
});

/** A part of numbers that fails from 70 on. */
const failing = partOf({
  name: 'failing',
  perMille: 1,
  open: async () => ({
    cases: fc.nat(100),
    try: (number) => {
      if (number >= 70) throw new Error(`${number} is too much`);
      return number % 2 === 0 ? 'accepted' : 'refused';
    },
  }),
});

describe('a run', () => {
  const said: string[] = [];
  const tried = (seed: number, signal?: AbortSignal) =>
    fuzz({ runs: 300, seed, parts: [failing], say: (text) => void said.push(text), ...(signal && { signal }) });

  it('says the smallest case of what failed, and the seed that shows it again', async () => {
    const [result] = await tried(7);
    expect(result?.failure).toContain('Counterexample: [70]');
    expect(result?.failure).toContain('70 is too much');
    const [, runs, seed] = /--runs (\d+) --seed (\d+)/.exec(result?.failure ?? '') ?? [];
    const [again] = await fuzz({ runs: Number(runs), seed: Number(seed), parts: [failing], say: () => undefined });
    expect(again?.failure).toContain('Counterexample: [70]');
    expect(said.at(-1)).toMatch(/failing +\d+ +\d+ +\d+ +[\d.]+ +FAILED/);
  });

  it('ends where it is told to, and still sums up', async () => {
    expect(await tried(7, AbortSignal.abort())).toEqual([]);
    expect(said.at(-1)).toContain('in all');
  });

  it('sees what a case leaves behind in the working directory', async () => {
    const litter = partOf({
      name: 'litter',
      perMille: 1,
      open: async () => ({
        cases: fc.constant('q7x'),
        try: async (name) => {
          writeFileSync(name, '');
          return 'accepted' as const;
        },
      }),
    });
    const [result] = await fuzz({ runs: 10, seed: 1, parts: [litter], say: () => undefined });
    expect(result?.failure).toContain('a file was made: q7x');
  });
});
