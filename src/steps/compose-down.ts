import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { composeByHand } from './by-hand.ts';
import {
  type ComposeSeen,
  composeCommand,
  composePlace,
  composeProbes,
  describeContainers,
  inCompose,
  oneRuns,
  sameImages,
  seeCompose,
} from './compose.ts';
import { type HostContainer, instanceField, isOutside, keptContainers, pick, seenBy, upField } from './containers.ts';
import { answer, keepAt, makeKeep, shellWork } from './shell.ts';

type Params = Record<string, never>;

/**
 * Takes the containers down. What ran, and how it was to be restarted, is recorded; undo brings the same image up with the old compose file. An
 * instance that runs outside compose, as an emergency leaves it, is stopped and stays where it is: undo starts that very container.
 */
export const composeDown: StepKind<Params> = {
  key: 'compose.down',
  version: 2,
  about:
    'Stops and removes the containers of the compose file; their logs go with them: collect them first. A container that an emergency runs is stopped, and can be put back.',
  place: 'host',
  schema: z.strictObject({}),
  byHand: (_params, where) => composeByHand(sh`down`, undefined, where),
  probes: (_params, where) => [...composeProbes(where), sh`git -C ${where.role.dir} rev-parse -q --verify HEAD`],
  plan(_params, facts, where): Planned {
    const seen = seeCompose(where, facts);
    const version = seen.current ?? where.target.version;
    const down = composeCommand(where, seen.tool, sh`down`);
    return {
      work: shellWork(where, {
        guard: sameImages(where, seen),
        command: inCompose(
          where,
          version,
          makeKeep(where),
          seenBy(where),
          keptContainers,
          record(where),
          sh`${raw(down)} 2>&1 || die 'compose down failed'`,
          removeLeft(where),
          stopOutside,
        ),
        verify: inCompose(where, version, seenBy(where), noneLeft),
        restore: inCompose(
          where,
          version,
          keepAt(where),
          seenBy(where),
          keptContainers,
          sh`[ -e "$keep/containers" ] || { echo 'nothing had been changed'; exit 0; }`,
          ...upAgain(where, seen, answer(facts[2])),
          sh`start_listed "$keep/outside"`,
        ),
        settles: true,
        from: describeContainers(seen),
        to: 'no container',
        serving: 'stopped',
        ...(seen.containers.some((one) => one.owner === 'compose') && {
          cannotUndo: 'what the containers held outside their volumes, and their logs but for the collected ones',
        }),
      }),
      warnings: seen.containers.filter(isOutside).map(outsideWarning),
      problems: seen.problems,
    };
  },
};

const outsideWarning = ({ owner, name, image }: HostContainer): string =>
  `${owner === 'bot' ? 'an emergency container' : 'a container outside compose,'} ${name} runs (${image}); it is taken down and can be put back`;

/** Outside containers that are stopped already, and have no policy by which the engine would start them, are left alone. */
const stopOutside = script(
  sh`${raw(pick(`$1 ~ /^(bot|hand)$/ && (${upField} || $6 != "no")`))} > "$keep/outside.now" || exit 1`,
  sh`record "$keep/outside" < "$keep/outside.now"; stop_listed "$keep/outside"`,
);

const noneLeft = sh`left=$(${raw(pick(`$1 == "compose" || (${instanceField} && ${upField})`, '$2'))}) || exit 1; [ -z "$left" ] || die "containers are left:" $left`;

/**
 * All containers made from this very compose file: also of services that the target's file does not have. `--remove-orphans` would take
 * containers of other files and of other directories of the same name too: compose knows projects by that name only.
 */
function ours(where: Where): Sh {
  const place = composePlace(where);
  const pick = `{ id = $1; sub(/^[^ ]+ /, ""); sub(/,.*/, ""); n = split($0, part, "/"); if (part[n] == ENVIRON["FILE"] || part[n] == ".rollback-compose.yml") print id }`;
  return sh`docker ps -a --no-trunc --filter ${`label=com.docker.compose.project.working_dir=${place?.dir ?? ''}`} --format '{{.ID}} {{.Label "com.docker.compose.project.config_files"}}' | FILE=${place?.file ?? ''} awk ${pick}`;
}

/** ID, name, image, image id, restart policy and state: enough to say what was there, and whether it ran. */
function record(where: Where): Sh {
  const format =
    '{{.Id}} {{.Name}} {{.Config.Image}} {{.Image}} {{with .HostConfig.RestartPolicy.Name}}{{.}}{{else}}no{{end}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.State.Status}}';
  return script(
    sh`ids=$(${raw(ours(where))})`,
    sh`[ -e "$keep/containers" ] || { { [ -z "$ids" ] || docker inspect --format ${format} $ids; } > "$keep/containers.new" && mv -- "$keep/containers.new" "$keep/containers"; } || die "cannot record the containers in $keep"`,
  );
}

function removeLeft(where: Where): Sh {
  return script(
    sh`ids=$(${raw(ours(where))})`,
    sh`[ -z "$ids" ] || docker rm -f $ids || die 'cannot remove containers that the compose file no longer names'`,
    sh`echo 'took the containers down'; cut -d ' ' -f 2,3,5,6 "$keep/containers"`,
  );
}

/** The compose file of the commit that was there when the plan was made: the one in the work tree may be the target's by now. */
function upAgain(where: Where, seen: ComposeSeen, head: string): Sh[] {
  const place = composePlace(where);
  const image = seen.containers.find((one) => one.owner === 'compose')?.image;
  if (place === undefined || image === undefined) return [sh`echo 'no container ran before'`];
  const old = './.rollback-compose.yml';
  const inOld = sh`trap 'rm -f -- ${raw(old)}' EXIT; trap 'exit 143' TERM INT HUP
git show ${head}:./${place.file} > ${raw(old)} || cp -- ./${place.file} ${raw(old)} || die 'the compose file is gone'`;
  const compose = (rest: Sh) => sh`${raw(seen.tool)} -f ${raw(old)} ${raw(rest)} 2>&1 || die 'compose up failed'`;
  return [
    head === '' ? sh`cp -- ./${place.file} ${raw(old)} || die 'the compose file is gone'` : inOld,
    sh`if grep -q -E ' (running|restarting|paused)$' "$keep/containers"; then`,
    compose(sh`up -d --no-build`),
    sh`(${raw(oneRuns(where, { image }, 30))}) || exit 1`,
    sh`else ${raw(compose(sh`up --no-start --no-build`))}; fi`,
    policiesBack,
  ];
}

/** A policy that was changed by hand, or cleared by an emergency, is not what the compose file says. */
const policiesBack = sh`while read -r id name image image_id restart state; do
  docker container inspect "$name" >/dev/null 2>&1 || continue
  docker update --restart="\${restart%:0}" "\${name#/}" >/dev/null || die "cannot give $name its restart policy back"
done < "$keep/containers"`;
