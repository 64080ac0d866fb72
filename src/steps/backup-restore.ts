import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import type { BackupRules } from '../domain/system.ts';
import { type BackupFile, backupFiles, backupFolder, manifestAge, manifestSums } from './backups.ts';
import { unknownGroup } from './git-restore.ts';
import { line, orShort } from './schema.ts';
import { answer, inDir, keepAt, makeKeep, path, problem, shellWork } from './shell.ts';

interface Params {
  readonly group: string;
}

const group = line.describe("A file group: each of its names is copied back from the target release's backup.");

/** Restores a group's files from the backup of the target release, after the manifest's checksums were found right. */
export const backupRestore: StepKind<Params> = {
  key: 'backup.restore',
  version: 1,
  about: "Copies a file group's files back from the target release's backup, checksums verified first.",
  place: 'host',
  schema: orShort('group', group, z.strictObject({ group })),
  probes(params, where) {
    const files = backupFiles(where, params.group);
    const folder = backupFolder(where);
    const backups = where.system.backups;
    if (backups === undefined) return [];
    return [
      inDir(where, sh`cat -- ${raw(path(`${folder}/${backups.manifest}`))}`),
      inDir(where, manifestAge(folder, backups.manifest)),
      ...files.flatMap((file) => [sumOf(file.from, where), sumOf(file.to, where)]),
    ];
  },
  plan(params, [manifest, age, ...sums], where): Planned {
    const backups = where.system.backups;
    if (where.system.files[params.group] === undefined) return unknownGroup(params.group, where);
    if (backups === undefined) return noBackups(where);
    const promised = manifestSums(answer(manifest));
    const seen = backupFiles(where, params.group).map((file, i) => ({
      ...file,
      promised: promised.get(file.listed),
      backup: answer(sums[2 * i]),
      now: answer(sums[2 * i + 1]),
    }));
    return {
      work: shellWork(where, {
        guard: inDir(
          where,
          ...seen.map((file) => sh`[ "$(${raw(readSum(file.to))})" = ${file.now} ] || die ${`${file.to} changed since the plan was made`}`),
        ),
        command: inDir(
          where,
          makeKeep(where),
          sh`mkdir -p -- "$keep/files" || die "cannot write to $keep"`,
          ...seen.map(checkBackup),
          ...seen.map(keepOld),
          ...seen.map(copyBack),
        ),
        verify: inDir(
          where,
          ...seen.map((file) => sh`[ "$(${raw(readSum(file.to))})" = ${file.promised ?? ''} ] || die ${`${file.to} is not the backup's`}`),
        ),
        restore: inDir(where, keepAt(where), sh`[ -e "$keep/kept" ] || { echo 'nothing had been changed'; exit 0; }`, ...seen.map(putBack)),
        from: seen.map((file) => `${file.to} ${brief(file.now)}`).join(', '),
        to: seen.map((file) => `${file.to} ${brief(file.promised ?? '')}`).join(', '),
      }),
      problems: seen.flatMap((file) => backupProblems(file, where)),
      warnings: staleWarnings(Number(answer(age)), backups, where),
    };
  },
};

interface SeenFile extends BackupFile {
  readonly promised: string | undefined;
  readonly backup: string;
  readonly now: string;
}

const readSum = (file: string): Sh => sh`if [ -e ${raw(path(file))} ]; then sha256sum < ${raw(path(file))} | cut -c 1-64; else echo absent; fi`;
const sumOf = (file: string, where: Where): Sh => inDir(where, readSum(file));
const brief = (sum: string): string => (sum === 'absent' ? sum : `sha256 ${sum.slice(0, 12) || 'unknown'}`);

const checkBackup = (file: SeenFile): Sh =>
  sh`[ "$(sha256sum < ${raw(path(file.from))} | cut -c 1-64)" = ${file.promised ?? 'no checksum'} ] || die ${`the backup ${file.from} is not what its manifest says; nothing was changed`}`;

/** The first record is the one that undo uses, also when the step is tried again. */
const keepOld = (file: SeenFile, i: number): Sh =>
  sh`if [ -e "$keep/kept" ] || { [ ! -e ${raw(path(file.to))} ] && [ ! -L ${raw(path(file.to))} ]; }; then :; else cp -a -- ${raw(path(file.to))} "$keep/files/"${i} || die "cannot keep the old file in $keep"; fi`;

/** A new file beside the old one, with the old one's owner and mode, then one rename: a reader sees the old or the new, whole. */
function copyBack(file: SeenFile, i: number): Sh {
  const to = raw(path(file.to));
  const fresh = raw(path(`${file.to}.rollback-new`));
  return script(
    i === 0 ? sh`printf '' > "$keep/kept" || die "cannot write to $keep"` : undefined,
    sh`mkdir -p -- "$(dirname -- ${to})" || die ${`cannot make the directory of ${file.to}`}`,
    sh`rm -f -- ${fresh}`,
    sh`if [ -f ${to} ]; then cp -p -- ${to} ${fresh}; fi`,
    sh`cat -- ${raw(path(file.from))} > ${fresh} && mv -f -- ${fresh} ${to} || die ${`cannot write ${file.to}`}`,
    sh`echo ${`restored ${file.to} from ${file.from}`}${raw(file.now === 'absent' ? '' : `", the old one is kept as $keep/files/${i}"`)}`,
  );
}

function putBack(file: SeenFile, i: number): Sh {
  const to = raw(path(file.to));
  const fresh = raw(path(`${file.to}.rollback-new`));
  return script(
    sh`if [ -e "$keep/files/"${i} ] || [ -L "$keep/files/"${i} ]; then rm -f -- ${fresh} && cp -a -- "$keep/files/"${i} ${fresh} && mv -f -- ${fresh} ${to} || die ${`cannot put ${file.to} back`}; else rm -f -- ${to}; fi`,
    sh`[ "$(${raw(readSum(file.to))})" = ${file.now} ] || die ${`${file.to} is not as it was`}`,
    sh`echo ${`put ${file.to} back as it was found`}`,
  );
}

function backupProblems(file: SeenFile, where: Where): Problem[] {
  const advice = `mend the backup of ${where.target.version} or choose a release that has one`;
  if (file.promised === undefined) return [problem(`the backup's manifest does not list ${file.listed} (or cannot be read)`, advice)];
  if (file.backup === 'absent' || file.backup === '') return [problem(`the backup ${file.from} is missing`, advice)];
  return file.backup === file.promised ? [] : [problem(`the backup ${file.from} is corrupt: its checksum is not the manifest's`, advice)];
}

function staleWarnings(ageSeconds: number, backups: BackupRules, where: Where): string[] {
  const days = Math.floor(ageSeconds / 86_400);
  return ageSeconds * 1000 > backups.staleAfterMs ? [`${where.host.name}: the backup of ${where.target.version} is ${days} days old`] : [];
}

function noBackups(where: Where): Planned {
  return {
    work: shellWork(where, { command: sh`echo 'the system file names no backups' >&2; exit 1`, from: '', to: '' }),
    problems: [problem('the system file names no backups', 'add backups: { dir, manifest } to the system file')],
  };
}
