import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptText, keptOf, noOutput, outputText } from '../../../src/domain/output.ts';

const bytes = Buffer.byteLength;
const long = fc
  .array(fc.tuple(fc.string({ unit: fc.constantFrom('a', 'ä', '€', '🚀', '\n'), minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 })), {
    maxLength: 12,
  })
  .map((parts) => parts.map(([text, times]) => text.repeat(times)).join(''));

test('any text in any pieces: its beginning, its end, and the exact number of bytes between', () => {
  fc.assert(
    fc.property(long, fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (text, sizes) => {
      const kept = new KeptText();
      for (let at = 0, i = 0; at < text.length; i += 1) {
        const size = sizes[i % sizes.length] ?? 1;
        kept.add(text.slice(at, at + size));
        at += size;
      }
      const { head, leftOutBytes, tail } = kept.kept;
      expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
      expect(bytes(head) + leftOutBytes + bytes(tail)).toBe(bytes(text));
      expect(head.length).toBeLessThanOrEqual(8192);
      expect(tail.length).toBeLessThanOrEqual(16_384);
      if (leftOutBytes > 0) expect([head.length >= 8191, tail.length >= 16_383]).toEqual([true, true]);
      else expect(head + tail).toBe(text);
      expect(Buffer.from(`${head}|${tail}`).toString()).toBe(`${head}|${tail}`); // no half of a pair
    }),
  );
});

test('what the host left out is counted, and what was read between the beginning and there with it', () => {
  const kept = new KeptText();
  kept.add('a'.repeat(10_000));
  kept.leaveOut(5_000_000);
  kept.add('the end');
  expect(kept.kept).toEqual({ head: 'a'.repeat(8192), leftOutBytes: 5_000_000 + 10_000 - 8192, tail: 'the end' });
  const short = new KeptText();
  short.add('begin 🚀'.slice(0, -1));
  short.leaveOut(0);
  short.add('🚀'.slice(1));
  short.leaveOut(7);
  short.add('end');
  expect(short.kept).toEqual({ head: 'begin 🚀', leftOutBytes: 7, tail: 'end' });
});

test('memory is bounded: 200 MB pass through', () => {
  const kept = new KeptText();
  const piece = 'x'.repeat(1_000_000);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 200; i += 1) kept.add(piece);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  expect(kept.kept.leftOutBytes).toBe(200_000_000 - 8192 - 16_384);
});

test('said in words', () => {
  expect(outputText(noOutput)).toBe('');
  expect(outputText(keptOf('one\ntwo\n'))).toBe('one\ntwo\n');
  expect(outputText({ head: 'one\n', leftOutBytes: 1_073_000_000, tail: 'two\n' })).toBe('one\n… 1,073,000,000 bytes left out …\ntwo\n');
  expect(outputText({ head: 'on', leftOutBytes: 12, tail: 'wo\n' })).toBe('on\n… 12 bytes left out …\nwo\n');
});
