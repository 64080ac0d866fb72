import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beforeOf } from '../../../src/steps/baseline.ts';

describe('beforeOf', () => {
  it.each([
    ['912', { baseline: 1.5 }, { value: '912', atMost: 1368 }],
    ['noise\n0\n', { baseline: 1.5 }, { value: '0', atMost: 0 }],
    ['-3', { baseline: 1.5 }, { value: '-3', atMost: -1.5 }],
    ['-3', { baseline: 0.5, above: -10 }, { value: '-3', atLeast: -4.5 }],
    ['40', { baseline: 0.5, above: 1 }, { value: '40', atLeast: 20 }],
    ['40', { baseline: 0.5, above: 1, below: 90 }, { value: '40', atMost: 20 }],
    ['1e3', { baseline: 0.1 }, { value: '1e3', atMost: 100 }],
    ['', { baseline: 1 }, {}],
    ['NaN', { baseline: 1 }, {}],
    ['912 ms', { baseline: 1 }, {}],
  ])('of %j with %j', (read, item, expected) => expect(beforeOf({ name: 'a', ...item }, read.trimEnd())).toEqual({ name: 'a', ...expected }));

  it('a factor of 1 always lets the same value pass, one above 1 leaves room', () =>
    fc.assert(
      fc.property(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 0, max: 9 }), (value, more) => {
        const { atMost = Number.NaN } = beforeOf({ name: 'a', baseline: 1 + more }, String(value));
        expect(atMost).toBeGreaterThanOrEqual(value);
      }),
    ));
});
