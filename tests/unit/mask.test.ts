import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { MaskedOutput, masker, streamMasker } from '../../src/mask.ts';

it('no secret stays readable, plain or encoded, wherever it stands', () => {
  const secret = fc
    .string({ minLength: 8, maxLength: 40 })
    .filter((text) => text.trim().length >= 8 && !text.includes('•') && !/[\ud800-\udfff]/.test(text));
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const mask = masker([value]);
      for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
        expect(mask(`${before}|${form}|${after}`)).not.toContain(form);
      expect(mask(`|${Buffer.from(value).toString('base64')}|`)).toContain('•••');
    }),
  );
});

it('words that are no secret stay, and short values are not hidden', () => {
  const mask = masker(['hunter2-secret', undefined, 'on']);
  expect(mask('password hunter2-secret is on')).toBe('password ••• is on');
  expect(mask('')).toBe('');
});

it('a secret inside a longer text that is base64 is hidden, whatever stands before it', () => {
  const mask = masker(['correct-horse/battery+staple?>']);
  for (const name of ['', 'a', 'ab', 'abc', 'deploy:']) {
    const header = Buffer.from(`${name}correct-horse/battery+staple?>\n`);
    for (const text of [header.toString('base64'), header.toString('base64url')]) {
      const visible = mask(text).replaceAll('•', '');
      expect(visible.length).toBeLessThan(name.length * 2 + 8);
    }
  }
});

it('secrets that overlap are hidden as one place; secrets side by side as two', () => {
  const mask = masker(['abcdefgh', 'ghijklmnopqrst']);
  expect(mask('<abcdefghijklmnopqrst>')).toBe('<•••>');
  expect(mask('<abcdefghabcdefgh>')).toBe('<••••••>');
  expect(masker(['aaaaaa'])('a'.repeat(50_000))).toBe('•••');
});

/** Few letters, so that secrets overlap themselves and each other. */
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '🚀', '"', '+'), maxLength: 60 });
const secrets = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '🚀', '"', '+'), minLength: 6, maxLength: 14 }), { maxLength: 4 });
const pieces = (text: string, sizes: readonly number[]): string[] => {
  const cut: string[] = [];
  for (let at = 0, i = 0; at < text.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    cut.push(text.slice(at, at + size));
    at += size;
  }
  return cut;
};
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
const planted = fc.tuple(secrets, fc.array(fc.tuple(letters, fc.nat())), letters).map(([all, parts, last]) => ({
  all,
  text: parts.map(([text, which]) => text + (all[which % Math.max(1, all.length)] ?? '')).join('') + last,
}));

describe('masked as it streams', () => {
  test('any text, any pieces, any secrets: the same as masking the whole, and no secret in it', () => {
    fc.assert(
      fc.property(planted, sizes, ({ all, text }, cuts) => {
        const mask = streamMasker(all)();
        const told = pieces(text, cuts).map((piece) => mask.add(piece));
        const whole = told.join('') + mask.end();
        expect(whole).toBe(masker(all)(text));
        for (const secret of all) for (const form of [secret, encodeURIComponent(secret)]) expect(whole).not.toContain(form);
      }),
      { numRuns: 500 },
    );
  });

  test('no more is held back than a secret needs', () => {
    const mask = streamMasker(['hunter2-secret'])();
    expect(mask.add('x'.repeat(1000)).length).toBeGreaterThan(900);
    expect(mask.add('hunter2-sec')).not.toContain('hunter');
    expect(mask.add('ret and more, much more than was held back, and then some more of it')).toMatch(/^x*•••/);
    expect(streamMasker([])().add('at once')).toBe('at once');
  });

  test('where something was left out, no part of a secret of six characters or more shows at the edges', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1'), minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(word, fc.nat(), fc.nat(), sizes, (secret, first, second, cuts) => {
        const [until, from] = [6 + (first % (secret.length - 6)), 1 + (second % (secret.length - 6))];
        const output = new MaskedOutput(streamMasker([secret])());
        for (const piece of pieces(`<${secret.slice(0, until)}`, cuts)) output.add(piece, 0);
        const [next = '', ...rest] = pieces(`${secret.slice(from)}>`, cuts);
        output.add(next, 1000);
        for (const piece of rest) output.add(piece, 0);
        const { head, leftOutBytes, tail } = output.end();
        expect(head).toMatch(/^<(•••)*$/);
        expect(tail).toMatch(/^(•••)*>$/);
        expect(leftOutBytes).toBe(1000);
      }),
    );
  });

  test('a cut of our own never shows a part of a secret: it is masked first', () => {
    const secret = 'correct-horse-battery-staple';
    for (let at = 8192 - secret.length - 2; at <= 8192 + 2; at += 1) {
      const output = new MaskedOutput(streamMasker([secret])());
      for (const piece of pieces('x'.repeat(at) + secret + 'y'.repeat(40_000 - at) + secret + 'z'.repeat(16_384 - 14), [4096])) output.add(piece, 0);
      const { head, tail } = output.end();
      expect(head.replace(/^x+•{0,3}y*$/, '')).toBe('');
      expect(tail.replace(/^y*•{0,3}z+$/, '')).toBe('');
    }
  });
});
