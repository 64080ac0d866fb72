import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { findNamed, isPattern, nameOf, plainDir, strayParts } from '../../../src/steps/patterns.ts';

const dir = mkdtempSync(join(tmpdir(), 'patterns-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const paths = [
  'sac_a.pkl',
  'sac_b.pkl.old',
  '.sac_c.pkl',
  'a.log',
  '.hidden.log',
  'it[s] a\\b.log',
  "q'uo te$(x).log",
  'é.log',
  'line\nbreak.log',
  'models/sac_a.pkl',
  'models/deep/.x',
  'models/deep/er/sac_a.pkl',
  'models2/sac_a.pkl',
  'made/__pycache__/a.log',
  'made/b.log',
  '__pycache__/a.log',
];
for (const path of paths) {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), '');
}
mkdirSync(join(dir, 'outside'));
symlinkSync('/etc', join(dir, 'planted'));
symlinkSync('models', join(dir, 'models_link'));

/** What find prints, as paths; by /bin/sh, as on a host. */
const found = (names: readonly string[], ignore: readonly string[] = []): string[] =>
  execFileSync('/bin/sh', ['-c', findNamed(names, ignore)], { cwd: dir, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => path.slice(2))
    .sort();

const everything = [
  ...paths,
  'models',
  'models/deep',
  'models/deep/er',
  'models2',
  'made',
  'made/__pycache__',
  '__pycache__',
  'outside',
  'planted',
  'models_link',
];

describe('names of a file group', () => {
  it.each([
    [['sac_*.pkl'], ['sac_a.pkl']],
    [['*.log'], ['a.log', 'it[s] a\\b.log', 'line\nbreak.log', "q'uo te$(x).log", 'é.log']],
    [['?.log'], ['a.log']],
    [['it[s] a\\b.log'], ['it[s] a\\b.log']],
    [['.sac_*'], ['.sac_c.pkl']],
    [['models/'], ['models', 'models/deep', 'models/deep/.x', 'models/deep/er', 'models/deep/er/sac_a.pkl', 'models/sac_a.pkl']],
    [['models*/sac_*.pkl'], ['models/sac_a.pkl', 'models2/sac_a.pkl']],
    [['*/deep/'], ['models/deep', 'models/deep/.x', 'models/deep/er', 'models/deep/er/sac_a.pkl']],
    [['planted', 'planted/passwd', 'planted/*', 'models_link/sac_a.pkl'], ['planted']],
    [
      ['planted/', 'models_link/'],
      ['models_link', 'planted'],
    ],
    [['outside'], ['outside']],
    [['nothing', '[a].log', '*.none', 'models/*/*/*/*'], []],
  ])('%j means %j', (names, wanted) => {
    expect(found(names)).toEqual([...wanted].sort());
    for (const path of everything) expect(nameOf(names, path) !== undefined, path).toBe(wanted.includes(path));
  });

  it('leaves out what is ignored, but for a directory that is meant whole', () => {
    expect(found(['*.log', '*/*.log', '*/*/*.log'], ['__pycache__']).filter((path) => path.includes('/'))).toEqual(['made/b.log']);
    expect(found(['made/'], ['__pycache__'])).toContain('made/__pycache__/a.log');
  });

  it('are found by the host as they are matched here, whatever is in them', () => {
    const part = fc.string({
      unit: fc.constantFrom('*', '?', 'a', 's', '.', '_', '[', ']', '\\', "'", '$', ' ', 'l', 'o', 'g', 'é'),
      minLength: 1,
      maxLength: 6,
    });
    const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const usable = name.filter((text) => strayParts({ dir: '.', names: [text] }).length === 0);
    fc.assert(
      fc.property(usable, (text) => {
        expect(found([text])).toEqual(everything.filter((path) => nameOf([text], path) !== undefined).sort());
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['.', ['../x']],
    ['.', ['a/../../x']],
    ['.', ['/etc/passwd']],
    ['.', ['.']],
    ['.', ['']],
    ['a/..', ['x']],
    ['/', ['x']],
    ['//', ['x']],
  ])('%s with %j leads out', (at, names) => expect(strayParts({ dir: at, names })).not.toEqual([]));

  it.each([
    ['/opt/app', ['a', '*.log', 'models/']],
    ['./src//sac/', ['..a', 'a..b', '...']],
  ])('%s with %j does not', (at, names) => expect(strayParts({ dir: at, names })).toEqual([]));

  it('knows patterns and directories', () => {
    expect(['a', 'a*', '?', 'a/', 'a/b'].map(isPattern)).toEqual([false, true, true, true, false]);
    expect(['./src//sac/', '.', './', '', '/opt//x/', '/'].map(plainDir)).toEqual(['src/sac', '.', '.', '.', '/opt/x', '/']);
  });
});
