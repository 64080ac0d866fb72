import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Output } from '../../../src/hosts/output.ts';

test('every character is told once, in order, whatever the pieces overlap or cut', () => {
  const piece = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(piece, { minLength: 1 }), (text, pieces) => {
      const bytes = Buffer.from(text);
      const whole = bytes.toString('utf8');
      let told = '';
      const output = new Output((more) => {
        told += more;
      });
      for (let i = 0; output.offset < bytes.length; i += 1) {
        const [back, length] = pieces[i % pieces.length] ?? [0, 1];
        const at = Math.floor(output.offset * (1 - back));
        output.take(at, bytes.subarray(at, output.offset + length));
      }
      output.end();
      expect(told).toBe(whole);
      expect(output.offset).toBe(bytes.length);
      expect(output.tail).toBe(whole);
    }),
  );
});

test('keeps no more than the last 64 Ki characters', () => {
  const output = new Output(() => undefined);
  for (let i = 0; i < 300; i += 1) output.take(i * 1000, Buffer.from(String(i % 10).repeat(1000)));
  expect(output.tail).toHaveLength(64 * 1024);
  expect(output.tail.endsWith('9'.repeat(1000))).toBe(true);
});

test('where bytes are left out, halves of characters at the edges go with them, and nothing is told as another character', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ä', '€', '🚀'), minLength: 4, maxLength: 30 });
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 5 }), (whole, first, second, size) => {
      const all = Buffer.from(whole);
      const [until = 0, from = 0] = [first % (all.length + 1), second % (all.length + 1)].sort((a, b) => a - b);
      const told: string[] = [];
      let leftOut = 0;
      const output = new Output((more, gap) => {
        if (gap > 0) told.push('|');
        leftOut += gap;
        told.push(more);
      });
      for (let at = 0; at < until; at += size) output.take(at, all.subarray(at, Math.min(until, at + size)));
      output.leaveOut(from - until);
      for (let at = from; at < all.length; at += size) output.take(output.offset, all.subarray(at, at + size));
      output.end();
      const [head = '', tail = ''] = told.join('').split('|');
      expect(output.totalBytes).toBe(all.length);
      expect(Buffer.byteLength(head) + leftOut + Buffer.byteLength(tail)).toBe(all.length);
      expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
