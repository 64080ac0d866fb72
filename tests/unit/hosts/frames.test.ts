import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameParser } from '../../../src/hosts/frames.ts';

const mark = 'RBmark';
const trailer = (fields: string) => Buffer.from(`\n${mark} ${fields}\n`);

describe('FrameParser', () => {
  test('finds every frame whole, however the stream is cut into chunks', () => {
    const frame = fc.record({
      payload: fc.uint8Array({ maxLength: 300 }),
      fields: fc.array(fc.stringMatching(/^[a-z0-9]+$/), { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (frames, sizes) => {
        const stream = Buffer.concat(frames.flatMap(({ payload, fields }) => [Buffer.from(payload), trailer(fields.join(' '))]));
        const parser = new FrameParser(mark, 1e6);
        const seen = chunksOf(stream, sizes).flatMap((chunk) => parser.push(chunk));
        expect(seen.map(({ payload, fields }) => ({ payload: [...payload], fields }))).toEqual(
          frames.map(({ payload, fields }) => ({ payload: [...payload], fields })),
        );
      }),
    );
  });

  test('payloads that nearly are a mark are payload', () => {
    const near = fc
      .array(fc.constantFrom('\n', 'RB', 'mark', ' ', `\n${mark}`, mark, `${mark} `, '\nRBmar'), { maxLength: 30 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        near.filter((text) => !`${text}\n`.includes(`\n${mark} `)),
        fc.integer({ min: 1, max: 7 }),
        (text, size) => {
          const parser = new FrameParser(mark, 1e6);
          const frames = chunksOf(Buffer.concat([Buffer.from(text), trailer('1 ok')]), [size]).flatMap((chunk) => parser.push(chunk));
          expect(frames.map((frame) => frame.payload.toString())).toEqual([text]);
        },
      ),
    );
  });

  test('keeps the beginning of a long payload and counts all of it', () => {
    const parser = new FrameParser(mark, 10);
    for (let i = 0; i < 1000; i += 1) expect(parser.push(Buffer.alloc(1000, 0x61 + (i % 2)))).toEqual([]);
    const [frame] = parser.push(trailer('7 read 0'));
    expect(frame?.payload.toString()).toBe('a'.repeat(10));
    expect(frame?.payloadBytes).toBe(1_000_000);
    expect(parser.push(Buffer.concat([Buffer.from('next'), trailer('8')]))[0]?.payload.toString()).toBe('next');
  });

  test('a trailer that does not end is refused, not kept for ever', () => {
    const parser = new FrameParser(mark, 10);
    expect(() => parser.push(Buffer.from(`\n${mark} ${'x'.repeat(5000)}`))).toThrow(RangeError);
  });
});

function chunksOf(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < stream.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
