import fc from 'fast-check';
import { expect, it } from 'vitest';
import { masker } from '../../src/mask.ts';

it('no secret stays readable, plain or encoded, wherever it stands', () => {
  const secret = fc
    .string({ minLength: 8, maxLength: 40 })
    .filter((text) => text.trim().length >= 8 && !text.includes('•') && !/[\ud800-\udfff]/.test(text));
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const mask = masker([value]);
      for (const form of [value, encodeURIComponent(value)]) expect(mask(`${before}|${form}|${after}`)).not.toContain(form);
      expect(mask(`|${Buffer.from(value).toString('base64')}|`)).toContain('•••');
    }),
  );
});

it('words that are no secret stay, and short values are not hidden', () => {
  const mask = masker(['hunter2-secret', undefined, 'on']);
  expect(mask('password hunter2-secret is on')).toBe('password ••• is on');
});
