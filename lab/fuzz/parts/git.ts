import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ReleaseError } from '../../../src/releases/error.ts';
import { type Mirror, openMirror } from '../../../src/releases/mirror.ts';
import { leastSystem } from '../../../tests/helpers/system.ts';
import { CANARY } from '../hostile.ts';
import { type Outcome, type Part, partOf } from '../part.ts';
import { versionText } from './versions.ts';

/** Tags and branches that git lets anybody make. */
const tags = [
  'v0.1.0',
  'v0.2.0',
  'v1;id',
  `v1$(touch${CANARY})`,
  'v2|x',
  "v3'x",
  'v4"x',
  'v5<!here>',
  'v6@here',
  'main',
  'vé',
  'release/1',
  'v1.0.0-rc.1+b',
];
const branches = ['v9.9.9', 'v0.1.0', 'abcdef1', 'release'];

interface Repository {
  readonly root: string;
  readonly origin: string;
  /** Each tag's commit, in the order of the tags. */
  readonly commits: Readonly<Record<string, string>>;
}

function git(cwd: string, ...args: string[]): string {
  const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'a@example.org' };
  const when = { GIT_AUTHOR_DATE: '1700000000 +0000', GIT_COMMITTER_DATE: '1700000000 +0000' };
  return execFileSync('git', args, { cwd, encoding: 'utf8', env: { ...process.env, ...who, ...when }, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** A repository with a commit a tag. Same commits on every machine, so that a seed finds the same. */
function repository(): Repository {
  const root = mkdtempSync(join(tmpdir(), 'fuzz-git-'));
  const origin = join(root, 'origin');
  mkdirSync(origin);
  git(origin, 'init', '-q', '-b', 'trunk');
  const commits = Object.fromEntries(
    tags.map((tag) => {
      git(origin, 'commit', '-q', '--allow-empty', '-m', `one of <!channel> ${tag}`);
      git(origin, 'tag', '--', tag);
      return [tag, git(origin, 'rev-parse', 'HEAD')];
    }),
  );
  for (const branch of branches) git(origin, 'branch', '--', branch);
  return { root, origin, commits };
}

/** Whatever is typed as a version against a real repository: that very tag, those very digits of a commit, or an error of ours; no file, no option. */
export const realGit: Part = partOf({
  name: 'git',
  perMille: 2,
  open: async () => {
    const { root, origin, commits } = repository();
    const system = { ...leastSystem, repository: origin, release: { tags: '*', commits: 5, keep: 1, dependencies: [] } };
    const mirror = openMirror({ dir: join(root, 'mirror.git'), system });
    await mirror.fetch();
    const known = Object.entries(commits);
    const before = listing(root);
    const prefix = fc
      .tuple(fc.constantFrom(...Object.values(commits)), fc.integer({ min: 5, max: 40 }))
      .map(([commit, length]) => commit.slice(0, length));
    return {
      cases: fc.oneof(
        { weight: 3, arbitrary: versionText },
        { weight: 1, arbitrary: prefix },
        { weight: 1, arbitrary: fc.constantFrom(...tags, ...branches) },
      ),
      try: async (text) => {
        const outcome = await resolved(mirror, text, known);
        const made = listing(root).filter((name) => !before.includes(name));
        if (made.length > 0) throw new Error(`files were made: ${made.join(', ')}`);
        return outcome;
      },
      close: async () => rmSync(root, { recursive: true, force: true }),
    };
  },
});

const listing = (root: string): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' });

async function resolved(mirror: Mirror, text: string, known: readonly (readonly [string, string])[]): Promise<Outcome> {
  try {
    const { version, commit } = await mirror.resolve(text);
    const isTag = known.some(([tag, id]) => tag === text && id === commit && version === text);
    const isCommit = /^[0-9a-f]{7,40}$/i.test(text) && commit.startsWith(text.toLowerCase());
    if (!isTag && !isCommit) throw new TypeError(`${JSON.stringify(text)} became ${version} (${commit})`);
    return 'accepted';
  } catch (error) {
    if (error instanceof ReleaseError && error.code.startsWith('version-')) return 'refused';
    throw error;
  }
}
