import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { loadSystems } from '../../../src/systems/load.ts';
import { type FileProblem, formatProblem } from '../../../src/systems/problem.ts';
import { hostile, hostileWord } from '../hostile.ts';
import { type Outcome, type Part, partOf } from '../part.ts';
import { systemsDir } from '../world.ts';

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (c, i: number) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]\n`)}`;

/** YAML that means more than it seems. */
const tricks = fc.constantFrom(
  bomb,
  'x: &x {<<: *x}\n',
  '<<: {__proto__: {polluted: 1}}\n',
  '__proto__: {polluted: 1}\n',
  'constructor: {prototype: {polluted: 1}}\n',
  '!!js/function "function(){}"\n',
  '!!binary "////"\n',
  '? [a, b]\n: c\n',
  '---\nsystem: two\n---\n',
  '%YAML 9.9\n',
  '\tx: 1\n',
  'system: sac\n',
  'system: again\n',
  '- - - - - -\n',
  '{{{{{{{{{{\n',
  '[[[[[[[[[[\n',
  `${'['.repeat(3000)}\n`,
  `${'a: {'.repeat(600)}\n`,
  '"\\ud800"\n',
  'x: 0x7fffffffffffffffffff\n',
  'x: .inf\n',
  'x: 2026-13-45\n',
  '{{release.tag}}\n',
  'timeout: 1e309s\n',
  `${'k: v\n'.repeat(400)}`,
  'x'.repeat(20_000),
);

/** What is done to a good file, at a place. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  how: fc.constantFrom('insert', 'cut-line', 'repeat-line', 'spoil-value', 'insert-line', 'cut-rest'),
  text: fc.oneof({ weight: 3, arbitrary: tricks }, { weight: 3, arbitrary: hostileWord }, { weight: 1, arbitrary: hostile }),
});

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function edited(text: string, { at, how, text: bad }: Edit): string {
  const lines = text.split('\n');
  const [offset, line] = [Math.floor(at * text.length), Math.floor(at * lines.length)];
  const whole = lines[line] ?? '';
  const put = (...instead: string[]): string => lines.toSpliced(line, 1, ...instead).join('\n');
  if (how === 'insert') return text.slice(0, offset) + bad + text.slice(offset);
  if (how === 'cut-rest') return text.slice(0, offset);
  if (how === 'cut-line') return put();
  if (how === 'repeat-line') return put(whole, whole);
  if (how === 'insert-line') return put(whole, `${/^ */.exec(whole)?.[0]}${bad}`);
  return put(whole.replace(/: .*$/, () => `: ${bad}`));
}

/** The loader says where each mistake is, and a file with one is no system. */
function mustSayWhere(text: string, problems: readonly FileProblem[]): void {
  const lines = text.split(/\r\n|\n|\r/).length;
  for (const problem of problems) {
    const said = formatProblem(problem);
    if (problem.line < 1 || problem.column < 1 || problem.line > lines + 1) throw new Error(`there is no such place: ${said}`);
    if (problem.message.trim() === '' || problem.advice.trim() === '') throw new Error(`it says nothing: ${said}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
    if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(said)) throw new Error(`a terminal would obey it: ${JSON.stringify(said)}`);
  }
}

/** Whatever stands in a system file, through the loader with all step kinds. */
export const files: Part = partOf({
  name: 'system-files',
  perMille: 10,
  open: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fuzz-systems-'));
    await cp(systemsDir, dir, { recursive: true });
    const names = readdirSync(dir).filter((name) => name.endsWith('.yaml'));
    const good = names.map((name) => readFileSync(join(dir, name), 'utf8'));
    for (const name of names) rmSync(join(dir, name));
    const cases = fc.oneof(
      {
        weight: 9,
        arbitrary: fc
          .tuple(fc.constantFrom(...good), fc.array(edit, { minLength: 1, maxLength: 3 }))
          .map(([text, edits]) => edits.reduce(edited, text)),
      },
      { weight: 1, arbitrary: fc.oneof(tricks, hostile) },
    );
    return {
      cases,
      try: (text) => loaded(dir, text),
      close: async () => rmSync(dir, { recursive: true }),
    };
  },
});

async function loaded(dir: string, text: string): Promise<Outcome> {
  writeFileSync(join(dir, 'one.yaml'), text);
  const { systems, problems } = await loadSystems(dir, { steps: stepKinds, proofs: proofKinds });
  mustSayWhere(text, problems);
  const count = Object.keys(systems).length;
  if (count !== (problems.length > 0 ? 0 : 1)) throw new Error(`${count} systems of a file with ${problems.length} mistakes`);
  return problems.length > 0 ? 'refused' : 'accepted';
}
