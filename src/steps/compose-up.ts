import { z } from 'zod';
import { raw, type Sh, sh } from '../domain/sh.ts';
import type { Planned, StepKind } from '../domain/step.ts';
import { composeByHand } from './by-hand.ts';
import { composeCommand, composeProbes, describeContainers, imageOf, inCompose, oneRuns, seeCompose } from './compose.ts';
import { pick, pickOnce, seenBy, upField } from './containers.ts';
import { line } from './schema.ts';
import { keepAt, makeKeep, shellWork } from './shell.ts';

interface Params {
  readonly version?: string | undefined;
}

const version = line.optional().describe("The version to run, given as VERSION. Default: the target's.");

/** Starts the containers with VERSION and proves that exactly one of the service runs, with the wanted image. Never builds by itself. */
export const composeUp: StepKind<Params> = {
  key: 'compose.up',
  version: 2,
  about: 'Starts the containers with VERSION; exactly one of the service must run then, with that image.',
  place: 'host',
  schema: z.strictObject({ version }),
  byHand: (params, where) => composeByHand(sh`up -d`, params.version ?? where.target.version, where),
  probes: (_params, where) => composeProbes(where),
  plan(params, facts, where): Planned {
    const seen = seeCompose(where, facts);
    const wanted = params.version ?? where.target.version;
    const image = imageOf(where, wanted);
    const compose = (rest: Sh) => raw(composeCommand(where, seen.tool, rest));
    return {
      work: shellWork(where, {
        command: inCompose(
          where,
          wanted,
          makeKeep(where),
          seenBy(where),
          noOther,
          recordBefore,
          sh`${compose(sh`up -d --no-build`)} 2>&1 || die 'compose up failed'`,
          sh`echo ${`started ${image}`}`,
        ),
        verify: inCompose(where, wanted, seenBy(where), oneRuns(where, { image }, 30)),
        restore: inCompose(
          where,
          wanted,
          keepAt(where),
          seenBy(where),
          sh`[ -e "$keep/images" ] || { echo 'nothing had been started'; exit 0; }`,
          sh`was=$(head -n 1 -- "$keep/images"); image=\${was% *}; VERSION=\${image##*:}`,
          sh`case $was in
  '') ${compose(sh`down`)} 2>&1 || die 'compose down failed' ;;
  *' up') ${compose(sh`up -d --no-build`)} 2>&1 || die 'compose up failed' ;;
  *) ${compose(sh`up --no-start --no-build`)} 2>&1 && ${compose(sh`stop`)} 2>&1 || die 'compose stop failed' ;;
esac`,
          sh`now=$(${raw(images)}) || exit 1; [ "$now" = "$(cat -- "$keep/images")" ] || die "the containers are not as they were: \${now:-none}"`,
          sh`echo "as before: \${was:-no container}"`,
        ),
        settles: true,
        from: describeContainers(seen),
        to: `${image} up`,
        serving: 'running',
      }),
      problems: seen.problems,
    };
  },
};

/** Image and state of the service's containers. */
const images = pickOnce('$1 == "compose"', `$3, (${upField} ? "up" : "stopped")`);

const recordBefore = sh`[ -e "$keep/images" ] || { ${raw(images)} > "$keep/images.new" && mv -- "$keep/images.new" "$keep/images"; } || die "cannot write to $keep"`;

/** Two instances would trade twice. */
const noOther = sh`other=$(${raw(pick(`$1 ~ /^(bot|hand)$/ && ${upField}`, '$2'))}) || exit 1; [ -z "$other" ] || die "outside compose runs already:" $other "(stop it first; nothing was started)"`;
