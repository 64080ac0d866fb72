import fc from 'fast-check';
import type { SimpleGit } from 'simple-git';
import { fitsWildcard } from '../../../src/domain/wildcard.ts';
import { ReleaseError } from '../../../src/releases/error.ts';
import { resolveVersion } from '../../../src/releases/resolve.ts';
import { shownSafely } from '../../../src/releases/version-text.ts';
import { CANARY, hostile, mostly } from '../hostile.ts';
import { type Outcome, type Part, partOf } from '../part.ts';

/** Signs that mean something to git, where a whitelist with a hole would let them through. */
const oneSign = fc.constantFrom(
  ...[
    'v',
    '0',
    '1',
    '.',
    '-',
    '/',
    '+',
    '_',
    '~',
    '^',
    ':',
    '@',
    '{',
    '}',
    '*',
    '?',
    '[',
    '\\',
    ' ',
    '\n',
    '\0',
    '..',
    '.lock',
    '@{',
    '$',
    ';',
    '<',
    '&',
    '=',
  ],
);
const signs = fc.array(oneSign, { minLength: 1, maxLength: 14 }).map((all) => all.join(''));

const hex = fc.array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 4, maxLength: 42 }).map((all) => all.join(''));

/** A version as somebody may type it, or as nobody should. */
export const versionText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: mostly(fc.constantFrom('v0.1.0', 'v0.1.0', 'ccccccc', 'v0.2.0', 'release/1', 'v1.0.0-rc.1+b', 'main', 'HEAD')) },
  { weight: 2, arbitrary: signs },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('v0.1.0', 'v', 'release/1', '1234567'), oneSign, fc.constantFrom('', '1', '{}', '-x'))
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: hex },
  { weight: 2, arbitrary: hostile },
);

const patterns = fc.oneof(
  fc.constantFrom('v*'),
  fc.constantFrom('v*', '*', 'v?.*', 'release/*', `${'*'.repeat(40)}x`, `${'1*'.repeat(60)}x`),
  fc.array(fc.constantFrom(...'v01.*?+-_/', '**'), { minLength: 1, maxLength: 30 }).map((all) => all.join('')),
);

const commit = 'c'.repeat(40);

/** Every argument that our code may give to git: none of them is what somebody typed, but behind a prefix that ends all options and revisions. */
const shapes: readonly RegExp[] = [
  /^(rev-parse|for-each-ref|log|cat-file|describe)$/,
  /^(-z|-1|-t|--verify|--quiet|--end-of-options|--tags|--always|--abbrev=7|--count=1|commit)$/,
  /^(--format=.*|refs\/tags|refs\/heads|[0-9a-f]{40})$/s,
  /^refs\/tags\/[A-Za-z0-9][A-Za-z0-9._+/-]*\^\{commit\}$/,
  /^--disambiguate=[0-9a-f]{7,40}$/,
  /^--(points-at|contains)=[0-9a-f]{40}$/,
  /^--match=[A-Za-z0-9._+/*?-]+$/,
];

/** A git that knows one tag and one commit, and writes down every argument that is not one of ours: what it throws may be caught. */
function strictGit(strange: string[]): SimpleGit {
  const raw = async (args: readonly string[]): Promise<string> => {
    strange.push(...args.filter((arg) => !shapes.some((shape) => shape.test(arg))));
    if (args.includes('refs/tags/v0.1.0^{commit}')) return `${commit}\n`;
    if (args[0] === 'rev-parse' && args[1]?.startsWith('--disambiguate=')) return commit.startsWith(args[1].slice(15)) ? `${commit}\n` : '';
    if (args[0] === 'cat-file') return 'commit\n';
    if (args[0] === 'log') return `${commit}\0Ada\0${'2026-11-03T09:00:00Z'}\0First\0`;
    if (args[0] === 'describe') return 'ccccccc\n';
    return args[0] === 'for-each-ref' && args.includes('--count=1') ? `${commit} commit\trefs/heads/main\n` : '';
  };
  return { raw } as unknown as SimpleGit;
}

async function resolved(text: string, pattern: string, strange: string[]): Promise<Outcome> {
  try {
    const found = await resolveVersion(strictGit(strange), { tags: pattern, commits: 1, keep: 1, dependencies: [] }, text);
    const isExact = found.tag === undefined ? commit.startsWith(text.toLowerCase()) : text === 'v0.1.0';
    if (!isExact || found.commit !== commit) throw new TypeError(`${JSON.stringify(text)} became ${found.version}`);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    if (/[\p{C}`<>&@]/u.test(error.message)) throw new Error(`the error does not show it safely: ${JSON.stringify(error.message)}`, { cause: error });
    return 'refused';
  }
}

/** Whatever may be typed as a version, up to the arguments that git is given. */
export const versions: Part = partOf({
  name: 'versions',
  perMille: 100,
  open: async () => ({
    cases: fc.record({ text: versionText, pattern: patterns }),
    try: async ({ text, pattern }) => {
      fitsWildcard(text.slice(0, 200), pattern);
      fitsWildcard(`v${CANARY.repeat(60)}`, pattern);
      shownSafely(text);
      const strange: string[] = [];
      const outcome = await resolved(text, pattern, strange);
      if (strange.length > 0) throw new Error(`git was given ${JSON.stringify(strange)}`);
      return outcome;
    },
  }),
});
