import { z } from 'zod';
import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import { engineProblem, imageOf, oneRuns } from './compose.ts';
import { pathProblems, portProblems, readMissing, readPorts, stopsBefore } from './container-places.ts';
import {
  type HostContainer,
  instanceField,
  parseSeen,
  pick,
  rollbackLabel,
  seenBy,
  serviceLabel,
  shortId,
  systemLabel,
  upField,
} from './containers.ts';
import { type ChosenImage, chooseImage, readImages } from './last-good-image.ts';
import { containerName, line } from './schema.ts';
import { answer, die, keepAt, makeKeep, problem, shellWork } from './shell.ts';

interface Params {
  readonly name: string;
  readonly image?: string | undefined;
  readonly mounts?: readonly string[] | undefined;
  readonly env_file?: string | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly restart?: string | undefined;
}

const schema = z.strictObject({
  name: containerName.describe('The name of the container. One that has it already is stopped and renamed.'),
  image: line
    .optional()
    .describe("An image on the host. Default: the image that was recorded when the target was proven, else the target's by its tag."),
  mounts: z
    .array(z.string().regex(/^[^\0\r\n:]+:\/[^\0\r\n:]*(:(ro|rw))?$/, 'a mount is DIRECTORY:/PATH/INSIDE, or that with :ro'))
    .optional()
    .describe("What is mounted, as docker's -v takes it; the first part relative to the role's directory. It must be there."),
  env_file: line.optional().describe("The file with its environment, relative to the role's directory."),
  ports: z
    .array(z.string().regex(/^(\d{1,3}(\.\d{1,3}){3}:)?\d{1,5}:\d{1,5}(\/(tcp|udp))?$/, 'a port is HOST:CONTAINER: 8000:8000'))
    .optional()
    .describe("What is published, as docker's -p takes it."),
  restart: z
    .enum(['no', 'on-failure', 'unless-stopped', 'always'])
    .optional()
    .describe("Docker's restart policy. Default: no, as docker run has it: the container does not come back with the host."),
});

/** Runs an image of the target that is on the host, past git, compose and registry. Its only instance, or the step fails. */
export const containerRun: StepKind<Params> = {
  key: 'container.run',
  version: 1,
  about: 'Runs the last image known to be good directly, with mounts and environment; it must be the only instance of the system then.',
  place: 'host',
  schema,
  probes: (params, where) => [
    script(die, seenBy(where), pick('1')),
    ...readImages(where, imageFor(params, where)),
    readMissing(where, params.mounts ?? [], params.env_file),
    readPorts(params.ports ?? []),
  ],
  plan(params, [listed, ...facts], where): Planned {
    const chosen = chooseImage(where, imageFor(params, where), facts.slice(0, 3));
    const [missing, ports] = facts.slice(3);
    const containers = listed?.exitCode === 0 ? parseSeen(listed.stdout) : [];
    const holder = containers.find((one) => one.name === params.name);
    const aside = asideName(params, where);
    return {
      work: shellWork(where, {
        guard: script(die, seenBy(where), sameImage(chosen), sameHolder(params, where, holder)),
        command: script(
          die,
          makeKeep(where),
          seenBy(where),
          nothingElse(params),
          begin(params, where),
          setAside(params, where),
          start(params, where, chosen),
        ),
        verify: script(die, seenBy(where), oneRuns(where, { image: chosen.reference, name: params.name }, 30)),
        restore: script(die, keepAt(where), takeAway(params, where), asideBack(params, where)),
        from: holder ? `${params.name} is ${holder.image} (${shortId(holder.imageId)})` : `no container ${params.name}`,
        to: `${params.name} runs ${chosen.reference} (${shortId(chosen.id)})${holder ? `; the container that had the name is ${aside}, stopped` : ''}`,
        serving: 'running',
      }),
      problems: listed?.exitCode === 0 ? problems(params, where, containers, chosen, missing, ports) : [engineProblem(where, listed)],
      warnings: [
        ...chosen.warnings,
        ...(holder ? [`the name ${params.name} is taken by a container of ${holder.image}: it is stopped and becomes ${aside}`] : []),
      ],
    };
  },
};

const imageFor = (params: Params, where: Where): string => params.image ?? imageOf(where, where.target.version);
const asideName = (params: Params, where: Where): string => `${params.name}_before_${where.rollback}`;

function problems(
  params: Params,
  where: Where,
  containers: readonly HostContainer[],
  chosen: ChosenImage,
  missing: Reading | undefined,
  ports: Reading | undefined,
): Problem[] {
  const others = containers.filter((one) => one.up && one.name !== params.name && one.owner !== 'foreign' && one.owner !== 'service');
  const twice =
    others.length > 0 && stopsBefore(where) === 'nothing'
      ? [problem(`${others.map((one) => one.name).join(', ')} runs already`, 'add a step containers.stop before: two instances would trade twice')]
      : [];
  return [...chosen.problems, ...pathProblems(where, missing), ...portProblems(where, params.name, containers, answer(ports)), ...twice];
}

const sameImage = ({ reference, id }: ChosenImage): Sh =>
  sh`[ "$(docker image inspect --format '{{.Id}}' ${reference} 2>/dev/null)" = ${id} ] || die ${`${reference} changed since the plan was made`}`;

/** What an earlier attempt of this very step started, or set aside, is no drift. */
function sameHolder(params: Params, where: Where, holder: HostContainer | undefined): Sh {
  const { name } = params;
  const imageOfNamed = (one: string) => raw(sh`$(docker container inspect --format '{{.Image}}' ${one} 2>/dev/null)`);
  return sh`now="${imageOfNamed(name)}"; [ -n "$now" ] || now="${imageOfNamed(asideName(params, where))}"
${raw(isOurs(name, where))} || [ "$now" = ${holder?.imageId ?? ''} ] || die ${`the container ${name} is not what it was when the plan was made`}`;
}

const isOurs = (name: string, where: Where): Sh =>
  sh`[ "$(docker container inspect --format ${`{{index .Config.Labels ${JSON.stringify(rollbackLabel)}}}`} ${name} 2>/dev/null)" = ${where.rollback} ]`;

/** Looked at before anything is changed: two instances would trade twice. */
const nothingElse = ({ name }: Params): Sh =>
  sh`other=$(${raw(pick(`${instanceField} && ${upField} && $2 != ${JSON.stringify(name)}`, '$2'))}) || exit 1; [ -z "$other" ] || die "runs already:" $other "(nothing was changed)"`;

/** What an earlier attempt of this step started goes; what had the name before is recorded once. */
function begin({ name }: Params, where: Where): Sh {
  return script(
    sh`if ${raw(isOurs(name, where))}; then docker rm -f ${name} >/dev/null || die ${`cannot remove ${name}, which an earlier attempt left`}; fi`,
    sh`[ -e "$keep/began" ] || { now=$(seen) || die 'the Docker engine does not answer'; printf '%s\\n' "$now" | awk ${`$2 == ${JSON.stringify(name)}`} > "$keep/aside" && touch -- "$keep/began"; } || die "cannot write to $keep"`,
  );
}

function setAside({ name }: Params, where: Where): Sh {
  const aside = asideName({ name }, where);
  return sh`if docker container inspect ${name} >/dev/null 2>&1; then
  docker container inspect ${aside} >/dev/null 2>&1 && die ${`there is a container ${aside} already; remove or rename it`}
  docker update --restart=no ${name} >/dev/null || die ${`cannot clear the restart policy of ${name}`}
  docker stop ${name} >/dev/null && docker rename ${name} ${aside} || die ${`cannot set the container ${name} aside`}
  echo ${`the container that had the name ${name} is ${aside} now, stopped`}
fi`;
}

/** Compose's own labels, which an image built by it brings along, are emptied: this container is not compose's. */
function start(params: Params, where: Where, chosen: ChosenImage): Sh {
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
function takeAway({ name }: Params, where: Where): Sh {
  return script(
    sh`[ -e "$keep/began" ] || { echo 'nothing had been started'; exit 0; }`,
    sh`if ${raw(isOurs(name, where))}; then
  docker logs --timestamps ${name} > "$keep/container.log" 2>&1
  docker rm -f ${name} >/dev/null || die ${`cannot remove ${name}`}
  echo ${`removed ${name}`}"; its logs are kept as $keep/container.log"
fi`,
  );
}

function asideBack({ name }: Params, where: Where): Sh {
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
