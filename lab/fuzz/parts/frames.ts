import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import type { Sh } from '../../../src/domain/sh.ts';
import { sh } from '../../../src/domain/sh.ts';
import { FrameParser } from '../../../src/hosts/frames.ts';
import { Shell, ShellEnded } from '../../../src/hosts/shell.ts';
import { anyBytes } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';

const mark = `RB${'5'.repeat(32)}`;
const keepBytes = 200;

/** What a host's command may print to be taken for an answer of ours: the mark nearly, its parts, marks of other shells. */
const fakes = fc.constantFrom(
  `\n${mark}`,
  `${mark} 1 0\n`,
  `\nRB${'4'.repeat(32)} 1 ok 0\n`,
  '\n',
  ' ',
  `\n${mark.slice(0, -1)} 1\n`,
  mark.slice(0, 9),
);
const payload = fc
  .array(
    fc.oneof(
      anyBytes,
      fakes.map((text) => Buffer.from(text)),
    ),
    { maxLength: 5 },
  )
  .map((parts) => Buffer.concat(parts))
  .filter((bytes) => !bytes.includes(`\n${mark} `) && !`${bytes.toString('latin1')}\n`.includes(`\n${mark} `));

const field = fc.stringMatching(/^[A-Za-z0-9.:_-]{1,12}$/);

/** The stream in pieces of these lengths, over and over. */
function pieces(stream: Buffer, lengths: readonly number[]): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    found.push(stream.subarray(at, at + length));
    at += length;
  }
  return found;
}

/** Answers of a host's shell arrive whole and unmixed, however they are cut; what is no answer ends the shell and nothing else. */
export const frames: Part = partOf({
  name: 'frames',
  perMille: 30,
  open: async () => ({
    cases: fc.record({
      answers: fc.array(fc.record({ payload, fields: fc.array(field, { minLength: 1, maxLength: 5 }) }), { maxLength: 4 }),
      lengths: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }),
      noise: anyBytes,
    }),
    try: async ({ answers, lengths, noise }) => {
      const stream = Buffer.concat(answers.flatMap((one) => [one.payload, Buffer.from(`\n${mark} ${one.fields.join(' ')}\n`)]));
      const parser = new FrameParser(mark, keepBytes);
      const read = pieces(stream, lengths).flatMap((piece) => parser.push(piece));
      if (read.length !== answers.length) throw new Error(`${read.length} of ${answers.length} answers were read`);
      for (const [i, { payload: sent, fields }] of answers.entries()) {
        const got = read[i];
        if (!got?.payload.equals(sent.subarray(0, keepBytes)) || got.payloadBytes !== sent.length)
          throw new Error(`answer ${i} is not what was sent`);
        if (got.fields.join(' ') !== fields.join(' ')) throw new Error(`the fields of answer ${i} are not what was sent`);
      }
      return shouted(noise);
    },
  }),
});

/** A shell that answers with noise: the request ends in an error of ours, or waits; nobody is thrown at. */
async function shouted(noise: Buffer): Promise<'accepted' | 'refused'> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const shell = new Shell({ stdin, stdout, stderr, destroy: () => undefined }, {});
  const asked = shell.request(sh`rb_hello`, '' as Sh, { out: 1, err: 0 }, 0).then(
    () => new Error('noise was taken for an answer'),
    (error: unknown) => error,
  );
  stdout.emit('data', noise);
  stderr.emit('data', noise);
  shell.close();
  const answer = await asked;
  if (!(answer instanceof ShellEnded)) throw answer;
  return 'accepted';
}
