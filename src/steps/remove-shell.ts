import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { FileGroup } from '../domain/system.ts';
import { keepFor, parentsOf } from './keep-places.ts';
import { oneRecord, rootOf } from './matches.ts';

/** Whether something is at a path, a link that leads nowhere included. */
export const isThere = `is_there() { [ -e "$1" ] || [ -L "$1" ]; }`;

/** Goes into a directory that must be itself, not a link that was planted since it was looked at. 255 ends xargs at once. */
export const into = `into() {
  cd -P -- "$1" && [ "$(pwd -P)" = "$1" ] || { echo "$1 is no longer the directory that was looked at" >&2; exit 255; }
}`;

/** Keeps the paths of records. */
export const pathsOf = sh`sed -z 's/^[^ ]* [^ ]* [^ ]* [^ ]* //'`;

/**
 * Writes down what is there and until when it is kept, before anything is moved; on a second attempt the first record stays. `planned` is written last
 * but for the moves: without it nothing was changed.
 */
export const recordOnce = (keepSeconds: number): Sh => sh`[ -s "$own/now" ] || { echo 'there is nothing to remove'; exit 0; }
if [ ! -e "$keep/planned" ]; then
  echo $(($(date +%s) + ${keepSeconds})) > "$keep/until" && cp -- "$own/now" "$keep/planned.new" && mv -- "$keep/planned.new" "$keep/planned" || die "cannot write to $keep"
fi`;

/** Proves, before anything is moved, that files of others can be renamed out of each directory: a copy could not keep their owner. */
export const tryRenames = script(
  parentsOf(sh`"$own/now"`),
  sh`xargs -0 -r sh -c ${`${keepFor}\n${into}\nkeep=$0
for dir; do
  into "$dir"
  to=$(keep_for "$dir" "$keep"); (umask 077; mkdir -p -- "$to") || exit 255
  rm -f .rollback-try && printf '' > .rollback-try || { echo "nothing can be written in $dir; nothing was changed" >&2; exit 255; }
  was=$(stat -c %i .rollback-try); mv -f .rollback-try "$to/try" && now=$(stat -c %i "$to/try") && rm -f -- "$to/try" || exit 255
  [ "$was" = "$now" ] || [ "$(id -u)" = 0 ] || [ -z "$(find . -mindepth 1 -maxdepth 1 ! -type d ! -user "$(id -u)" | head -n 1)" ] ||
    { echo "$dir and $to are not on one file system: owners would be lost; nothing was changed" >&2; exit 255; }
done`} "$keep" < "$own/parents" || exit 1`,
);

/** Moves everything but directories into the keep place, each move written down first. */
export const moveAway = script(
  sh`grep -zv '^dir ' "$own/now" | ${raw(pathsOf)} > "$own/files"`,
  sh`xargs -0 -r sh -c ${`${keepFor}\n${isThere}\n${into}\nkeep=$0
for file; do
  dir=\${file%/*}; place=$(keep_for "$dir" "$keep"); to=$place/files; n=0
  into "$dir"
  [ "$place" = "$keep" ] || printf '%s\\0' "$place" >> "$keep/places"
  while is_there "$to$file"; do n=$((n + 1)); to=$place/again-$n; done
  (umask 077; mkdir -p -- "$to$dir") && printf '%s\\0%s\\0' "$file" "$to$file" >> "$keep/moved" &&
    mv -f -T -- "./\${file##*/}" "$to$file" || { echo "cannot move $file to $to$file" >&2; exit 255; }
  printf '%s\\n' "removed $file"
done`} "$keep" < "$own/files" || exit 1`,
  sh`echo "kept in $keep until $(date -d "@$(cat -- "$keep/until")" 2>/dev/null || cat -- "$keep/until")"`,
);

/** Removes directories that are empty now and could be made again as they were; names the others. */
export function removeEmpty(groups: readonly FileGroup[]): Sh {
  return script(
    sh`printf '%s\\0' ${raw(groups.map(({ dir }) => rootOf(dir)).join(' '))} > "$own/roots"`,
    sh`{ grep -z '^dir ' "$own/now" | ${raw(pathsOf)}; xargs -0 -r sh -c ${parentDirs} "$base" "$own/roots" < "$own/files"; } | sort -zur > "$own/dirs"`,
    sh`xargs -0 -r sh -c ${`${into}\nkeep=$0
for dir; do
  [ -d "$dir" ] && [ ! -L "$dir" ] || continue
  into "$dir"; cd / || exit 255
  owner=$(stat -c %u -- "$dir")
  if [ -n "$(find "$dir" -mindepth 1 -maxdepth 1 | head -n 1)" ]; then echo "left $dir: other things are in it"
  elif [ "$(id -u)" != 0 ] && { [ "$owner" != "$(id -u)" ] || ! id -G | tr ' ' '\\n' | grep -qx "$(stat -c %g -- "$dir")"; }; then echo "left the empty directory $dir: it belongs to $(stat -c %U:%G -- "$dir")"
  else
    stat --printf '%a %u:%g %n\\0' -- "$dir" >> "$keep/dirs" || exit 255
    rmdir -- "$dir" 2>/dev/null && echo "removed the empty directory $dir" || echo "left the empty directory $dir: $(id -un) may not remove it"
  fi
done`} "$keep" < "$own/dirs" || exit 1`,
  );
}

/** The directories of the files, up to the directory of their group. Never the role's own. */
const parentDirs = `base=$0 roots=$1; shift
for file; do
  dir=\${file%/*}
  while [ "$dir" != "$base" ] && [ -n "$dir" ]; do
    printf '%s\\0' "$dir"
    ! grep -zqxF -- "$dir" "$roots" || break
    dir=\${dir%/*}
  done
done`;

/** Proves that nothing but empty directories is left, and that all that was recorded is kept as it was. */
export const provenGone = script(
  sh`records "$own/now"`,
  sh`grep -zv '^dir ' "$own/now" | ${raw(pathsOf)} > "$own/left"; [ ! -s "$own/left" ] || die 'still there:' "$(tr '\\0' ' ' < "$own/left")"`,
  sh`[ ! -e "$keep/moved" ] || xargs -0 -n 2 sh -c ${`${oneRecord}\n${isThere}\n! is_there "$2" || one_record "$2" "$1"`} sh < "$keep/moved" | sort -z > "$own/kept"`,
  sh`[ -e "$own/kept" ] || : > "$own/kept"`,
  sh`grep -zv '^dir ' "$keep/planned" | sort -z | comm -z -23 - "$own/kept" | ${raw(pathsOf)} > "$own/lost"`,
  sh`[ ! -s "$own/lost" ] || die 'not kept as they were found:' "$(tr '\\0' ' ' < "$own/lost")"`,
);
