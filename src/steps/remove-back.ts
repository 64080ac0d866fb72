import { raw, script, sh } from '../domain/sh.ts';
import { keepFor } from './keep-places.ts';
import { into, isThere, pathsOf } from './remove-shell.ts';

const makeDirs = `for entry; do
  mode=\${entry%% *}; rest=\${entry#* }; owner=\${rest%% *}; dir=\${rest#* }
  mkdir -p -- "$dir" || exit 255
  [ "$(stat -c %u:%g -- "$dir")" = "$owner" ] || chown -- "$owner" "$dir" || exit 255
  [ "$(stat -c %a -- "$dir")" = "$mode" ] || chmod -- "$mode" "$dir" || exit 255
done`;

const aside = `${keepFor}\n${isThere}\n${into}
set_aside() {
  place=$(keep_for "\${1%/*}" "$keep"); to=$place/undone; n=0
  while is_there "$to$1"; do n=$((n + 1)); to=$place/undone-$n; done
  into "\${1%/*}"
  (umask 077; mkdir -p -- "$to\${1%/*}") && mv -f -T -- "./\${1##*/}" "$to$1" || { echo "cannot set $1 aside" >&2; exit 255; }
  printf '%s\\n' "set aside what came later: $1, now $to$1"
}`;

/** Makes the removed directories again, moves everything back, sets aside what came in its place, and proves that the list is the recorded one. */
export const moveBack = script(
  sh`[ -e "$keep/planned" ] || { echo 'nothing had been changed'; exit 0; }`,
  sh`[ ! -e "$keep/expired" ] || die "what was removed was deleted on $(cat -- "$keep/expired"), when its time had ended"`,
  sh`[ ! -e "$keep/dirs" ] || sort -zu -k 3 "$keep/dirs" | xargs -0 -r sh -c ${makeDirs} || die 'the removed directories cannot be made again'`,
  sh`records "$own/now"; ${raw(pathsOf)} < "$keep/planned" | sort -z > "$own/recorded"`,
  sh`grep -zv '^dir ' "$own/now" | ${raw(pathsOf)} | sort -z | comm -z -23 - "$own/recorded" > "$own/later"`,
  sh`xargs -0 -r sh -c ${`${aside}\nkeep=$0\nfor file; do set_aside "$file"; done`} "$keep" < "$own/later" || exit 1`,
  sh`[ ! -e "$keep/moved" ] || xargs -0 -n 2 sh -c ${`${aside}\nkeep=$0 file=$1 kept=$2
case $kept in */files"$file") ;; *) exit 0 ;; esac
is_there "$kept" || exit 0
mkdir -p -- "\${file%/*}" || exit 255
into "\${file%/*}"
! is_there "$file" || set_aside "$file"
mv -f -T -- "$kept" "./\${file##*/}" || { echo "cannot put $file back" >&2; exit 255; }
printf '%s\\n' "put back $file"`} "$keep" < "$keep/moved" || exit 1`,
  sh`records "$own/now"; sort -z "$own/now" > "$own/a"; sort -z "$keep/planned" > "$own/b"`,
  sh`cmp -s "$own/a" "$own/b" || die 'not as it was found (before, then now):' "$(comm -z -3 "$own/b" "$own/a" | tr '\\0\\n' '\\n?')"`,
  sh`echo 'all is as it was found'`,
);
