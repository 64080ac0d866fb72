import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { composeCommand, composePlace, composeProbes, imageOf, inCompose, oneRuns, seeCompose, serviceImages } from './compose.ts';
import { line } from './schema.ts';
import { keepAt, makeKeep, shellWork } from './shell.ts';

interface Params {
  readonly version?: string | undefined;
}

const version = line.optional().describe("The version to run, given as VERSION. Default: the target's.");

/** Starts the containers with VERSION and proves that exactly one of the service runs, with the wanted image. Never builds by itself. */
export const composeUp: StepKind<Params> = {
  key: 'compose.up',
  version: 1,
  about: 'Starts the containers with VERSION; exactly one of the service must run then, with that image.',
  place: 'host',
  schema: z.strictObject({ version }),
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
          recordBefore(where),
          sh`${compose(sh`up -d --no-build`)} 2>&1 || die 'compose up failed'`,
          sh`echo ${`started ${image}`}`,
        ),
        verify: inCompose(where, wanted, oneRuns(where, image, 30)),
        restore: inCompose(
          where,
          wanted,
          keepAt(where),
          sh`[ -e "$keep/images" ] || { echo 'nothing had been started'; exit 0; }`,
          sh`was=$(head -n 1 -- "$keep/images")`,
          sh`if [ -z "$was" ]; then ${compose(sh`down`)} 2>&1 || die 'compose down failed'; else VERSION=\${was##*:} ${compose(sh`up -d --no-build`)} 2>&1 || die 'compose up failed'; fi`,
          sh`now=$(${raw(serviceImages(composePlace(where)?.service ?? ''))}); [ "$now" = "$(cat -- "$keep/images")" ] || die "the containers are not as they were: \${now:-none}"`,
          sh`echo "as before: \${was:-no container}"`,
        ),
        from: seen.images === '' ? 'no container' : `${seen.images.replaceAll('\n', ', ')} up`,
        to: `${image} up`,
        serving: 'running',
      }),
      problems: seen.problems,
    };
  },
};

const recordBefore = (where: Where): Sh =>
  script(
    sh`[ -e "$keep/images" ] || { ${raw(serviceImages(composePlace(where)?.service ?? ''))} > "$keep/images.new" && mv -- "$keep/images.new" "$keep/images"; } || die "cannot write to $keep"`,
  );
