import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { findNamed, nameOf, plainDir } from './patterns.ts';
import { complaint, inDir } from './shell.ts';

/** One thing on a host that a file group names. */
export interface Match {
  readonly type: 'file' | 'dir' | 'link' | 'special';
  /** Octal, with the set-id and sticky bits: `2775`. */
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  /** SHA-256 of the content or of where the link leads; `grows` for a log; `unreadable-SIZE-TIME`; `-` where there is nothing to sum. */
  readonly sum: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * Shell functions `one_record FILE NAME`, which prints the {@link Match} of FILE under the name NAME, ended by NUL. For use inside `sh -c` too. A log
 * grows while its system runs, and once more when that is stopped: its content is no part of what is compared, or every look would be drift.
 */
export const oneRecord = `one_record() {
  sum=-
  if [ -L "$1" ]; then type=link; sum=$(readlink -n -- "$1" | sha256sum)
  elif [ -d "$1" ]; then type=dir
  elif [ ! -f "$1" ]; then type=special
  else
    type=file
    case $2 in *.log) sum=grows ;; *) sum=$(sha256sum 2>/dev/null < "$1") || sum=unreadable-$(stat -c %s-%Y -- "$1") ;; esac
  fi
  printf '%s %s %s %s\\0' "$type" "$(stat -c '%a %u:%g' -- "$1")" "\${sum%% *}" "$2"
}`;

/** `under ROOT`: goes there, false when nothing is there; ends the stage where a symbolic link leads there. */
const under = sh`under() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    up=$1; while [ ! -e "\${up:-/}" ]; do up=\${up%/*}; done
    [ -x "\${up:-/}" ] || die "\${up:-/} cannot be entered by $(id -un)"
    return 1
  fi
  cd -P -- "$1" 2>/dev/null || die "$1 is no directory that $(id -un) can enter"
  [ "$(pwd -P)" = "$1" ] || die "$1 is a symbolic link, or lies behind one: it leads to $(pwd -P), and is never followed"
}`;

const prefixed = `for f; do printf '%s/%s\\0' "$0" "\${f#./}"; done`;

/**
 * Defines `records FILE`, which writes to FILE what the groups match now: a {@link Match} each, as text, sorted by path, ended by NUL. To be run in the
 * role's directory. Makes the temporary directory `$own`, and sets `$base` to the role's directory without links.
 */
export function recordsOf(groups: readonly FileGroup[]): Sh {
  return script(
    sh`LC_ALL=C; export LC_ALL; base=$(pwd -P); own=$(mktemp -d) || die 'no temporary directory can be made'; trap 'rm -rf -- "$own"' EXIT; trap 'exit 143' TERM INT HUP PIPE`,
    under,
    sh`matches() {\n${raw(script(...groups.map(oneGroup)))}\n}`,
    sh`records() {
  matches > "$own/paths" || exit 1
  sort -zu "$own/paths" | xargs -0 -r sh -c ${`${oneRecord}\nfor f; do one_record "$f" "$f"; done`} sh > "$1" || die 'the files cannot be looked at'
}`,
  );
}

function oneGroup({ name, dir, names, ignore }: FileGroup): Sh {
  return sh`(
  under ${raw(rootOf(dir))} || exit 0
  find_named() { ${raw(findNamed(names, ignore))}; }
  find_named > "$own/found" || die ${`the files of ${name} cannot be listed whole`}
  xargs -0 -r sh -c ${prefixed} "$PWD" < "$own/found"
) || exit 1`;
}

/** A group's directory as shell text, where `$base` is the role's directory. */
export function rootOf(dir: string): Sh {
  const plain = plainDir(dir);
  if (plain.startsWith('/')) return sh`${plain}`;
  return plain === '.' ? sh`"$base"` : sh`"$base"/${plain}`;
}

/** Reads what the groups match, for {@link parseMatches}. */
export function readMatches(where: Where, groups: readonly FileGroup[]): Sh {
  return inDir(
    where,
    recordsOf(groups),
    sh`records "$own/now"`,
    sh`printf 'matches %s %s %s\\n' "$(sha256sum < "$own/now" | cut -c 1-64)" "$(id -u)" "$base"`,
    sh`tr '\\n\\0' '\\001\\n' < "$own/now"; echo end`,
  );
}

/** What the groups match on a host. */
export interface Matches {
  /** SHA-256 of all records. */
  readonly digest: string;
  readonly uid: string;
  /** The role's directory without links. */
  readonly base: string;
  readonly all: readonly Match[];
}

/** The reading of {@link readMatches}, or why there is none. */
export function parseMatches(reading: Reading | undefined): Matches | { readonly why: string } {
  const lines = (reading?.stdout ?? '').split('\n');
  const [, digest, uid, base] = /^matches ([0-9a-f]{64}) (\d+) (\/.*)$/.exec(lines[0] ?? '') ?? [];
  if (reading?.exitCode !== 0 || digest === undefined || uid === undefined || base === undefined) return { why: complaint(reading) };
  if (lines.at(-2) !== 'end') return { why: 'they are too many to be shown' };
  const all = lines.slice(1, -2).map(parseMatch);
  const odd = all.find((match) => match === undefined || match.path.includes('\u0001'));
  if (all.includes(undefined) || odd !== undefined) return { why: `a name holds a line break: ${odd?.path.replace('\u0001', '?') ?? 'unknown'}` };
  return { digest, uid, base, all: all.filter((match) => match !== undefined) };
}

function parseMatch(line: string): Match | undefined {
  const [, type, mode, uid, gid, sum, path] = /^(file|dir|link|special) ([0-7]+) (\d+):(\d+) (\S+) (\/.*)$/.exec(line) ?? [];
  if (type === undefined || mode === undefined || uid === undefined || gid === undefined || sum === undefined || path === undefined) return undefined;
  return { type: type as Match['type'], mode, uid, gid, sum, path };
}

/** Directories that a name without a slash at its end means: a mistake of the system file, for such a name means a file. */
export function directoriesByMistake(groups: readonly FileGroup[], { base, all }: Matches): { match: Match; group: string; name: string }[] {
  return all.flatMap((match) => {
    if (match.type !== 'dir') return [];
    const meant = groups.flatMap((group) => meaning(group, base, match).map((name) => ({ match, group: group.name, name })));
    return meant.some(({ name }) => name.endsWith('/')) ? [] : meant.slice(0, 1);
  });
}

function meaning(group: FileGroup, base: string, { path }: Match): string[] {
  const dir = plainDir(group.dir);
  const root = dir.startsWith('/') ? dir : dir === '.' ? base : `${base}/${dir}`;
  if (!path.startsWith(`${root}/`)) return [];
  const inside = path.slice(root.length + 1);
  return group.names.filter((name) => nameOf([name], inside) !== undefined);
}
