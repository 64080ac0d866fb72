import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import { type HostContainer, instanceField, isOutside, parseSeen, pick, pickOnce, seenBy, upField } from './containers.ts';
import { answer, complaint, die, inDir, problem } from './shell.ts';

/** What the probes of a compose system tell. */
export interface ComposeSeen {
  /** `docker compose` or `docker-compose`, as the host has it. */
  readonly tool: Sh;
  /** The service's containers, running or not, and those of the system that run outside compose. */
  readonly containers: readonly HostContainer[];
  /** VERSION of what compose has there now: the tag of its image. */
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

const composeOrOutside = `$1 == "compose" || ($1 ~ /^(bot|hand)$/ && ${upField})`;

/** Finds the compose tool, then the system's containers; the order that {@link seeCompose} reads. */
export function composeProbes(where: Where): Sh[] {
  return [
    sh`if docker compose version >/dev/null 2>&1; then echo 'docker compose'; elif command -v docker-compose >/dev/null; then echo docker-compose; else echo 'neither docker compose nor docker-compose is there' >&2; exit 1; fi`,
    script(die, seenBy(where), sh`docker version --format '{{.Server.Version}}' >/dev/null || exit 1`, pick(composeOrOutside)),
  ];
}

/** The probes' answers, with what stands in the way. */
export function seeCompose(where: Where, [tool, listed]: readonly (Reading | undefined)[]): ComposeSeen {
  const containers = parseSeen(answer(listed));
  const made = containers.find((one) => one.owner === 'compose')?.image ?? '';
  return {
    tool: answer(tool) === 'docker compose' ? sh`docker compose` : sh`docker-compose`,
    containers,
    current: /^(?!sha256:)[^@]*:([^:/@]+)$/.exec(made)?.[1],
    problems: [
      ...(where.role.compose === undefined
        ? [problem(`the role ${where.role.name} names no compose file`, 'add compose: { file, service } to the role')]
        : []),
      ...(tool?.exitCode === 0 ? [] : [problem('there is neither docker compose nor docker-compose', 'install one of them')]),
      ...(listed?.exitCode === 0 ? [] : [engineProblem(where, listed)]),
    ],
  };
}

/** The image that a version becomes: `<release.image>:<version>`. */
export const imageOf = (where: Where, version: string): string => `${where.system.release.image ?? where.system.name}:${version}`;

/** A compose command, with the file where it must be named. */
export const composeCommand = (where: Where, tool: Sh, rest: Sh): Sh => sh`${raw(tool)}${raw(composePlace(where)?.option ?? sh``)} ${raw(rest)}`;

/** What stands in the way when the engine does not answer, with what to do. */
export function engineProblem(where: Where, reading: Reading | undefined): Problem {
  const why = complaint(reading);
  const advice = /permission denied/i.test(why) ? `add ${where.host.user} to the group docker` : 'start it: sudo systemctl start docker';
  return problem(`the Docker engine does not answer ${where.host.user}: ${why}`, advice);
}

/** The containers in few words: `agentrader:v0.2.0 up, agentrader:v0.1.0 up as agentrader_emergency`. */
export function describeContainers({ containers }: ComposeSeen): string {
  const texts = containers.map((one) => `${one.image} ${one.up ? 'up' : 'stopped'}${isOutside(one) ? ` as ${one.name}` : ''}`);
  return texts.length === 0 ? 'no container' : [...new Set(texts)].sort().join(', ');
}

/** Prints the system's containers in few words, and those that earlier rollbacks set aside. {@link seenBy} and `die` must be defined. */
export const describeSeen: Sh = pickOnce(
  '$1 != "foreign"',
  `$3, (${upField} ? "up" : "stopped") ($1 == "compose" ? "" : " as " $2 ($5 == "exited" && $1 == "bot" ? " (of an earlier rollback: docker rm it when nothing is to be put back)" : ""))`,
);

/** The guard: the system's containers have the images that the plan found. Whether one has crashed meanwhile is not part of it. */
export function sameImages(where: Where, seen: ComposeSeen): Sh {
  const then = [...new Set(seen.containers.map((one) => (one.owner === 'compose' ? one.image : `${one.image} ${one.name}`)))].sort().join('\n');
  const now = pickOnce(composeOrOutside, '($1 == "compose" ? $3 : $3 " " $2)');
  return script(
    die,
    seenBy(where),
    sh`now=$(${raw(now)}) || exit 1; [ "$now" = ${then} ] || die "the system's containers changed since the plan was made: \${now:-none}"`,
  );
}

/** Which container must be the only instance of the system: compose's, or one that a rollback ran by this name. */
export type Instance = { readonly image: string; readonly name?: string };

/** Waits until exactly one instance of the system runs, and it is this one. {@link seenBy} and `die` must be defined. */
export function oneRuns(where: Where, { image, name }: Instance, seconds: number): Sh {
  const what = name ?? where.role.compose?.service ?? where.system.name;
  const list = sh`docker ps -a --format '{{.Names}} {{.Image}} {{.Status}}'`;
  return script(
    sh`wanted=$(docker image inspect --format '{{.Id}}' ${image}) || die ${`there is no image ${image}`}`,
    sh`end=$(($(date +%s) + ${seconds}))`,
    sh`while :; do
  running=$(${raw(pick(`${instanceField} && ${upField}`, '$1, $2, $4, $5'))}) || exit 1
  case $running in ${raw(name === undefined ? sh`'compose '*" $wanted running"` : sh`${`bot ${name}`}" $wanted running"`)}) [ "$(printf '%s\n' "$running" | grep -c .)" != 1 ] || break ;; esac
  [ "$(date +%s)" -lt "$end" ] || { ${raw(list)}; die ${`not exactly one container runs, which is ${what} with ${image}`}": $(printf '%s' "$running" | grep -c .) run"; }
  sleep 0.5
done`,
    sh`echo ${`one container of ${what} runs ${image}`}`,
  );
}
