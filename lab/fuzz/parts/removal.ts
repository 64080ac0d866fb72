import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Sh, sh } from '../../../src/domain/sh.ts';
import { remove as removeStep } from '../../../src/steps/remove.ts';
import { perform, planned, shell, whereOf, workOf } from '../../../tests/integration/steps/planner.ts';
import { anyBytes } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { run } from './shell.ts';

/** Names that a file may have: any bytes but `/` and NUL, of at most 200; a line break, which is refused, in few of them. */
const fileName = fc
  .tuple(anyBytes, fc.nat(9))
  .map(([bytes, nth]) => Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 0x2f && (byte !== 0x0a || nth === 0))).subarray(0, 200))
  .filter((bytes) => bytes.length > 0 && !['.', '..'].includes(bytes.toString('latin1')));

interface Place {
  readonly dir: string;
  listing(): Promise<string>;
}

/** Everything below the directory that is the host's, and its neighbour, by name, type and content. */
const listed = (dir: string): Promise<string> =>
  run(
    sh`cd ${dir} && find app beside -printf ${'%p %y %m %l\\0'} | sort -z | od -An -v -tx1; find app beside -type f -print0 | sort -z | xargs -0 -r sha256sum -z -- | od -An -v -tx1` as Sh,
    dir,
  ).then(({ stdout }) => stdout.toString());

function placeWith(names: readonly Buffer[]): Place {
  const dir = mkdtempSync(join(tmpdir(), 'fuzz-remove-'));
  for (const sub of ['app/made', 'beside', 'home']) mkdirSync(join(dir, sub), { recursive: true });
  for (const [i, name] of names.entries()) {
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/app/made/`), name]), `made ${i}`);
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/beside/`), name]), `beside ${i}`);
  }
  return { dir, listing: () => listed(dir) };
}

/** A removal and its undo for real, of files that are called anything: exactly they go, and they come back as they were. */
export const removal: Part = partOf({
  name: 'removal',
  perMille: 1,
  open: async () => ({
    cases: fc.array(fileName, { minLength: 1, maxLength: 5 }),
    try: async (names) => {
      const { dir, listing } = placeWith(names);
      try {
        return await removedAndBack(dir, listing);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  }),
});

async function removedAndBack(dir: string, listing: Place['listing']): Promise<'accepted' | 'refused'> {
  const files = { made: { name: 'made', dir: 'made', names: ['*', '.*'], ignore: [] } };
  const where = whereOf({ dir: join(dir, 'app'), keep: join(dir, 'home', 'kept'), system: { files } });
  const before = await listing();
  const { work, problems = [] } = await planned(removeStep, { groups: ['made'] }, where).then((plan) => ({
    work: workOf(plan),
    problems: plan.problems,
  }));
  if (problems.length > 0) {
    if ((await listing()) !== before) throw new Error('it was refused, and something was changed');
    return 'refused';
  }
  const done = await perform(work);
  if (done.exitCode !== 0) throw new Error(`${done.stage} ended with ${done.exitCode}: ${done.output}`);
  const left = (await run(sh`find ${join(dir, 'app')} -type f`, dir)).stdout.toString();
  if (left !== '') throw new Error(`left behind: ${JSON.stringify(left)}`);
  const back = await shell(work.restore ?? '');
  if (back.exitCode !== 0) throw new Error(`putting back ended with ${back.exitCode}: ${back.stdout}${back.stderr}`);
  if ((await listing()) !== before) throw new Error('it is not as it was');
  return 'accepted';
}
