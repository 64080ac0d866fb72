import { createHash } from 'node:crypto';
import type { TreeFile } from '../domain/release.ts';
import { quote, raw, type Sh, script, sh } from '../domain/sh.ts';

/** A file as found or as wanted; path relative to the directory compared. `blob` is git's id, or `-` where it could not be read. */
export interface ListedFile {
  readonly mode: string;
  readonly blob: string;
  readonly path: string;
}

/** For each file named: mode, git's blob id (the SHA-1 of `blob SIZE NUL CONTENT`) and path. Coreutils only: the host's git is not asked. */
const eachFile = `for f; do
  if [ -L "$f" ]; then mode=120000; size=$(readlink -n -- "$f" | wc -c); id=$({ printf 'blob %s\\0' "$size"; readlink -n -- "$f"; } | sha1sum)
  elif [ ! -e "$f" ]; then continue
  elif [ ! -f "$f" ]; then mode=other; id=-
  elif [ ! -r "$f" ]; then mode=unreadable; id=-
  else
    case $(stat -c %A -- "$f") in ???[xs]*) mode=100755 ;; *) mode=100644 ;; esac
    size=$(wc -c < "$f"); id=$({ printf 'blob %s\\0' "$size"; cat -- "$f"; } | sha1sum)
  fi
  printf '%s %s %s\\n' "$mode" "\${id%% *}" "$f"
done`;

/** Prints `MODE BLOB PATH` for each of the files that `names` (shell text) prints, separated by NUL. */
export const listFiles = (names: Sh): Sh => sh`${raw(names)} | sort -z | xargs -0 -r sh -c ${eachFile} sh`;

/** Lists everything under a directory but the ignored names. A directory that cannot be read is an error, never skipped. */
export function listDirectory(dir: string, ignore: readonly string[]): Sh {
  const skip = ignore.map((name) => `-name ${quote(name.replaceAll(/[\\*?[]/g, '\\$&'))} -prune -o`).join(' ');
  const at = dir.startsWith('/') ? dir : `./${dir}`;
  return script(
    sh`[ -d ${at} ] || { echo ${`there is no directory ${dir}`} >&2; exit 3; }`,
    sh`cd -- ${at} || exit 4`,
    sh`find . ${raw(skip)} ! -type d -print0 > /dev/null || exit 4`,
    listFiles(sh`find . ${raw(skip)} ! -type d -print0`),
  );
}

/** The listing's lines as files, sorted by path. */
export function parseListing(text: string, under = ''): ListedFile[] {
  const files = text.split('\n').flatMap((entry) => {
    const [, mode, blob, path] = /^(\S+) (\S+) (?:\.\/)?(.+)$/.exec(entry) ?? [];
    return mode === undefined || blob === undefined || path === undefined ? [] : [{ mode, blob, path: within(path, under) }];
  });
  return files.sort(byPath);
}

/** The target's files under a directory, with paths relative to it, sorted. */
export function filesUnder(tree: readonly TreeFile[], dir: string): ListedFile[] {
  const prefix = dir === '.' || dir === '' ? '' : `${dir.replace(/^\.\//, '').replace(/\/+$/, '')}/`;
  return tree
    .filter((file) => file.path.startsWith(prefix))
    .map(({ mode, blob, path }) => ({ mode, blob, path: path.slice(prefix.length) }))
    .sort(byPath);
}

/** A state of a directory in few words: equal texts mean equal files. With `target`, which files are not as it has them. */
export function describeFiles(files: readonly ListedFile[], target: readonly ListedFile[] = files): string {
  const digest = createHash('sha256')
    .update(files.map(({ mode, blob, path }) => `${mode} ${blob} ${path}\n`).join(''))
    .digest('hex')
    .slice(0, 12);
  const wanted = new Map(target.map((file) => [file.path, file]));
  const here = new Map(files.map((file) => [file.path, file]));
  const unreadable = files.filter((file) => file.blob === '-');
  const differ = files.filter((file) => file.blob !== '-' && isOther(file, wanted.get(file.path)));
  const notes = [
    note('differ', differ),
    note(
      'not in the target',
      files.filter((file) => !wanted.has(file.path)),
    ),
    note(
      'missing',
      target.filter((file) => !here.has(file.path)),
    ),
    note('cannot be read', unreadable),
  ].filter((text) => text !== '');
  return [`${digest} (${files.length} ${files.length === 1 ? 'file' : 'files'})`, ...notes].join('; ');
}

const isOther = (file: ListedFile, wanted: ListedFile | undefined) =>
  wanted !== undefined && (file.blob !== wanted.blob || file.mode !== wanted.mode);

function note(what: string, files: readonly ListedFile[]): string {
  if (files.length === 0) return '';
  const names = files.slice(0, 8).map((file) => file.path);
  return `${what}: ${names.join(', ')}${files.length > names.length ? ` and ${files.length - names.length} more` : ''}`;
}

const within = (path: string, dir: string) => (dir !== '' && dir !== '.' && path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : path);
const byPath = (a: ListedFile, b: ListedFile) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
