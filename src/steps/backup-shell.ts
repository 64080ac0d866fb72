import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { FileGroup } from '../domain/system.ts';
import { type BackupFile, sumsIn } from './backups.ts';
import { plainDir } from './patterns.ts';
import { path } from './shell.ts';

/** A file to restore: its sums as the manifest promises, in the backup, and on the host (`absent`). */
export interface SeenFile extends BackupFile {
  /** Relative to the group's directory. */
  readonly name: string;
  readonly promised: string | undefined;
  readonly backup: string;
  readonly now: string;
}

/** Prints the SHA-256 of a file, or `absent`. */
export const readSum = (file: string): Sh =>
  sh`if [ -f ${raw(path(file))} ]; then sha256sum < ${raw(path(file))} | cut -c 1-64; else echo absent; fi`;

/**
 * Shell functions for writing where nobody can have planted a link: `itself DIR` ends the stage unless DIR, or what of it is there, is what its absolute
 * name says; `home_of DIR` goes there, and what follows uses names in it. `$base` is the role's directory, which may be a link: the system file says so.
 */
export const noLinks = sh`base=$(pwd -P)
itself() {
  up=$1; while [ -n "$up" ] && [ ! -e "$up" ] && [ ! -L "$up" ]; do up=\${up%/*}; done
  [ "$(cd -P -- "\${up:-/}" 2>/dev/null && pwd -P)" = "\${up:-/}" ] || die "$up is a symbolic link, or lies behind one, or cannot be entered: it is never followed"
}
home_of() { itself "$1"; cd -P -- "$1" && [ "$(pwd -P)" = "$1" ] || die "$1 is not there"; }`;

const splitAt = (file: string): number => file.lastIndexOf('/');
const nameIn = (file: string): string => file.slice(splitAt(file) + 1);
/** The absolute name of a file as shell text, of its directory, and the file's name in there. */
const whole = (file: string): Sh => (file.startsWith('/') ? sh`${file}` : sh`"$base"/${file}`);
const homeOf = (file: string): Sh => (splitAt(file) < 0 ? sh`"$base"` : whole(file.slice(0, splitAt(file)) || '/'));
const here = (file: string): Sh => sh`${`./${nameIn(file)}`}`;

/** Ends the stage where the directory of a file is not itself. */
export const isHome = (file: { readonly to: string }): Sh => sh`itself ${raw(homeOf(file.to))}`;

/** The same for whole groups, said in the place of their checksums. */
export const areHomes = (files: readonly string[]): Sh => script(noLinks, ...new Set(files.map((to) => isHome({ to }))));

/** Nothing is changed by a backup that went bad after the plan. */
export const checkBackup = (file: SeenFile): Sh =>
  sh`[ "$(sha256sum < ${raw(path(file.from))} | cut -c 1-64)" = ${file.promised ?? 'no checksum'} ] || die ${`the backup ${file.from} is not what its manifest says; nothing was changed`}`;

/** The first record is the one that undo uses, also when the step is tried again. */
export const keepOld = (file: SeenFile, i: number): Sh =>
  sh`if [ -e "$keep/kept" ] || { [ ! -e ${raw(path(file.to))} ] && [ ! -L ${raw(path(file.to))} ]; }; then :; else cp -a -- ${raw(path(file.to))} "$keep/files/"${i} || die "cannot keep the old file in $keep"; fi`;

/** A new file beside the old one, with the old one's owner and mode, then one rename: a reader sees the old or the new, whole. */
export function copyBack(file: SeenFile, i: number): Sh {
  const [home, to, fresh] = [raw(homeOf(file.to)), raw(here(file.to)), raw(here(`${file.to}.rollback-new`))];
  const from = raw(whole(file.from));
  return script(
    sh`up=${home}; while [ -n "$up" ] && [ ! -e "$up" ]; do printf '%s\\0' "$up" >> "$keep/made" || die "cannot write to $keep"; up=$(dirname -- "$up"); done`,
    sh`itself ${home}; mkdir -p -- ${home} || die ${`cannot make the directory of ${file.to}`}`,
    sh`(
  home_of ${home}
  rm -f -- ${fresh}; set -C; cat -- ${from} > ${fresh} || die ${`cannot write ${file.to}`}
  if [ -f ${to} ]; then cp --attributes-only --preserve=mode,ownership -T -- ${to} ${fresh}; else cp --attributes-only --preserve=mode -T -- ${from} ${fresh}; fi
  mv -f -T -- ${fresh} ${to} || die ${`cannot write ${file.to}`}
) || exit 1`,
    sh`echo ${`restored ${file.to} from ${file.from}`}${raw(file.now === 'absent' ? '' : `", the old one is kept as $keep/files/${i}"`)}`,
  );
}

/** A file that the backup does not have, moved into the keep directory. */
export const setAside = (file: { readonly to: string }, i: number): Sh =>
  sh`if [ -e ${raw(path(file.to))} ] && [ ! -e "$keep/extras/"${i} ]; then (home_of ${raw(homeOf(file.to))}; mv -f -T -- ${raw(here(file.to))} "$keep/extras/"${i}) || die ${`cannot set ${file.to} aside`}
echo ${`set aside ${file.to}, which the backup does not have`}", as $keep/extras/${raw(String(i))}"; fi`;

/** Proves that the group's names match these files and no others; `wanted` as `sumsIn` prints it. */
export const matchedAre = (group: FileGroup, wanted: string): Sh =>
  sh`now=$(${raw(sumsIn(plainDir(group.dir), group.names, group.ignore))}) && [ "$now" = ${wanted} ] || die ${`the files of ${group.name} are not the backup's:`} "$now"`;

/** The old file again, with mode and owner, or none where there was none. */
export function putBack(file: SeenFile, i: number): Sh {
  const [home, to, fresh] = [raw(homeOf(file.to)), raw(here(file.to)), raw(here(`${file.to}.rollback-new`))];
  return script(
    sh`itself ${home}`,
    sh`if [ -e "$keep/files/"${i} ] || [ -L "$keep/files/"${i} ]; then mkdir -p -- ${home} && (home_of ${home}; rm -f -- ${fresh} && cp -a -T -- "$keep/files/"${i} ${fresh} && mv -f -T -- ${fresh} ${to}) || die ${`cannot put ${file.to} back`}; elif [ -d ${home} ]; then (home_of ${home}; rm -f -- ${to} ${fresh}) || exit 1; fi`,
    sh`[ "$(${raw(readSum(file.to))})" = ${file.now} ] || die ${`${file.to} is not as it was`}`,
    sh`echo ${`put ${file.to} back as it was found`}`,
  );
}

/** A file that had been set aside, whatever lies in its place now. */
export const putExtraBack = (file: { readonly to: string; readonly now: string }, i: number): Sh =>
  sh`itself ${raw(homeOf(file.to))}
if [ -e "$keep/extras/"${i} ] || [ -L "$keep/extras/"${i} ]; then mkdir -p -- ${raw(homeOf(file.to))} && (home_of ${raw(homeOf(file.to))}; mv -f -T -- "$keep/extras/"${i} ${raw(here(file.to))}) || die ${`cannot put ${file.to} back`}; fi
[ "$(${raw(readSum(file.to))})" = ${file.now} ] || die ${`${file.to} is not as it was`}`;

/** Removes the directories that the step made, unless something else is in them by now. */
export const unmake = sh`[ ! -e "$keep/made" ] || sort -zur "$keep/made" | xargs -0 -r rmdir -- 2>/dev/null || :`;
