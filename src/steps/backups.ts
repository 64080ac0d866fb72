import { raw, type Sh, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { findNamed, isPattern, nameOf, plainDir } from './patterns.ts';
import { path } from './shell.ts';

/** A file of a group in the target's backup; paths are relative to the role's directory, or absolute. */
export interface BackupFile {
  readonly from: string;
  readonly to: string;
  /** As the manifest lists it. */
  readonly listed: string;
}

/** Where the target's backup lies: `<backups.dir>/<version>`. */
export const backupFolder = (where: Where): string => `${where.system.backups?.dir ?? 'backups'}/${where.target.version}`;

/** The folder of a group inside a backup: its directory, an absolute one without the slash it begins with. */
export const folderInBackup = (group: FileGroup): string => plainDir(group.dir).replace(/^\//, '');

const joined = (dir: string, name: string): string => (dir === '.' || dir === '' ? name : `${dir}/${name}`);

/** The group's files in the target's backup: names as the system file gives them, patterns as the manifest (its paths) answers them. */
export function backupFiles(where: Where, group: FileGroup, folder: string, manifest: Iterable<string>): BackupFile[] {
  const inside = plainDir(folder);
  const prefix = inside === '.' ? '' : `${inside}/`;
  const listed = [...manifest].filter((file) => file.startsWith(prefix) && !file.split('/').includes('..')).map((file) => file.slice(prefix.length));
  const names = group.names.flatMap((name) => (isPattern(name) ? listed.filter((file) => nameOf([name], file) !== undefined).sort() : [name]));
  return [...new Set(names)].map((name) => {
    const file = joined(inside, name);
    return { from: `${backupFolder(where)}/${file}`, to: joined(plainDir(group.dir), name), listed: file };
  });
}

/** Prints `SHA256  PATH` for each file that the names mean in a directory, relative to it, sorted; nothing where there is no such directory. */
export function sumsIn(dir: string, names: readonly string[], ignore: readonly string[] = []): Sh {
  const find = findNamed(names, ignore);
  return sh`if [ -d ${raw(path(dir))} ]; then (
  cd -- ${raw(path(dir))} || exit 1
  find_named() { ${raw(find)}; }
  find_named > /dev/null || exit 1
  find_named | LC_ALL=C sort -zu | xargs -0 -r sh -c 'for f; do [ ! -f "$f" ] || sha256sum -- "$f"; done' sh | sed 's|^\\(.\\{66\\}\\)\\./|\\1|'
) || exit 1; fi`;
}

/** {@link sumsIn} of a group, with a prefix before each path. */
export function sumsOf({ dir, names, ignore }: FileGroup, prefix: string): Sh {
  const before = prefix === '.' || prefix === '' ? '' : `${prefix}/`;
  return sh`{\n${raw(sumsIn(plainDir(dir), names, ignore))}\n} | while IFS= read -r entry; do printf '%s  %s%s\\n' "\${entry%%  *}" ${before} "\${entry#*  }"; done`;
}

/** Checksums by path, of lines as sha256sum writes them (`HASH  PATH`, `HASH *PATH`). */
export function manifestSums(text: string): Map<string, string> {
  const sums = text.split('\n').flatMap((entry): [string, string][] => {
    const [, sum, file] = /^([0-9a-fA-F]{64}) [ *](?:\.\/)?(.+)$/.exec(entry) ?? [];
    return sum === undefined || file === undefined ? [] : [[file, sum.toLowerCase()]];
  });
  return new Map(sums);
}

/** Prints the manifest's age in seconds, by the host's own clock. */
export const manifestAge = (folder: string, manifest: string): Sh =>
  sh`echo $(( $(date +%s) - $(stat -c %Y -- ${raw(path(`${folder}/${manifest}`))}) ))`;
