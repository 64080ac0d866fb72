import fc from 'fast-check';
import { outputText } from '../../../src/domain/output.ts';
import { Output } from '../../../src/hosts/output.ts';
import { MaskedOutput, masker, streamMasker } from '../../../src/mask.ts';
import { anyBytes } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';

const secret = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 48 }).filter((text) => text.trim().length >= 8),
  fc.constantFrom('xoxb-1234567890-abcdef', 'p"a\\ss\'w+rd/%20', 'aaaaaaaa', 'abababab', 'line one\nline two', '({[.*+?^$|-]})'),
);

/** How a secret gets into an output. */
const ways: Readonly<Record<string, (secret: string, before: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify({ token: text }),
  url: (text) => `https://h/?t=${encodeURIComponent(text)}`,
  base64: (text) => Buffer.from(text).toString('base64'),
  basic: (text, before) => Buffer.from(`${before}:${text}`).toString('base64'),
  base64url: (text, before) => Buffer.from(`${before}${text}.`).toString('base64url'),
};

/** What must be nowhere afterwards. Of base64 within a longer text: the digits that hold nothing but the secret. */
const forms = (text: string): string[] =>
  [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), ...[0, 1, 2].map((shift) => inner(text, shift))].filter(
    (form) => form.length >= 6,
  );

function inner(text: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
  const whole = bytes.subarray(shift === 0 ? 0 : 3, bytes.length - (bytes.length % 3));
  return whole.toString('base64');
}

/** Bytes of a host become text, masked and cut; no secret is in what is kept, however they arrive. */
export const masking: Part = partOf({
  name: 'masking',
  perMille: 30,
  open: async () => ({
    cases: fc.record({
      secret,
      way: fc.constantFrom(...Object.keys(ways)),
      before: anyBytes,
      after: anyBytes,
      filler: fc.constantFrom(0, 0, 0, 8180, 20_000, 40_000),
      lengths: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20_000 })), { minLength: 1, maxLength: 6 }),
      gapAt: fc.option(fc.nat(12), { nil: -1 }),
    }),
    try: ({ secret, way, before, after, filler, lengths, gapAt }) => {
      const told = ways[way]?.(secret, 'user') ?? '';
      const stream = Buffer.concat([before, Buffer.from(`${'.'.repeat(filler)}${told} ${told}`), after]);
      const kept = keptOf(stream, secret, lengths, gapAt);
      mustHide(secret, [kept.head, kept.tail, outputText(kept), masker([secret])(`${told}${told}`)]);
      return 'accepted';
    },
  }),
});

function keptOf(stream: Buffer, secret: string, lengths: readonly number[], gapAt: number) {
  const masked = new MaskedOutput(streamMasker([secret])());
  const output = new Output((text, leftOutBytes) => masked.add(text, leftOutBytes));
  for (let at = 0, i = 0; at < stream.length; i++) {
    const piece = stream.subarray(at, at + (lengths[i % lengths.length] ?? 1));
    if (i === gapAt) output.leaveOut(piece.length);
    else output.take(output.offset, piece);
    at += piece.length;
  }
  output.end();
  return masked.end();
}

function mustHide(secret: string, texts: readonly string[]): void {
  for (const text of texts) {
    const form = forms(secret).find((one) => text.includes(one));
    if (form !== undefined) throw new Error(`the secret is told as ${JSON.stringify(form)}`);
  }
}
