import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { engineProblem } from './compose.ts';
import { type HostContainer, keptContainers, parseSeen, pick, pickOnce, seenBy, upField } from './containers.ts';
import { die, keepAt, makeKeep, shellWork } from './shell.ts';

interface Params {
  readonly all?: boolean | undefined;
}

const all = z.boolean().optional().describe("Every container of the host, not the system's alone. Default: false.");

/**
 * Stops containers by name and takes their restart policies away. Asks nothing but the engine, and enters no directory: it works when clone, compose
 * file and registry are gone.
 */
export const containersStop: StepKind<Params> = {
  key: 'containers.stop',
  version: 1,
  about:
    "Stops the system's containers (of its compose service, of its image, or run by this bot), or all of the host, and clears their restart policies; undo starts the same containers.",
  place: 'host',
  schema: z.strictObject({ all }),
  probes: (params, where) => [script(die, seenBy(where), pick(meant(params)))],
  plan(params, [listed], where): Planned {
    const found = listed?.exitCode === 0 ? parseSeen(listed.stdout) : [];
    return {
      work: shellWork(where, {
        guard: noMore(params, where, found),
        command: script(
          die,
          makeKeep(where),
          seenBy(where),
          keptContainers,
          sh`${raw(pick(meant(params)))} > "$keep/now" || exit 1`,
          sh`record "$keep/containers" < "$keep/now"`,
          sh`stop_listed "$keep/containers"`,
          sh`[ -s "$keep/containers" ] || echo 'nothing ran'`,
        ),
        verify: script(
          die,
          seenBy(where),
          sh`left=$(${raw(pick(meant(params), '$2'))}) || exit 1; [ -z "$left" ] || die "not stopped, or to be started again by the engine:" $left`,
        ),
        restore: script(
          die,
          keepAt(where),
          sh`[ -e "$keep/containers" ] || { echo 'nothing had been stopped'; exit 0; }`,
          keptContainers,
          sh`start_listed "$keep/containers"`,
        ),
        settles: true,
        from: found.map(described).join(', ') || nothing(params),
        to: found.map((one) => `${one.name} stopped`).join(', ') || nothing(params),
        serving: 'stopped',
        ...lostFor(found),
      }),
      problems: listed?.exitCode === 0 ? [] : [engineProblem(where, listed)],
      warnings: [...others(found, where), ...found.filter((one) => one.removesItself).map(({ name }) => `${name} was started with --rm: ${gone}`)],
    };
  },
};

const gone = 'stopping it removes it for good';

/** What runs, and what the engine would start again by itself. */
const meant = (params: Params): string => `${params.all ? '' : '$1 != "foreign" && '}(${upField} || $6 != "no")`;

const described = ({ name, image, up, restart }: HostContainer): string => `${name} (${image}, restart ${restart})${up ? '' : ' stopped'}`;

const nothing = (params: Params): string => (params.all ? 'no container runs' : 'no container of the system runs');

/** Fewer than approved is well: they have stopped by themselves. */
function noMore(params: Params, where: Where, found: readonly HostContainer[]): Sh {
  const approved = found.map(({ name, image }) => `${name} ${image}`).join('\n');
  return script(
    die,
    seenBy(where),
    sh`now=$(${raw(pickOnce(meant(params), '$2, $3'))}) || exit 1`,
    sh`more=$(printf '%s\\n' "$now" | grep -vxF -e ${approved} | grep .); [ -z "$more" ] || die "since the plan was made these were started: $more"`,
  );
}

function others(found: readonly HostContainer[], where: Where): string[] {
  const names = found.filter((one) => one.owner === 'foreign').map((one) => one.name);
  return names.length === 0 ? [] : [`all containers of the host are stopped; these are not ${where.system.title}'s: ${names.join(', ')}`];
}

function lostFor(found: readonly HostContainer[]): { cannotUndo?: string } {
  const names = found.filter((one) => one.removesItself).map((one) => one.name);
  return names.length === 0 ? {} : { cannotUndo: `${names.join(', ')}: ${gone}` };
}
