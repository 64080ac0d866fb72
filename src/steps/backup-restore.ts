import { z } from 'zod';
import { raw, type Sh, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import type { BackupRules, FileGroup } from '../domain/system.ts';
import {
  areHomes,
  checkBackup,
  copyBack,
  isHome,
  keepOld,
  matchedAre,
  noLinks,
  putBack,
  putExtraBack,
  readSum,
  type SeenFile,
  setAside,
  unmake,
} from './backup-shell.ts';
import { backupFiles, backupFolder, folderInBackup, manifestAge, manifestSums, sumsIn } from './backups.ts';
import { restoreBackupByHand } from './by-hand.ts';
import { unknownGroup } from './git-restore.ts';
import { isPattern, nameOf, plainDir } from './patterns.ts';
import { line, orShort } from './schema.ts';
import { answer, complaint, inDir, keepAt, makeKeep, path, problem, shellWork } from './shell.ts';

interface Params {
  readonly group: string;
  readonly from?: string | undefined;
}

const group = line.describe(
  "A file group: what its names mean in the target release's backup is copied back; patterns are answered by its manifest.",
);
const from = line.optional().describe("The folder inside the release's backup where the group's files lie. Default: the group's own directory.");

/**
 * Restores a group's files from the backup of the target release, after the manifest's checksums were found right. What the group's patterns match on
 * the host and the backup does not have is set aside, not left: among the models of a release that was corrupted nobody can tell a good one from a bad
 * one, and what runs would read them all. It is named in the plan, kept, and comes back with undo.
 */
export const backupRestore: StepKind<Params> = {
  key: 'backup.restore',
  version: 3,
  about:
    "Copies a file group's files back from the target release's backup, checksums verified first; files that its patterns match and the backup lacks are set aside.",
  place: 'host',
  schema: orShort('group', group, z.strictObject({ group, from })),
  byHand(params, where) {
    const named = where.system.files[params.group];
    return named === undefined ? `# there is no file group ${params.group}` : restoreBackupByHand(named, params.from ?? folderInBackup(named), where);
  },
  probes(params, where) {
    const { backups, files } = where.system;
    const named = files[params.group];
    if (backups === undefined || named === undefined) return [];
    const folder = backupFolder(where);
    return [
      inDir(where, sh`cat -- ${raw(path(`${folder}/${backups.manifest}`))}`),
      inDir(where, manifestAge(folder, backups.manifest)),
      inDir(where, sumsIn(`${folder}/${params.from ?? folderInBackup(named)}`, named.names)),
      inDir(where, areHomes(namedFiles(named)), sumsIn(plainDir(named.dir), named.names, named.ignore)),
    ];
  },
  plan(params, [manifest, age, inBackup, onHost], where): Planned {
    const { backups } = where.system;
    const named = where.system.files[params.group];
    if (named === undefined) return unknownGroup(params.group, where);
    if (backups === undefined) return noBackups(where);
    const seen = see(named, params.from ?? folderInBackup(named), manifestSums(answer(manifest)), answer(inBackup), answer(onHost), where);
    const { files, extras } = seen;
    const homes = new Set([...files, ...extras].map(isHome));
    const unread = [inBackup, onHost].find((reading) => reading !== undefined && reading.exitCode !== 0);
    return {
      work: shellWork(where, {
        guard: inDir(
          where,
          keepAt(where),
          noLinks,
          ...homes,
          ...files.map(unchanged),
          seen.list === undefined ? undefined : sameList(named, seen.list),
        ),
        command: inDir(
          where,
          makeKeep(where),
          noLinks,
          ...homes,
          sh`mkdir -p -- "$keep/files" "$keep/extras" || die "cannot write to $keep"`,
          ...files.map(checkBackup),
          ...files.map(keepOld),
          sh`printf '' > "$keep/kept" || die "cannot write to $keep"`,
          ...files.map(copyBack),
          ...extras.map(setAside),
        ),
        verify: inDir(where, noLinks, ...homes, ...files.map(isBackups), seen.list === undefined ? undefined : matchedAre(named, seen.wanted)),
        restore: inDir(
          where,
          keepAt(where),
          noLinks,
          sh`[ -e "$keep/kept" ] || { echo 'nothing had been changed'; exit 0; }`,
          ...files.map(putBack),
          ...extras.map(putExtraBack),
          unmake,
        ),
        settles: true,
        from: [...files.map((file) => `${file.to} ${brief(file.now)}`), ...extras.map((file) => `${file.to} ${brief(file.now)}`)].join(', '),
        to: [...files.map((file) => `${file.to} ${brief(file.promised ?? '')}`), ...extras.map((file) => `${file.to} set aside`)].join(', '),
      }),
      problems: [
        ...(unread === undefined
          ? []
          : [problem(`the files of ${named.name} cannot be listed: ${complaint(unread)}`, `let ${where.host.user} read them`)]),
        ...notListed(named, files, where),
        ...files.flatMap((file) => backupProblems(file, where)),
      ],
      warnings: [...staleWarnings(Number(answer(age)), backups, where), ...asideWarnings(extras, where)],
    };
  },
};

interface Seen {
  readonly files: readonly SeenFile[];
  /** What the patterns match on the host and the backup does not have. */
  readonly extras: readonly { readonly to: string; readonly now: string }[];
  /** Where the group has patterns: all that its names match, as sums, now and afterwards. */
  readonly list?: string;
  readonly wanted: string;
}

function see(named: FileGroup, folder: string, promised: Map<string, string>, inBackup: string, onHost: string, where: Where): Seen {
  const [backup, here] = [manifestSums(inBackup), manifestSums(onHost)];
  const dir = plainDir(named.dir);
  const nameIn = (prefix: string, file: string) => (prefix === '.' || prefix === '' ? file : file.slice(prefix.length + 1));
  const files = backupFiles(where, named, folder, promised.keys()).map((file): SeenFile => {
    const name = nameIn(dir, file.to);
    return { ...file, name, promised: promised.get(file.listed), backup: backup.get(name) ?? 'absent', now: here.get(name) ?? 'absent' };
  });
  const patterns = named.names.filter(isPattern);
  const restored = new Set(files.map(({ name }) => name));
  const extras = [...here].filter(([name]) => !restored.has(name) && nameOf(patterns, name) !== undefined);
  return {
    files,
    extras: extras.map(([name, now]) => ({ to: dir === '.' ? name : `${dir}/${name}`, now })),
    ...(patterns.length > 0 && { list: onHost }),
    wanted: files
      .map(({ name, promised: sum }) => ({ name, line: `${sum ?? ''}  ${name}` }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
      .map(({ line: text }) => text)
      .join('\n'),
  };
}

/** The files that a group names, with patterns as they are: only their directories are looked at. */
const namedFiles = ({ dir, names }: FileGroup): string[] => names.map((name) => (plainDir(dir) === '.' ? name : `${plainDir(dir)}/${name}`));

const brief = (sum: string): string => (sum === 'absent' ? sum : `sha256 ${sum.slice(0, 12) || 'unknown'}`);

/** As the plan found it; or, on another attempt, as this step made it. */
const unchanged = (file: SeenFile): Sh =>
  sh`now=$(${raw(readSum(file.to))}); [ "$now" = ${file.now} ] || { [ -e "$keep/kept" ] && [ "$now" = ${file.promised ?? ''} ]; } || die ${`${file.to} changed since the plan was made`}`;

const sameList = (named: FileGroup, list: string): Sh =>
  sh`[ -e "$keep/kept" ] || [ "$(${raw(sumsIn(plainDir(named.dir), named.names, named.ignore))})" = ${list} ] || die ${`the files of ${named.name} changed since the plan was made`}`;

const isBackups = (file: SeenFile): Sh => sh`[ "$(${raw(readSum(file.to))})" = ${file.promised ?? ''} ] || die ${`${file.to} is not the backup's`}`;

/** Patterns that the manifest answers with nothing. */
function notListed(named: FileGroup, files: readonly SeenFile[], where: Where): Problem[] {
  const empty = named.names.filter((name) => isPattern(name) && !files.some((file) => nameOf([name], file.name) !== undefined));
  return empty.map((name) => problem(`the backup's manifest lists nothing for ${named.dir}/${name} (or cannot be read)`, mend(where)));
}

const mend = ({ target }: Where): string => `mend the backup of ${target.version} or choose a release that has one`;

function backupProblems(file: SeenFile, where: Where): Problem[] {
  if (file.promised === undefined) return [problem(`the backup's manifest does not list ${file.listed} (or cannot be read)`, mend(where))];
  if (file.backup === 'absent') return [problem(`the backup ${file.from} is missing`, mend(where))];
  return file.backup === file.promised ? [] : [problem(`the backup ${file.from} is corrupt: its checksum is not the manifest's`, mend(where))];
}

/** In the words of the check `backups`, so that a card says it once. */
function staleWarnings(ageSeconds: number, backups: BackupRules, where: Where): string[] {
  const days = Math.floor(ageSeconds / 86_400);
  return ageSeconds * 1000 > backups.staleAfterMs ? [`backups: the backup of ${where.target.version} is ${days} days old`] : [];
}

function asideWarnings(extras: Seen['extras'], where: Where): string[] {
  if (extras.length === 0) return [];
  return [`not in the backup of ${where.target.version}, so set aside and kept: ${extras.map(({ to }) => to).join(', ')}`];
}

function noBackups(where: Where): Planned {
  return {
    work: shellWork(where, { command: sh`echo 'the system file names no backups' >&2; exit 1`, from: '', to: '' }),
    problems: [problem('the system file names no backups', 'add backups: { dir, manifest } to the system file')],
  };
}
