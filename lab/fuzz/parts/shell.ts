import { execFile } from 'node:child_process';
import fc from 'fast-check';
import { quote, raw, type Sh, script, sh } from '../../../src/domain/sh.ts';
import { emptyDir } from '../empty.ts';
import { hostile } from '../hostile.ts';
import { type Outcome, type Part, partOf } from '../part.ts';

/** What a shell did with a text. */
interface Ran {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs text in real /bin/sh, fed as a host's shell is, in this directory. At most ten seconds. */
export function run(text: Sh, cwd: string, args: readonly string[] = []): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile('/bin/sh', [...args, '-s'], { cwd, encoding: 'buffer', timeout: 10_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr: stderr.toString() }),
    );
    child.stdin?.on('error', () => undefined); // a shell that has read enough
    child.stdin?.end(text);
  });
}

const hasNul = (texts: readonly string[]): boolean => texts.some((text) => text.includes('\0'));

/** A value quoted twice over, as a command that a receipt's shell is told to run. */
const nested = (texts: readonly string[]): Sh => sh`eval ${raw(quote(sh`printf ${'%s\\0'} ${texts}`))}`;

/** Whatever is put into a command arrives byte for byte as one word, in real sh; what cannot be passed is refused. */
export const shell: Part = partOf({
  name: 'sh',
  perMille: 4,
  open: async () => {
    const { dir, mustBeEmpty, remove } = emptyDir();
    return {
      cases: fc.array(hostile, { minLength: 1, maxLength: 8 }),
      try: async (texts): Promise<Outcome> => {
        const made = commandOf(texts);
        if (made === undefined) return 'refused';
        const { exitCode, stdout, stderr } = await run(made, dir);
        const sent = Buffer.from([...texts, ...texts, ''].join('\0'));
        if (exitCode !== 0 || stderr !== '') throw new Error(`exit ${exitCode}: ${stderr}`);
        if (!stdout.equals(sent)) throw new Error(`it arrived as ${JSON.stringify(stdout.toString())}`);
        mustBeEmpty();
        return 'accepted';
      },
      close: async () => remove(),
    };
  },
});

function commandOf(texts: readonly string[]): Sh | undefined {
  try {
    return script(sh`printf ${'%s\\0'} ${texts}`, nested(texts));
  } catch (error) {
    if (hasNul(texts) && error instanceof TypeError) return undefined;
    throw error;
  }
}
