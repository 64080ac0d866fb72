import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git } from '../samples/git.ts';

/** The two releases that the rounds go back and forth between, as files by their path. */
const releases = {
  'v1.0.0': { VERSION: 'v1.0.0\n', 'app.conf': 'pace=slow\n', 'lib/work.sh': '#!/bin/sh\necho one\n' },
  'v2.0.0': { VERSION: 'v2.0.0\n', 'app.conf': 'pace=fast\n', 'lib/work.sh': '#!/bin/sh\necho two\n', 'lib/added later.txt': 'only in v2.0.0\n' },
} as const;

export type Version = keyof typeof releases;
export const versions = Object.keys(releases) as [Version, Version];

const by = { name: 'Mira Halvorsen', email: 'mira@acme.example', date: '2026-10-01T12:00:00Z' };
const env = {
  GIT_AUTHOR_NAME: by.name,
  GIT_AUTHOR_EMAIL: by.email,
  GIT_AUTHOR_DATE: by.date,
  GIT_COMMITTER_NAME: by.name,
  GIT_COMMITTER_EMAIL: by.email,
  GIT_COMMITTER_DATE: by.date,
};

/** Makes the bare repository `dir`/chaos.git with both releases, the same each time. Answers its path and the commit of each. */
export async function buildRepository(dir: string): Promise<{ path: string; commits: Readonly<Record<Version, string>> }> {
  const path = join(dir, 'chaos.git');
  const work = await mkdtemp(join(tmpdir(), 'rollback-lab-chaos-git-'));
  try {
    await git(work, ['init', '--quiet', '--initial-branch=main']);
    const commits = { 'v1.0.0': await commit(work, 'v1.0.0'), 'v2.0.0': await commit(work, 'v2.0.0') };
    await git(dir, ['clone', '--quiet', '--bare', work, path]);
    await git(path, ['remote', 'remove', 'origin']);
    return { path, commits };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function commit(work: string, version: Version): Promise<string> {
  for (const [name, text] of Object.entries(releases[version])) {
    await mkdir(dirname(join(work, name)), { recursive: true });
    await writeFile(join(work, name), text);
  }
  await git(work, ['add', '--all']);
  await git(work, ['commit', '--quiet', '--message', `Release ${version}`], env);
  await git(work, ['tag', '--annotate', '--message', `Release ${version}`, version], env);
  return git(work, ['rev-parse', 'HEAD']);
}
