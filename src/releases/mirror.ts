import { access } from 'node:fs/promises';
import { resolve as absolute, join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { Commit, Release, TreeFile } from '../domain/release.ts';
import type { System } from '../domain/system.ts';
import { ReleaseError } from './error.ts';
import { type FetchOrder, fetchedMark, fetchMirror, headRef } from './fetch.ts';
import { gitEnv, openGit } from './git.ts';
import { listTags, logCommits, type TaggedRelease } from './refs.ts';
import { describeCommit, resolveVersion } from './resolve.ts';
import { type ChangedFile, readChanges, readDiff, readTree } from './tree.ts';
import { isCommitId, shownSafely } from './version-text.ts';

/** Tags newest version first, and the most recent commits of the repository's own branch. */
export interface Releases {
  readonly tags: readonly TaggedRelease[];
  readonly commits: readonly Commit[];
}

/**
 * The system's repository, mirrored beside the bot. All but `fetch` read the mirror as it is, and fetch first only where there is
 * none yet. Commits are whole ids of 40 hex digits. Everything throws ReleaseError.
 */
export interface Mirror {
  /** Brings the mirror up to date; calls at the same time share one. At most 30 s. */
  fetch(): Promise<void>;
  /** A tag's or commit's release by what somebody typed, exactly. */
  resolve(version: string): Promise<Release>;
  list(): Promise<Releases>;
  /** All files of a commit. */
  tree(commit: string): Promise<TreeFile[]>;
  /** The commits that going from `from` to `to` undoes, newest first. */
  commitsBetween(to: string, from: string): Promise<Commit[]>;
  /** The tag, or `v0.2.0-3-gabc1234`. */
  describe(commit: string): Promise<string>;
  isThere(commit: string): Promise<boolean>;
  changedFiles(from: string, to: string): Promise<ChangedFile[]>;
  /** How one file differs between two commits, as the lines of a unified diff; empty when it does not. */
  diff(from: string, to: string, path: string): Promise<string>;
}

/** `dir` is this mirror's own directory, made when needed. `env` is added to git's environment (GIT_SSH_COMMAND …). */
export interface MirrorOptions {
  readonly dir: string;
  readonly system: System;
  readonly env?: Readonly<Record<string, string>>;
  /** Time limit of a fetch, 30,000 by default. */
  readonly limitMs?: number;
}

/** Opens a mirror; touches nothing until it is asked something. */
export function openMirror({ dir, system, env, limitMs }: MirrorOptions): Mirror {
  const rules = system.release;
  const order: FetchOrder = { dir: absolute(dir), repository: system.repository, env: gitEnv(env), ...(limitMs !== undefined && { limitMs }) };
  const fetch = shared(() => fetchMirror(order));
  const reading = <T>(read: (git: SimpleGit) => Promise<T>) => readMirror(order, fetch, read);
  const between = (to: string, from: string) => reading((git) => logCommits(git, [checked(from), `^${checked(to)}`]));
  return {
    fetch,
    resolve: (version) => reading((git) => resolveVersion(git, rules, version)),
    list: () => reading(async (git) => ({ tags: await listTags(git, rules), commits: await recent(git, rules.commits) })),
    tree: (commit) => reading((git) => readTree(git, checked(commit))),
    commitsBetween: between,
    describe: (commit) => reading((git) => describeCommit(git, rules, checked(commit))),
    isThere: (commit) => reading((git) => isThere(git, checked(commit))),
    changedFiles: (from, to) => reading((git) => readChanges(git, checked(from), checked(to))),
    diff: (from, to, path) => reading((git) => readDiff(git, checked(from), checked(to), path)),
  };
}

/** Calls made while one runs get its answer. */
function shared(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= task().finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function readMirror<T>(order: FetchOrder, fetch: () => Promise<void>, read: (git: SimpleGit) => Promise<T>): Promise<T> {
  if (
    await access(join(order.dir, fetchedMark)).then(
      () => false,
      () => true,
    )
  )
    await fetch();
  try {
    return await read(openGit(order.dir, order.env, AbortSignal.timeout(30_000)));
  } catch (cause) {
    if (cause instanceof ReleaseError) throw cause;
    const said = (cause instanceof Error ? cause.message : String(cause)).trim().slice(0, 300);
    if (/bad object|not a valid object|unknown revision/i.test(said)) {
      throw new ReleaseError('commit-unknown', `The repository does not have this commit (${said})`, 'Push it, or name another version', { cause });
    }
    throw new ReleaseError('mirror-broken', `The mirror in ${order.dir} cannot be read: ${said}`, 'Delete that directory; it is made anew', {
      cause,
    });
  }
}

function checked(commit: string): string {
  if (isCommitId(commit)) return commit;
  throw new ReleaseError('commit-unknown', `“${shownSafely(commit)}” is not a whole commit id`, 'Resolve the version first');
}

const isThere = (git: SimpleGit, commit: string) =>
  git.raw(['cat-file', '-e', `${commit}^{commit}`]).then(
    () => true,
    () => false,
  );

async function recent(git: SimpleGit, count: number): Promise<Commit[]> {
  const head = await git.raw(['for-each-ref', '--count=1', headRef]);
  return logCommits(git, [`--max-count=${count}`, head === '' ? '--branches' : headRef]);
}
