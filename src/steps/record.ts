import type { Reading } from '../domain/host.ts';
import type { HostRecord } from '../domain/release.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { recordedGroups } from './backup-record.ts';
import { backupFolder, manifestSums, sumsOf } from './backups.ts';
import { composePlace } from './compose.ts';
import { inCloneReading } from './git-shell.ts';
import { plainDir } from './patterns.ts';
import { answer, inDir, path, pythonOf } from './shell.ts';

const notHere = sh`exit 3`;

/**
 * Read-only commands that say what a release is made of on a host, for {@link parseRecord}: commit, image of the one running container of the compose
 * service, `pip freeze`, checksums of the files that backups record, folder of the backup. What a host does not have answers with an exit status.
 */
export function recordProbes(where: Where): readonly Sh[] {
  const { role, system } = where;
  const service = composePlace(where)?.service;
  const groups = recordedGroups(where);
  return [
    inCloneReading(where, sh`git rev-parse --verify -q HEAD`),
    service === undefined ? notHere : runningImage(service),
    role.python === undefined
      ? notHere
      : inDir(where, sh`PIP_DISABLE_PIP_VERSION_CHECK=1; export PIP_DISABLE_PIP_VERSION_CHECK; ${pythonOf(role)} -m pip freeze`),
    groups.length === 0 ? notHere : inDir(where, ...groups.map((group) => sumsOf(group, plainDir(group.dir)))),
    system.backups === undefined ? notHere : wholeBackup(where, system.backups.manifest),
  ];
}

/** What the probes answered, in their order. Fields that the host does not have are absent. */
export function parseRecord([head, image, packages, files, backup]: readonly Reading[]): HostRecord {
  const commit = answer(head);
  const [, id, reference] = /^(sha256:[0-9a-f]{64}) (\S+)$/.exec(answer(image)) ?? [];
  const frozen = answer(packages)
    .split('\n')
    .filter((line) => line !== '');
  const sums = manifestSums(answer(files));
  const folder = answer(backup);
  return {
    ...(/^[0-9a-f]{40}$/.test(commit) && { commit }),
    ...(id !== undefined && reference !== undefined && { image: { reference, id } }),
    ...(frozen.length > 0 && { packages: frozen }),
    ...(sums.size > 0 && { files: Object.fromEntries(sums) }),
    ...(folder !== '' && { backup: folder }),
  };
}

/** Of several containers none can be said to be the release's. */
function runningImage(service: string): Sh {
  return script(
    sh`ids=$(docker ps -q --no-trunc --filter ${`label=com.docker.compose.service=${service}`} --filter status=running) || exit 1`,
    sh`[ "$(printf '%s' "$ids" | grep -c .)" = 1 ] || exit 3`,
    sh`docker inspect --format '{{.Image}} {{.Config.Image}}' "$ids"`,
  );
}

/** Prints the folder of the target's backup, if it is whole. */
function wholeBackup(where: Where, manifest: string): Sh {
  return inDir(
    where,
    sh`cd -- ${raw(path(backupFolder(where)))} 2>/dev/null && sha256sum -c --status --strict -- ${manifest} 2>/dev/null && pwd || exit 3`,
  );
}
