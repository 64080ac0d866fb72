import { raw, type Sh, script, sh } from '../domain/sh.ts';

/**
 * Shell functions, usable inside `sh -c` too. `keep_for DIR KEEP`: where what is taken out of DIR is kept. A rename keeps owner, mode, times and
 * attributes, also of files that belong to others, but only within one file system; where KEEP is on another one, that file system's own
 * `.rollback-kept` takes its place, if its administrator made one for this user.
 */
export const keepFor = `device() { stat -c %d -- "$1"; }
keep_beside() {
  beside=$(stat -c %m -- "$1"); beside=\${beside%/}/.rollback-kept
  [ -d "$beside" ] && [ ! -L "$beside" ] && [ -w "$beside" ] && [ "$(stat -c %u -- "$beside")" = "$(id -u)" ] && [ "$(device "$beside")" = "$(device "$1")" ]
}
keep_for() {
  if [ "$(device "$1")" != "$(device "$2")" ] && keep_beside "$1"; then
    rest=\${2%/*}; printf '%s' "$beside/\${rest##*/}/\${2##*/}"
  else printf '%s' "$2"; fi
}`;

/**
 * Reads, for each directory that lists of matches (as `records` writes them, in the given file) would be taken out of, what stands in the way:
 * `write OWNER:GROUP MODE DIR`, `sticky …`, `device …`. Nothing for a directory where nothing does.
 */
export function readObstacles(file: Sh): Sh {
  return script(
    sh`at=$keep; while [ ! -d "\${at:-/}" ]; do at=\${at%/*}; done`,
    parentsOf(file),
    sh`xargs -0 -r sh -c ${`${keepFor}\n${obstacles}`} "\${at:-/}" < "$own/parents" | tr '\\n\\0' '\\001\\n'; echo end`,
  );
}

/** Writes the directories of all but directories among the records to `$own/parents`. */
export const parentsOf = (file: Sh): Sh =>
  sh`grep -zv '^dir ' ${raw(file)} | sed -z 's/^[^ ]* [^ ]* [^ ]* [^ ]* //; s:/[^/]*$::' | sort -zu > "$own/parents"`;

const obstacles = `for dir; do
  mode=$(stat -c %a -- "$dir"); why=
  if [ ! -w "$dir" ] || [ ! -x "$dir" ]; then why=write
  elif case $mode in [1357]???) [ "$(stat -c %u -- "$dir")" != "$(id -u)" ] ;; *) false ;; esac; then why=sticky
  elif [ "$(device "$dir")" != "$(device "$0")" ] && ! keep_beside "$dir"; then why=device
  fi
  [ -z "$why" ] || printf '%s %s %s %s\\0' "$why" "$(stat -c %U:%G -- "$dir")" "$mode" "$dir"
done`;

/** What stands in the way of taking files out of a directory. */
export interface Obstacle {
  readonly why: 'write' | 'sticky' | 'device';
  /** `root:root`. */
  readonly owner: string;
  readonly mode: string;
  readonly dir: string;
}

/** The reading of {@link readObstacles}; undefined when it is not whole. */
export function parseObstacles(text: string): Obstacle[] | undefined {
  const lines = text.split('\n');
  if (lines.at(-2) !== 'end') return undefined;
  return lines.slice(0, -2).flatMap((line) => {
    const [, why, owner, mode, dir] = /^(write|sticky|device) (\S+) (\d+) (\/.*)$/.exec(line) ?? [];
    return why === undefined || owner === undefined || mode === undefined || dir === undefined
      ? []
      : [{ why: why as Obstacle['why'], owner, mode, dir }];
  });
}
