import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import {
  type ComposeSeen,
  composeCommand,
  composePlace,
  composeProbes,
  imageOf,
  inCompose,
  oneRuns,
  sameImages,
  seeCompose,
  serviceImages,
} from './compose.ts';
import { answer, keepAt, makeKeep, shellWork } from './shell.ts';

type Params = Record<string, never>;

/** Takes the containers down. What ran, and how it was to be restarted, is recorded; undo brings the same image up with the old compose file. */
export const composeDown: StepKind<Params> = {
  key: 'compose.down',
  version: 1,
  about: 'Stops and removes the containers of the compose file. Their logs go with them: collect them first.',
  place: 'host',
  schema: z.strictObject({}),
  probes: (_params, where) => [...composeProbes(where), sh`git -C ${where.role.dir} rev-parse -q --verify HEAD`],
  plan(_params, facts, where): Planned {
    const seen = seeCompose(where, facts);
    const version = seen.current ?? where.target.version;
    const down = composeCommand(where, seen.tool, sh`down`);
    return {
      work: shellWork(where, {
        guard: sameImages(where, seen),
        command: inCompose(where, version, makeKeep(where), record(where), sh`${raw(down)} 2>&1 || die 'compose down failed'`, removeLeft(where)),
        verify: inCompose(
          where,
          version,
          sh`left=$(${raw(serviceImages(composePlace(where)?.service ?? ''))}); [ -z "$left" ] || die "containers are left: $left"`,
        ),
        restore: inCompose(where, version, keepAt(where), ...upAgain(where, seen, answer(facts[2]))),
        from: seen.images === '' ? 'no container' : `${seen.images.replaceAll('\n', ', ')} up`,
        to: 'no container',
        serving: 'stopped',
        ...(seen.images !== '' && { cannotUndo: 'what the containers held outside their volumes, and their logs but for the collected ones' }),
      }),
      problems: seen.problems,
    };
  },
};

/**
 * All containers made from this very compose file: also of services that the target's file does not have. `--remove-orphans` would take
 * containers of other files and of other directories of the same name too: compose knows projects by that name only.
 */
function ours(where: Where): Sh {
  const place = composePlace(where);
  const pick = `{ id = $1; sub(/^[^ ]+ /, ""); sub(/,.*/, ""); n = split($0, part, "/"); if (part[n] == ENVIRON["FILE"] || part[n] == ".rollback-compose.yml") print id }`;
  return sh`docker ps -a --no-trunc --filter ${`label=com.docker.compose.project.working_dir=${place?.dir ?? ''}`} --format '{{.ID}} {{.Label "com.docker.compose.project.config_files"}}' | FILE=${place?.file ?? ''} awk ${pick}`;
}

function record(where: Where): Sh {
  const format = '{{.Id}} {{.Name}} {{.Config.Image}} {{.Image}} {{.HostConfig.RestartPolicy.Name}} {{.State.Status}}';
  return script(
    sh`ids=$(${raw(ours(where))})`,
    sh`[ -e "$keep/containers" ] || [ -z "$ids" ] || docker inspect --format ${format} $ids > "$keep/containers" || die "cannot record the containers in $keep"`,
  );
}

function removeLeft(where: Where): Sh {
  return script(
    sh`ids=$(${raw(ours(where))})`,
    sh`[ -z "$ids" ] || docker rm -f $ids || die 'cannot remove containers that the compose file no longer names'`,
    sh`echo 'took the containers down'; [ ! -e "$keep/containers" ] || cut -d ' ' -f 2,3,5,6 "$keep/containers"`,
  );
}

/** The compose file of the commit that was there when the plan was made: the one in the work tree may be the target's by now. */
function upAgain(where: Where, seen: ComposeSeen, head: string): Sh[] {
  const place = composePlace(where);
  if (place === undefined || seen.current === undefined) return [sh`echo 'no container ran before'`];
  const old = './.rollback-compose.yml';
  const inOld = sh`trap 'rm -f -- ${raw(old)}' EXIT; trap 'exit 143' TERM INT HUP
git show ${head}:./${place.file} > ${raw(old)} || cp -- ./${place.file} ${raw(old)} || die 'the compose file is gone'`;
  return [
    head === '' ? sh`cp -- ./${place.file} ${raw(old)} || die 'the compose file is gone'` : inOld,
    sh`${raw(seen.tool)} -f ${raw(old)} up -d --no-build 2>&1 || die 'compose up failed'`,
    oneRuns(where, seen.images.split('\n')[0] ?? imageOf(where, seen.current), 30),
  ];
}
