import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { installedFiles, otherPackages, readVersions } from './python.ts';
import { pythonOf } from './shell.ts';

/** What becomes of one package. Absent versions mean: not installed. */
export interface Change {
  readonly name: string;
  readonly old?: string;
  readonly new?: string;
  /** Installed from a directory or an address, not by its version. */
  readonly direct?: boolean;
}

/** `numpy 1.24.0, requests not installed`. */
export const versionsText = (changes: readonly Change[], which: 'old' | 'new'): string =>
  changes.map((change) => `${change.name} ${change[which] ?? 'not installed'}`).join(', ');

const namesOf = (changes: readonly Change[]): string[] => changes.map(({ name }) => name);

/** Ends the stage when the packages have not these versions; `why` comes before what they have. */
export function versionsAre(where: Where, changes: readonly Change[], which: 'old' | 'new', why: string): Sh {
  if (changes.length === 0) return sh`:`;
  return sh`now=$(${raw(readVersions(where.role, namesOf(changes)))}); [ "$now" = ${versionsText(changes, which)} ] || die ${why}": \${now:-no answer}"`;
}

/** `name==1.0` for each package that pip finds by its version. */
export const pinsOf = (changes: readonly Change[]): string[] =>
  changes.flatMap((change) => (change.new === undefined || change.direct === true ? [] : [`${change.name}==${change.new}`]));

/**
 * Keeps all files of what will change: undo then needs no index, and brings back an editable or local installation too. On a second attempt the first
 * record stays the one that undo uses.
 */
export function keepOld(where: Where, changes: readonly Change[]): Sh {
  const names = namesOf(changes);
  return script(
    sh`if [ ! -e "$keep/kept" ]; then`,
    sh`  ${raw(otherPackages(where.role, names))} > "$keep/others" || die "cannot write to $keep"`,
    sh`  ${raw(installedFiles(where.role, names))} > "$keep/files" && tar -cPf "$keep/installed.tar" --no-recursion --null -T "$keep/files" && : > "$keep/kept" || die "cannot keep the installed packages in $keep"`,
    sh`fi`,
  );
}

/** Says which packages changed that were not meant to. */
export const nameOthers = (where: Where, changes: readonly Change[]): Sh =>
  sh`${raw(otherPackages(where.role, namesOf(changes)))} | diff "$keep/others" - || echo 'note: these other packages changed meanwhile (< before, > now)'`;

/** Takes away what is there now, brings the kept files back byte for byte, and proves it against what was kept. */
export function putBack(where: Where, changes: readonly Change[]): Sh {
  const names = namesOf(changes);
  const text = versionsText(changes, 'old');
  return script(
    sh`[ -e "$keep/kept" ] || { echo 'nothing had been changed'; exit 0; }`,
    names.length === 0
      ? undefined
      : script(
          sh`${pythonOf(where.role)} -m pip uninstall -q -y ${names} 2>"$keep/uninstall.said" || { cat -- "$keep/uninstall.said" >&2; die ${`cannot uninstall ${names.join(', ')}`}; }`,
          sh`tar -xPpf "$keep/installed.tar" || die 'cannot put the kept files back'`,
          sh`tar -dPf "$keep/installed.tar" || die 'the files are not as they were kept'`,
          versionsAre(where, changes, 'old', 'the packages are not as they were'),
        ),
    nameOthers(where, changes),
    sh`echo ${`as before: ${text === '' ? 'nothing had to change' : text}`}`,
  );
}
