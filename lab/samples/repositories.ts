import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from './git.ts';

export type SampleName = 'trade-agent' | 'agentrader';

/** Paths of the bare repositories. */
export type Repositories = Readonly<Record<SampleName, string>>;

interface Commit {
  readonly author: string;
  readonly email: string;
  readonly date: string;
}

interface Sample {
  /** The bare repository's directory. */
  readonly directory: string;
  readonly first: Commit & { readonly subject: string };
  readonly tags: readonly [beta: Commit, stable: Commit];
}

const samples: Readonly<Record<SampleName, Sample>> = {
  'trade-agent': {
    directory: 'trade-agent.git',
    first: { author: 'Mira Halvorsen', email: 'mira@acme.example', date: '2026-09-28T12:00:00Z', subject: 'SAC agent, service, tests and tools' },
    tags: [
      { author: 'Mira Halvorsen', email: 'mira@acme.example', date: '2026-09-28T15:00:00Z' },
      { author: 'Mira Halvorsen', email: 'mira@acme.example', date: '2026-11-10T14:00:00Z' },
    ],
  },
  agentrader: {
    directory: 'aGENtrader.git',
    first: {
      author: 'Priya Raman',
      email: 'priya@acme.example',
      date: '2026-09-21T10:00:00Z',
      subject: 'Trading loop, image, compose file, validation',
    },
    tags: [
      { author: 'Priya Raman', email: 'priya@acme.example', date: '2026-09-21T11:00:00Z' },
      { author: 'Priya Raman', email: 'priya@acme.example', date: '2026-11-09T12:00:00Z' },
    ],
  },
};

/**
 * Makes the two bare sample repositories below `dir`: v0.1.0 is `base/`, v0.2.0 is `main` after the patches of `history/`.
 * Authors, dates and content are fixed, so that every build has the same commit and tag ids. Needs git 2.38 or newer.
 */
export async function buildRepositories(dir: string): Promise<Repositories> {
  await mkdir(dir, { recursive: true });
  const [tradeAgent, agentrader] = await Promise.all([build('trade-agent', dir), build('agentrader', dir)]);
  return { 'trade-agent': tradeAgent, agentrader };
}

async function build(name: SampleName, dir: string): Promise<string> {
  const sample = samples[name];
  const bare = join(dir, sample.directory);
  const work = await mkdtemp(join(tmpdir(), `sample-${name}-`));
  try {
    await commitBase(name, work);
    await tag(work, 'v0.1.0', 'Beta release', sample.tags[0]);
    await applyHistory(name, work);
    await tag(work, 'v0.2.0', 'Initial stable release', sample.tags[1]);
    await git(dir, ['clone', '--quiet', '--bare', work, bare]);
    await git(bare, ['remote', 'remove', 'origin']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return bare;
}

const sourceOf = (name: SampleName, part: string): string => join(import.meta.dirname, name, part);

async function commitBase(name: SampleName, work: string): Promise<void> {
  const { first } = samples[name];
  await cp(sourceOf(name, 'base'), work, { recursive: true });
  await git(work, ['init', '--quiet', '--initial-branch=main']);
  await git(work, ['add', '--all']);
  await git(work, ['commit', '--quiet', '--message', first.subject], {
    GIT_AUTHOR_NAME: first.author,
    GIT_AUTHOR_EMAIL: first.email,
    GIT_AUTHOR_DATE: first.date,
    GIT_COMMITTER_DATE: first.date,
  });
}

async function applyHistory(name: SampleName, work: string): Promise<void> {
  const directory = sourceOf(name, 'history');
  const patches = (await readdir(directory)).filter((file) => file.endsWith('.patch')).sort();
  await git(work, ['am', '--quiet', '--committer-date-is-author-date', ...patches.map((file) => join(directory, file))]);
}

async function tag(work: string, name: string, message: string, by: Commit): Promise<void> {
  await git(work, ['tag', '--annotate', '--message', message, name], {
    GIT_COMMITTER_NAME: by.author,
    GIT_COMMITTER_EMAIL: by.email,
    GIT_COMMITTER_DATE: by.date,
  });
}
