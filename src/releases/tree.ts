import type { SimpleGit } from 'simple-git';
import type { TreeFile } from '../domain/release.ts';
import { records } from './git.ts';

/** How a file differs between two commits: added, modified, deleted, or of another type. A renamed file is one deleted and one added. */
export interface ChangedFile {
  readonly path: string;
  readonly change: 'A' | 'M' | 'D' | 'T';
}

/** All files of a commit, sorted by path as git sorts. */
export async function readTree(git: SimpleGit, commit: string): Promise<TreeFile[]> {
  const text = await git.raw(['ls-tree', '-r', '-z', '--full-tree', commit]);
  return records(text, 1).flatMap(([line = '']) => treeFile(line));
}

function treeFile(line: string): TreeFile[] {
  const [, mode, blob = '', path = ''] = /^(\d{6}) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
  if (mode === '120000' || mode === '160000') return [{ path, mode, blob }];
  // Old repositories hold 100664 and the like; git itself only knows executable or not.
  return mode === undefined ? [] : [{ path, mode: Number.parseInt(mode, 8) & 0o100 ? '100755' : '100644', blob }];
}

/** The files that differ between two commits. */
export async function readChanges(git: SimpleGit, from: string, to: string): Promise<ChangedFile[]> {
  const text = await git.raw(['diff', '--name-status', '-z', '--no-renames', '--no-ext-diff', from, to, '--']);
  return records(text, 2).map(([change = 'M', path = '']) => ({ path, change: change as ChangedFile['change'] }));
}

/** How one file differs between two commits, as a unified diff without its head; empty when it does not. */
export async function readDiff(git: SimpleGit, from: string, to: string, path: string): Promise<string> {
  const text = await git.raw([
    '--literal-pathspecs',
    'diff',
    '--no-color',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--unified=1',
    from,
    to,
    '--',
    path,
  ]);
  const at = text.search(/^(@@|Binary files )/m);
  return at < 0 ? '' : text.slice(at).trimEnd();
}
