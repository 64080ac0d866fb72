import { raw, type Sh, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
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

/** The group's files in the target's backup, in the order of the system file. */
export function backupFiles(where: Where, group: string): BackupFile[] {
  const files = where.system.files[group];
  return (files?.names ?? []).map((name) => {
    const listed = `${files?.dir ?? '.'}/${name}`;
    return { from: `${backupFolder(where)}/${listed}`, to: listed, listed };
  });
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
