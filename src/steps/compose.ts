import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import { answer, complaint, die, inDir, problem } from './shell.ts';

/** What the probes of a compose system tell. */
export interface ComposeSeen {
  /** `docker compose` or `docker-compose`, as the host has it. */
  readonly tool: Sh;
  /** Images of the service's containers, running or not, as `name:tag`, one a line; empty when there is none. */
  readonly images: string;
  /** VERSION of what is there now: the tag of its image. */
  readonly current: string | undefined;
  readonly problems: readonly Problem[];
}

/** Where compose runs: the directory of its file, as people do (`cd docker`), and the file named only when compose would not find it by itself. */
export function composePlace(where: Where): { dir: string; file: string; option: Sh; service: string } | undefined {
  const compose = where.role.compose;
  if (compose === undefined) return undefined;
  const full = compose.file.startsWith('/') ? compose.file : `${where.role.dir}/${compose.file}`;
  const slash = full.lastIndexOf('/');
  const file = full.slice(slash + 1);
  return { dir: full.slice(0, slash) || '/', file, option: file === 'docker-compose.yml' ? sh`` : sh` -f ./${file}`, service: compose.service };
}

/** The lines, run in the directory of the compose file, with VERSION set for it. */
export function inCompose(where: Where, version: string, ...lines: (Sh | undefined)[]): Sh {
  const dir = composePlace(where)?.dir ?? where.role.dir;
  return inDir(
    where,
    sh`cd -- ${dir} || die ${`there is no directory ${dir} on ${where.host.name}`}`,
    sh`VERSION=${version}; export VERSION`,
    ...lines,
  );
}

/** Prints the images of the service's containers, running or not. */
export const serviceImages = (service: string): Sh =>
  sh`docker ps -a -q --filter ${`label=com.docker.compose.service=${service}`} | xargs -r docker inspect --format '{{.Config.Image}}' | sort -u`;

/** Finds the compose tool, then the service's images; the order that {@link seeCompose} reads. */
export function composeProbes(where: Where): Sh[] {
  return [
    sh`if docker compose version >/dev/null 2>&1; then echo 'docker compose'; elif command -v docker-compose >/dev/null; then echo docker-compose; else echo 'neither docker compose nor docker-compose is there' >&2; exit 1; fi`,
    script(sh`docker version --format '{{.Server.Version}}' >/dev/null || exit 1`, serviceImages(composePlace(where)?.service ?? '')),
  ];
}

/** The probes' answers, with what stands in the way. */
export function seeCompose(where: Where, [tool, images]: readonly (Reading | undefined)[]): ComposeSeen {
  const found = answer(images);
  const tag = /:([^:/\s]+)$/.exec(found.split('\n')[0] ?? '')?.[1];
  return {
    tool: answer(tool) === 'docker compose' ? sh`docker compose` : sh`docker-compose`,
    images: found,
    current: tag,
    problems: [
      ...(where.role.compose === undefined
        ? [problem(`the role ${where.role.name} names no compose file`, 'add compose: { file, service } to the role')]
        : []),
      ...(tool?.exitCode === 0 ? [] : [problem('there is neither docker compose nor docker-compose', 'install one of them')]),
      ...(images?.exitCode === 0
        ? []
        : [
            problem(
              `the Docker engine does not answer ${where.host.user}: ${complaint(images)}`,
              `start it, and add ${where.host.user} to the group docker`,
            ),
          ]),
    ],
  };
}

/** The image that a version becomes: `<release.image>:<version>`. */
export const imageOf = (where: Where, version: string): string => `${where.system.release.image ?? where.system.name}:${version}`;

/** A compose command, with the file where it must be named. */
export const composeCommand = (where: Where, tool: Sh, rest: Sh): Sh => sh`${raw(tool)}${raw(composePlace(where)?.option ?? sh``)} ${raw(rest)}`;

/** The guard: the service's containers have the images that the plan found. */
export function sameImages(where: Where, seen: ComposeSeen): Sh {
  return script(
    die,
    sh`now=$(${raw(serviceImages(composePlace(where)?.service ?? ''))}); [ "$now" = ${seen.images} ] || die "the service's containers changed since the plan was made: \${now:-none}"`,
  );
}

/** Waits until exactly one container of the service runs, with this image. */
export function oneRuns(where: Where, image: string, seconds: number): Sh {
  const service = composePlace(where)?.service ?? '';
  const running = sh`docker ps --no-trunc --filter ${`label=com.docker.compose.service=${service}`} --filter status=running --format '{{.ID}}'`;
  return script(
    sh`wanted=$(docker image inspect --format '{{.Id}}' ${image}) || die ${`there is no image ${image}`}`,
    sh`end=$(($(date +%s) + ${seconds}))`,
    sh`while :; do
  ids=$(${raw(running)}); count=$(printf '%s' "$ids" | grep -c .); image=
  [ "$count" != 1 ] || image=$(docker inspect --format '{{.Image}}' "$ids")
  [ "$image" != "$wanted" ] || break
  [ "$(date +%s)" -lt "$end" ] || { ${raw(sh`docker ps -a --filter ${`label=com.docker.compose.service=${service}`}`)}; die ${`not exactly one container of ${service} runs ${image}`}": $count run"; }
  sleep 0.5
done`,
    sh`echo ${`one container of ${service} runs ${image}`}`,
  );
}
