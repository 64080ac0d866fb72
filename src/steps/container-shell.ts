import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { type HostContainer, instanceField, pick, rollbackLabel, serviceLabel, systemLabel, upField } from './containers.ts';
import type { ChosenImage } from './last-good-image.ts';

/** A container as the system file orders it. */
export interface ContainerOrder {
  readonly name: string;
  readonly image?: string | undefined;
  readonly mounts?: readonly string[] | undefined;
  readonly env_file?: string | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly restart?: string | undefined;
}

/** The name that a container is given which had the name before. */
export const asideName = (order: Pick<ContainerOrder, 'name'>, where: Where): string => `${order.name}_before_${where.rollback}`;

/** Guard: the image is the one that was planned with. */
export const sameImage = ({ reference, id }: ChosenImage): Sh =>
  sh`[ "$(docker image inspect --format '{{.Id}}' ${reference} 2>/dev/null)" = ${id} ] || die ${`${reference} changed since the plan was made`}`;

/** What an earlier attempt of this very step started, or set aside, is no drift. */
export function sameHolder(params: ContainerOrder, where: Where, holder: HostContainer | undefined): Sh {
  const { name } = params;
  const imageOfNamed = (one: string) => raw(sh`$(docker container inspect --format '{{.Image}}' ${one} 2>/dev/null)`);
  return sh`now="${imageOfNamed(name)}"; [ -n "$now" ] || now="${imageOfNamed(asideName(params, where))}"
${raw(isOurs(name, where))} || [ "$now" = ${holder?.imageId ?? ''} ] || die ${`the container ${name} is not what it was when the plan was made`}`;
}

const isOurs = (name: string, where: Where): Sh =>
  sh`[ "$(docker container inspect --format ${`{{index .Config.Labels ${JSON.stringify(rollbackLabel)}}}`} ${name} 2>/dev/null)" = ${where.rollback} ]`;

/** Looked at before anything is changed: two instances would trade twice. */
export const nothingElse = ({ name }: ContainerOrder): Sh =>
  sh`other=$(${raw(pick(`${instanceField} && ${upField} && $2 != ${JSON.stringify(name)}`, '$2'))}) || exit 1; [ -z "$other" ] || die "runs already:" $other "(nothing was changed)"`;

/** What an earlier attempt of this step started goes; what had the name before is recorded once. */
export function begin({ name }: ContainerOrder, where: Where): Sh {
  return script(
    sh`if ${raw(isOurs(name, where))}; then docker rm -f ${name} >/dev/null || die ${`cannot remove ${name}, which an earlier attempt left`}; fi`,
    sh`[ -e "$keep/began" ] || { now=$(seen) || die 'the Docker engine does not answer'; printf '%s\\n' "$now" | awk ${`$2 == ${JSON.stringify(name)}`} > "$keep/aside" && touch -- "$keep/began"; } || die "cannot write to $keep"`,
  );
}

/** Renames and stops what has the name; neither is done twice. */
export function setAside({ name }: ContainerOrder, where: Where): Sh {
  const aside = asideName({ name }, where);
  return sh`if docker container inspect ${name} >/dev/null 2>&1; then
  docker container inspect ${aside} >/dev/null 2>&1 && die ${`there is a container ${aside} already; remove or rename it`}
  docker update --restart=no ${name} >/dev/null || die ${`cannot clear the restart policy of ${name}`}
  docker stop ${name} >/dev/null && docker rename ${name} ${aside} || die ${`cannot set the container ${name} aside`}
  echo ${`the container that had the name ${name} is ${aside} now, stopped`}
fi`;
}

/** Compose's own labels, which an image built by it brings along, are emptied: this container is not compose's. */
export function start(params: ContainerOrder, where: Where, chosen: ChosenImage): Sh {
  const at = (path: string) => (path.startsWith('/') ? path : `${where.role.dir}/${path.replace(/^\.\//, '')}`);
  const words = [
    ...[`${systemLabel}=${where.system.name}`, `${rollbackLabel}=${where.rollback}`, `${serviceLabel}=`, 'com.docker.compose.project='].flatMap(
      (label) => ['--label', label],
    ),
    ...(params.restart === undefined || params.restart === 'no' ? [] : [`--restart=${params.restart}`]),
    ...(params.mounts ?? []).flatMap((mount) => ['-v', at(mount)]),
    ...(params.env_file === undefined ? [] : ['--env-file', at(params.env_file)]),
    ...(params.ports ?? []).flatMap((port) => ['-p', port]),
  ];
  return script(
    sh`docker run -d --name ${params.name} ${words} ${chosen.reference} || { ${raw(isOurs(params.name, where))} && docker rm -f ${params.name} >/dev/null; die ${`${chosen.reference} cannot be run`}; }`,
    sh`echo ${`${params.name} runs ${chosen.reference}`}`,
  );
}

/** Its logs go with a container: they are kept first. */
export function takeAway({ name }: ContainerOrder, where: Where): Sh {
  return script(
    sh`[ -e "$keep/began" ] || { echo 'nothing had been started'; exit 0; }`,
    sh`if ${raw(isOurs(name, where))}; then
  docker logs --timestamps ${name} > "$keep/container.log" 2>&1
  docker rm -f ${name} >/dev/null || die ${`cannot remove ${name}`}
  echo ${`removed ${name}`}"; its logs are kept as $keep/container.log"
fi`,
  );
}

/** What had the name has it again, and runs if it ran: proven by its image, state and restart policy. */
export function asideBack({ name }: ContainerOrder, where: Where): Sh {
  const aside = asideName({ name }, where);
  const stateOf = (what: string) => sh`$(docker container inspect --format ${what} ${name} 2>/dev/null)`;
  return sh`if [ ! -s "$keep/aside" ]; then
  ! docker container inspect ${name} >/dev/null 2>&1 || die ${`a container ${name} is there that this rollback did not make`}
  exit 0
fi
read -r owner name image image_id state restart auto rest < "$keep/aside"
if docker container inspect ${aside} >/dev/null 2>&1; then docker rename ${aside} ${name} || die ${`cannot give the container ${aside} its name back`}; fi
[ "${raw(stateOf('{{.Image}}'))}" = "$image_id" ] || die ${`the container ${name} is not the one that was there`}
case $state in running|restarting|paused) docker start ${name} >/dev/null && [ "${raw(stateOf('{{.State.Running}}'))}" = true ] || die ${`cannot start ${name}`} ;; esac
docker update --restart="$restart" ${name} >/dev/null || die ${`cannot give ${name} its restart policy back`}
echo ${`${name} is as it was found:`} "$state"`;
}
