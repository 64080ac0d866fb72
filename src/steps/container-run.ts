import { z } from 'zod';
import type { Reading } from '../domain/host.ts';
import { script } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import { engineProblem, imageOf, oneRuns } from './compose.ts';
import { pathProblems, portProblems, readMissing, readPorts, stopsBefore } from './container-places.ts';
import {
  asideBack,
  asideName,
  begin,
  type ContainerOrder,
  nothingElse,
  sameHolder,
  sameImage,
  setAside,
  start,
  takeAway,
} from './container-shell.ts';
import { type HostContainer, parseSeen, pick, seenBy, shortId } from './containers.ts';
import { type ChosenImage, chooseImage, readImages } from './last-good-image.ts';
import { containerName, line } from './schema.ts';
import { answer, die, keepAt, makeKeep, problem, shellWork } from './shell.ts';

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
export const containerRun: StepKind<ContainerOrder> = {
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
        settles: true,
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

const imageFor = (params: ContainerOrder, where: Where): string => params.image ?? imageOf(where, where.target.version);

function problems(
  params: ContainerOrder,
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
