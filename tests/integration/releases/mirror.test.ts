import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { System } from '../../../src/domain/system.ts';
import { ReleaseError } from '../../../src/releases/error.ts';
import { openMirror } from '../../../src/releases/mirror.ts';

let dir: string;
let origin: string;
let clock: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mirror-'));
  origin = join(dir, 'origin');
  clock = 1_700_000_000;
  mkdirSync(origin);
  git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function git(...args: string[]): string {
  const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org', GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.org' };
  const when = { GIT_AUTHOR_DATE: `${clock} +0000`, GIT_COMMITTER_DATE: `${clock} +0000` };
  return execFileSync('git', args, {
    cwd: origin,
    encoding: 'utf8',
    maxBuffer: 1e8,
    env: { ...process.env, ...who, ...when },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function commit(subject: string, files: Record<string, string> = { file: subject }): string {
  clock += 60;
  for (const [path, text] of Object.entries(files)) writeFileSync(join(origin, path), text);
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', subject);
  return git('rev-parse', 'HEAD');
}

function mirror(over: { repository?: string; package?: string; limitMs?: number; tags?: string } = {}) {
  const release = { tags: over.tags ?? 'v*', commits: 10, ...(over.package && { package: over.package }) };
  const system = { name: 'sac', repository: over.repository ?? origin, release } as System;
  return openMirror({ dir: join(dir, 'mirror.git'), system, ...(over.limitMs && { limitMs: over.limitMs }) });
}

const refused = (promise: Promise<unknown>): Promise<ReleaseError> =>
  promise.then(
    (value) => Promise.reject(new Error(`not refused: ${JSON.stringify(value)}`)),
    (error: unknown) => (error instanceof ReleaseError ? error : Promise.reject(error)),
  );

describe('resolving', () => {
  test('annotated and light tags give their commit, date and package version', async () => {
    const first = commit('first');
    git('tag', '-a', 'v0.1.0', '-m', 'Beta release');
    const second = commit('second');
    git('tag', 'v0.2.0');
    const releases = mirror({ package: 'sac' });
    expect(await releases.resolve('v0.1.0')).toEqual({
      version: 'v0.1.0',
      tag: 'v0.1.0',
      commit: first,
      date: new Date((clock - 60) * 1000).toISOString().replace('.000Z', '+00:00'),
      subject: 'first',
      packageVersion: '0.1.0',
    });
    expect((await releases.resolve('v0.2.0')).commit).toBe(second);
  });

  test('a release candidate is not the release', async () => {
    const candidate = commit('candidate');
    git('tag', 'v0.1.0-rc');
    const releases = mirror();
    expect((await releases.resolve('v0.1.0-rc')).commit).toBe(candidate);
    const error = await refused(releases.resolve('v0.1.0'));
    expect(error).toMatchObject({ code: 'version-unknown', nearest: ['v0.1.0-rc'], advice: 'Did you mean v0.1.0-rc?' });
  });

  test('a branch is no release, and one named like a tag changes nothing', async () => {
    const tagged = commit('tagged');
    git('tag', 'v0.1.0');
    git('branch', 'v0.9.0');
    git('branch', 'v0.1.0');
    git('checkout', '-q', 'refs/heads/v0.1.0', '-B', 'v0.1.0');
    commit('on the branch');
    const releases = mirror();
    expect((await releases.resolve('v0.1.0')).commit).toBe(tagged);
    for (const name of ['main', 'v0.9.0', 'HEAD', 'refs/heads/main', 'heads/main', 'refs/tags/v0.1.0', 'rollback-bot/head']) {
      expect((await refused(releases.resolve(name))).code).toBe('version-unknown');
    }
  });

  test('a commit by its digits; with a tag on it, it is that tag', async () => {
    commit('first');
    git('tag', 'v0.1.0');
    const second = commit('second');
    const releases = mirror();
    const short = second.slice(0, 7);
    expect(await releases.resolve(short)).toMatchObject({ commit: second, version: `v0.1.0-1-g${short}` });
    expect(await releases.resolve(second.toUpperCase())).toMatchObject({ commit: second });
    expect(await releases.resolve(git('rev-parse', 'v0.1.0'))).toMatchObject({ version: 'v0.1.0', tag: 'v0.1.0', packageVersion: '0.1.0' });
    expect((await refused(releases.resolve(second.slice(0, 6)))).code).toBe('version-unknown');
    expect((await refused(releases.resolve('0'.repeat(40)))).code).toBe('version-unknown');
  });

  test('a branch or tag that is named like a commit is not taken for it', async () => {
    const first = commit('first');
    const second = commit('second');
    git('branch', first.slice(0, 7), second);
    git('tag', first.slice(0, 8), second);
    const releases = mirror();
    expect((await releases.resolve(first.slice(0, 7))).commit).toBe(first);
    expect((await releases.resolve(first.slice(0, 8))).commit).toBe(first);
  });

  test('a beginning of several commits is refused with their ids; a tree or blob of the same beginning is none', async () => {
    const commits = manyCommits(8000);
    const [prefix, twins] = twinsOf(commits);
    const releases = mirror();
    const error = await refused(releases.resolve(prefix));
    expect(error.code).toBe('version-ambiguous');
    expect([...error.nearest].sort()).toEqual(twins.map((id) => id.slice(0, 12)).sort());
    expect((await releases.resolve(twins[0] ?? '')).commit).toBe(twins[0]);
    const tree = git('rev-parse', 'HEAD^{tree}');
    expect((await refused(releases.resolve(tree.slice(0, 12)))).code).toBe('version-unknown');
  }, 60_000);

  test('a commit that no branch or tag holds any more is unknown', async () => {
    commit('first');
    const gone = commit('gone');
    const releases = mirror();
    expect((await releases.resolve(gone)).commit).toBe(gone);
    git('reset', '-q', '--hard', 'HEAD~1');
    await releases.fetch();
    expect((await refused(releases.resolve(gone))).code).toBe('version-unknown');
  });

  test('hostile text makes no file and reaches no git', async () => {
    commit('first');
    git('tag', 'v0.1.0');
    const releases = mirror();
    await releases.fetch();
    const before = readdirSync(dir, { recursive: true }).sort();
    const out = join(dir, 'made');
    for (const text of [
      `--output=${out}`,
      `v0.1.0; touch ${out}`,
      `$(touch ${out})`,
      '--upload-pack=x',
      '',
      '@here',
      'a..b',
      'v1@{1}',
      '-x',
      '\0',
      'v0.1.0\n',
      'v'.repeat(5000),
    ]) {
      expect((await refused(releases.resolve(text))).code).toBe('version-malformed');
    }
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(before);
  });

  test('a tag whose name is a shell command is no release, nor part of a name', async () => {
    commit('first');
    git('tag', 'v1;id');
    const second = commit('second');
    const releases = mirror();
    expect((await releases.list()).tags).toEqual([]);
    expect(await releases.describe(second)).toBe(second.slice(0, 7));
  });
});

/** Commits in quantity through fast-import, so that two of them begin alike. */
function manyCommits(count: number): string[] {
  const lines = Array.from({ length: count }, (_, i) => `commit refs/heads/many\ncommitter A <a@b> ${clock + i} +0000\ndata 1\nx\n`).join('');
  execFileSync('git', ['fast-import', '--quiet'], { cwd: origin, input: lines });
  git('reset', '-q', '--hard', 'refs/heads/many');
  return git('rev-list', 'refs/heads/many').split('\n');
}

function twinsOf(commits: string[]): [string, string[]] {
  const seen = new Map<string, string[]>();
  for (const id of commits) seen.set(id.slice(0, 7), [...(seen.get(id.slice(0, 7)) ?? []), id]);
  return [...seen].find(([, ids]) => ids.length > 1) ?? ['', []];
}

describe('listing and comparing', () => {
  test('newest version first, prereleases below their release, other tags last', async () => {
    for (const tag of ['v2.0.0', 'v10.0.0', 'v2.0.0-beta.1', 'v2.0.0-beta.10', 'v1.9', 'vista']) {
      commit(tag);
      git('tag', '-a', tag, '-m', `About ${tag}`);
    }
    git('tag', 'other');
    const { tags, commits } = await mirror().list();
    expect(tags.map(({ tag }) => tag)).toEqual(['v10.0.0', 'v2.0.0', 'v2.0.0-beta.10', 'v2.0.0-beta.1', 'v1.9', 'vista']);
    expect(tags[0]).toMatchObject({ annotation: 'About v10.0.0', subject: 'v10.0.0', version: 'v10.0.0' });
    expect(commits.map(({ subject }) => subject)).toEqual(['vista', 'v1.9', 'v2.0.0-beta.10', 'v2.0.0-beta.1', 'v10.0.0', 'v2.0.0']);
    expect(commits[0]).toMatchObject({ author: 'Ann', date: expect.stringMatching(/^2023-11-14T/) });
  });

  test('tree, changes, bytes and the commits undone', async () => {
    const first = commit('first', { 'a file.txt': 'one\n', 'bytes.bin': '\u0000\u0001', 'na\tïve': 'x' });
    git('update-index', '--chmod=+x', 'a file.txt');
    const second = commit('second', { new: 'n' });
    const third = commit('third', { 'a file.txt': 'two\n' });
    const releases = mirror();
    expect(await releases.tree(second)).toEqual([
      { path: 'a file.txt', mode: expect.stringMatching(/^1007?/), blob: git('rev-parse', `${second}:a file.txt`) },
      { path: 'bytes.bin', mode: '100644', blob: git('rev-parse', `${second}:bytes.bin`) },
      { path: 'na\tïve', mode: '100644', blob: git('rev-parse', `${second}:na\tïve`) },
      { path: 'new', mode: '100644', blob: git('rev-parse', `${second}:new`) },
    ]);
    expect(await releases.changedFiles(third, first)).toEqual([
      { path: 'a file.txt', change: 'M' },
      { path: 'new', change: 'D' },
    ]);
    expect(await releases.diff(third, first, 'a file.txt')).toBe('@@ -1 +1 @@\n-two\n+one');
    expect(await releases.diff(third, first, 'bytes.bin')).toBe('');
    expect(await releases.diff(third, first, '--output=x')).toBe('');
    expect(await releases.diff(third, first, ':(top)*')).toBe('');
    expect((await releases.commitsBetween(first, third)).map(({ subject }) => subject)).toEqual(['third', 'second']);
    expect(await releases.commitsBetween(third, first)).toEqual([]);
    expect(await releases.isThere(first)).toBe(true);
    expect(await releases.isThere('1'.repeat(40))).toBe(false);
    expect((await refused(releases.commitsBetween(first, '1'.repeat(40)))).code).toBe('commit-unknown');
    expect((await refused(releases.tree('--output=x'))).code).toBe('commit-unknown');
  });

  test('an executable file and a link', async () => {
    writeFileSync(join(origin, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    execFileSync('ln', ['-s', 'run', join(origin, 'link')]);
    const first = commit('first', {});
    expect((await mirror().tree(first)).map(({ path, mode }) => [path, mode])).toEqual([
      ['link', '120000'],
      ['run', '100755'],
    ]);
  });
});

describe('fetching', () => {
  test('a moved tag moves, a removed one goes, a new URL is followed', async () => {
    commit('first');
    git('tag', 'v0.1.0');
    git('tag', 'v0.0.1');
    const releases = mirror();
    await releases.fetch();
    const second = commit('second');
    git('tag', '-f', '-a', 'v0.1.0', '-m', 'moved');
    git('tag', '-d', 'v0.0.1');
    await releases.fetch();
    expect((await releases.resolve('v0.1.0')).commit).toBe(second);
    expect((await releases.list()).tags.map(({ tag }) => tag)).toEqual(['v0.1.0']);
    const elsewhere = join(dir, 'elsewhere');
    execFileSync('git', ['clone', '-q', '--bare', origin, elsewhere]);
    rmSync(origin, { recursive: true });
    const moved = mirror({ repository: `file://${elsewhere}` });
    await moved.fetch();
    expect((await moved.resolve('v0.1.0')).commit).toBe(second);
  });

  test('a repository whose own branch does not exist still has its tags', async () => {
    commit('first');
    git('tag', 'v0.1.0');
    git('symbolic-ref', 'HEAD', 'refs/heads/absent');
    const { tags, commits } = await mirror().list();
    expect(tags).toHaveLength(1);
    expect(commits).toHaveLength(1);
  });

  test('an empty repository has nothing, and says so', async () => {
    const releases = mirror();
    expect(await releases.list()).toEqual({ tags: [], commits: [] });
    expect((await refused(releases.resolve('v0.1.0'))).advice).toContain('no tag like v*');
  });

  test('many at once, in one process and in several mirrors of one directory', async () => {
    for (let i = 0; i < 20; i++) {
      commit(`c${i}`);
      git('tag', `v0.${i}.0`);
    }
    await Promise.all(Array.from({ length: 5 }, () => mirror().fetch()));
    for (let i = 0; i < 20; i++) git('tag', '-f', `v0.${i}.0`);
    const mirrors = Array.from({ length: 5 }, () => mirror());
    await Promise.all(mirrors.flatMap((one) => [one.fetch(), one.fetch()]));
    expect(new Set((await mirror().list()).tags.map((tag) => tag.commit)).size).toBe(1);
  }, 30_000);

  test('a lock that a killed git left behind long ago is removed', async () => {
    commit('first');
    git('tag', 'v0.1.0');
    const releases = mirror();
    await releases.fetch();
    commit('second');
    git('tag', '-f', 'v0.1.0');
    const lock = join(dir, 'mirror.git', 'refs', 'tags', 'v0.1.0.lock');
    writeFileSync(lock, '');
    utimesSync(lock, clock, clock);
    await releases.fetch();
    expect((await releases.resolve('v0.1.0')).subject).toBe('second');
  });

  test('a repository that is not there is said to be so, without its password', async () => {
    const gone = await refused(mirror({ repository: join(dir, 'absent') }).fetch());
    expect(gone).toMatchObject({ code: 'repository-unreachable', message: expect.stringContaining('absent') });
    const url = await refused(mirror({ repository: 'http://user:hunter2@127.0.0.1:1/x.git' }).fetch());
    expect(url.code).toBe('repository-unreachable');
    expect(url.message).toContain('127.0.0.1:1/x.git');
    expect(`${url.message}${url.advice}`).not.toContain('hunter2');
  });

  test('a git server that accepts and says nothing is given up on', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    const error = await refused(mirror({ repository: `git://127.0.0.1:${port}/x.git`, limitMs: 700 }).fetch());
    expect(error).toMatchObject({ code: 'repository-slow', message: expect.stringContaining('within 0.7 s') });
    server.close();
  });

  test('a broken mirror inside somebody’s clone leaves that clone alone, and mends itself', async () => {
    commit('first');
    git('tag', 'v0.1.0');
    const inside = join(dir, 'clone');
    execFileSync('git', ['clone', '-q', origin, inside]);
    execFileSync('git', ['-C', inside, 'branch', 'mine']);
    const system = { name: 'sac', repository: origin, release: { tags: 'v*', commits: 10 } } as System;
    const releases = openMirror({ dir: join(inside, 'mirror.git'), system });
    await releases.fetch();
    rmSync(join(inside, 'mirror.git', 'HEAD'));
    rmSync(join(inside, 'mirror.git', 'objects'), { recursive: true });
    expect((await refused(releases.list())).code).toBe('mirror-broken');
    await releases.fetch();
    expect((await releases.resolve('v0.1.0')).subject).toBe('first');
    expect(execFileSync('git', ['-C', inside, 'branch', '--list', 'mine'], { encoding: 'utf8' }).trim()).toBe('mine');
  });

  test('a directory that cannot be a mirror is named', async () => {
    commit('first');
    writeFileSync(join(dir, 'mirror.git'), 'a file');
    expect((await refused(mirror().fetch())).code).toBe('mirror-broken');
  });
});
