import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { ShellWork, Where } from '../domain/step.ts';
import { imageOf } from './compose.ts';
import { pinLabel, serviceLabel } from './containers.ts';
import { readImageId, readRecorded } from './last-good-image.ts';
import { die, shellWork } from './shell.ts';

const versionLabel = 'rollback-bot.version';

/**
 * Keeps the target's image, the recorded one where it is there: `docker image prune -a` takes every image that no container uses, so that a container is
 * made from it that is never started. The newest `release.keep` pins of the system stay; older pins go, never an image. Does nothing, and says so, where
 * the host has no such image.
 */
export function pinImages(where: Where): ShellWork {
  const { version } = where.target;
  const name = `rollback-bot-pin_${where.system.name}_${version.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}`;
  const ofVersion = sh`docker ps -a -q --filter ${`label=${pinLabel}=${where.system.name}`} --filter ${`label=${versionLabel}=${version}`}`;
  return shellWork(where, {
    command: script(
      die,
      sh`docker version >/dev/null 2>&1 || { echo 'no Docker engine answers: no image is kept'; exit 0; }`,
      sh`id=$(${raw(readRecorded(where))} 2>/dev/null) || id=$(${raw(readImageId(imageOf(where, version)))} 2>/dev/null) || { echo ${`${imageOf(where, version)} is not here: no image is kept`}; exit 0; }`,
      sh`docker rm ${`${name}_new`} >/dev/null 2>&1; docker create --name ${`${name}_new`} --network none ${labels(where)} "$id" rollback-bot-pin >/dev/null || die ${`the image of ${version} cannot be kept`}`,
      sh`old=$(${raw(ofVersion)} --filter ${`name=^/?${name}$`}); [ -z "$old" ] || docker rm -v $old >/dev/null || die ${`the older pin of ${version} cannot be replaced`}`,
      sh`docker rename ${`${name}_new`} ${name} || die ${`the pin of ${version} cannot be named`}`,
      unpinOlder(where),
      sh`echo ${`${version} is kept:`}" $id\${gone:+; no longer kept, its image stays until it is pruned:$gone}"`,
    ),
    from: '',
    to: '',
  });
}

/** Compose's labels, which an image built by it brings along, are emptied: a pin is nobody's instance. */
function labels(where: Where): string[] {
  const all = [`${pinLabel}=${where.system.name}`, `${versionLabel}=${where.target.version}`, `${serviceLabel}=`, 'com.docker.compose.project='];
  return all.flatMap((label) => ['--label', label]);
}

/** `docker ps` lists the newest first. Sets `gone` to the names that went, each after a space. */
function unpinOlder(where: Where): Sh {
  const list = sh`docker ps -a --filter ${`label=${pinLabel}=${where.system.name}`} --format '{{.Names}}'`;
  return sh`gone=; for pin in $(${raw(list)} | tail -n +${where.system.release.keep + 1}); do
  docker rm -v "$pin" >/dev/null || die "the pin $pin cannot be removed"; gone="$gone $pin"
done`;
}
