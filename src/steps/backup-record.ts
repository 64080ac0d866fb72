import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { ShellWork, Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { backupFolder, folderInBackup, sumsOf } from './backups.ts';
import { findNamed, isPattern, plainDir } from './patterns.ts';
import { inDir, path, shellWork } from './shell.ts';

/** The file groups that are copied when a release is recorded; none when the system file names none. */
export const recordedGroups = ({ system }: Where): FileGroup[] => (system.backups?.record ?? []).flatMap((name) => system.files[name] ?? []);

/**
 * Copies the groups of `backups.record` into the backup of `where.target`, with a manifest as sha256sum writes it. A folder of its own is filled,
 * checked and renamed, so that a backup is there whole or not at all. One that is there already stays: with the same files nothing is done, with others
 * the work fails and says which. Nothing is ever removed. Undefined where the system file records no group.
 */
export function recordBackup(where: Where): ShellWork | undefined {
  const rules = where.system.backups;
  const groups = recordedGroups(where);
  if (rules === undefined || groups.length === 0) return undefined;
  const folder = raw(path(backupFolder(where)));
  const manifest = raw(path(rules.manifest));
  const { version } = where.target;
  return shellWork(where, {
    command: inDir(
      where,
      sh`LC_ALL=C; export LC_ALL; folder=${folder}; fresh=$(dirname -- "$folder")/.recording-$(basename -- "$folder")`,
      sh`own=$(mktemp -d) || die 'no temporary directory can be made'; top=$PWD; case $fresh in /*) top= ;; esac`,
      sh`trap 'cd / && rm -rf -- "$own" "$top/$fresh"' EXIT; trap 'exit 143' TERM INT HUP PIPE`,
      sh`{ ${raw(script(...groups.map((group) => sumsOf(group, folderInBackup(group)))))}\n} | sort -u > "$own/source"`,
      sh`[ -s "$own/source" ] || { echo ${`nothing of ${groups.map(({ name }) => name).join(', ')} is here to be recorded`}; exit 0; }`,
      sh`mkdir -p -- "$(dirname -- "$folder")" && rm -rf -- "$fresh" && mkdir -- "$fresh" || die "cannot write to $(dirname -- "$folder")"`,
      ...groups.map(copyGroup),
      sh`(cd -- "$fresh" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum --) | sed 's|^\\(.\\{66\\}\\)\\./|\\1|' > "$own/manifest"`,
      sh`cp -- "$own/manifest" "$fresh"/${manifest} && sort -u "$own/manifest" > "$own/copy" || die "cannot write to $fresh"`,
      sh`cmp -s "$own/source" "$own/copy" || die 'files changed while they were copied; nothing was recorded'`,
      sh`if [ -e "$folder" ]; then\n${raw(compareWithOld(version, rules.manifest))}\nfi`,
      sh`mv -T -- "$fresh" "$folder" || die "cannot write $folder"`,
      sh`echo ${`recorded the backup of ${version}:`}" $(wc -l < "$folder"/${manifest}) files in \${folder#./}"`,
    ),
    verify: inDir(
      where,
      sh`[ ! -e ${folder} ] || { cd -- ${folder} && sha256sum -c --quiet --strict -- ${rules.manifest}; } || die 'the backup is not what its manifest says'`,
    ),
    from: '',
    to: '',
  });
}

/** Links are recorded as what they lead to: a backup must not depend on what it backs up. */
function copyGroup(group: FileGroup): Sh {
  const dir = raw(path(plainDir(group.dir)));
  const into = folderInBackup(group);
  const named = group.names.filter((name) => !isPattern(name));
  return sh`if [ -d ${dir} ]; then
  mkdir -p -- "$fresh"/${into} || die "cannot write to $fresh"
  to=$(cd -- "$fresh"/${into} && pwd) && (
    cd -- ${dir} || exit 1
    find_named() { ${raw(findNamed(group.names, group.ignore))}; }
    find_named > /dev/null || exit 1
    find_named | xargs -0 -r sh -c 'for f; do [ ! -f "$f" ] || cp -pL --parents -t "$0" -- "$f" || exit 255; done' "$to" || exit 1
    for name in ${named}; do [ -f "./$name" ] || echo ${`not there, so not recorded: ${group.dir}/`}"$name"; done
  ) || die ${`the files of ${group.name} cannot be copied; nothing was recorded`}
fi`;
}

function compareWithOld(version: string, manifest: string): Sh {
  const file = raw(path(manifest));
  return script(
    sh`  [ -f "$folder"/${file} ] || die "$folder is there without a manifest; nothing was recorded"`,
    sh`  sed 's|^\\(.\\{64\\}\\) [ *]\\(\\./\\)\\{0,1\\}|\\1  |' "$folder"/${file} | sort -u > "$own/old"`,
    sh`  differ=$(comm -23 "$own/copy" "$own/old" | cut -c 67- | tr '\\n' ' ')`,
    sh`  [ -z "$differ" ] || die ${`the backup of ${version} is another, and is not overwritten; not in it as they are here:`} "$differ"`,
    sh`  (cd -- "$folder" && sha256sum -c --quiet --strict -- ${manifest}) || die "the backup in $folder is corrupt; nothing was recorded"`,
    sh`  echo ${`the backup of ${version} has these files already`}; exit 0`,
  );
}
