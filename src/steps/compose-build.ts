import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { composeCommand, composeProbes, imageOf, inCompose, seeCompose } from './compose.ts';
import { line } from './schema.ts';
import { answer, die, inDir, keepAt, makeKeep, problem, shellWork } from './shell.ts';

interface Params {
  readonly version?: string | undefined;
  readonly label?: string | undefined;
}

const version = line.optional().describe("The version to build, given as VERSION. Default: the target's.");
const label = line.optional().describe('The label that must say the version. Default: version.');

/** Builds the target's image, unless the host still has it: a rebuild is not the image that worked. */
export const composeBuild: StepKind<Params> = {
  key: 'compose.build',
  version: 1,
  about: "Builds the target's image with VERSION, without the cache; an image that the host still has, with the right label, is used again.",
  place: 'host',
  schema: z.strictObject({ version, label }),
  probes(params, where) {
    const image = imageOf(where, versionOf(params, where));
    return [...composeProbes(where), readImage(image, labelOf(params)), sh`git -C ${where.role.dir} rev-parse -q --verify HEAD`];
  },
  plan(params, facts, where): Planned {
    const compose = seeCompose(where, facts);
    const wanted = versionOf(params, where);
    const image = imageOf(where, wanted);
    const [id = '', said = ''] = answer(facts[2]).split(' ');
    const problems =
      where.system.release.image === undefined
        ? [...compose.problems, problem('the system file does not name the image', 'add image to release')]
        : compose.problems;
    if (id !== '' && said === wanted) return { work: reuse(params, where, image, id), problems };
    const isClone = answer(facts[3]) !== '';
    return {
      work: shellWork(where, {
        guard: inDir(where, sameImage(image, id), isClone ? atTarget(where) : undefined),
        command: inCompose(where, wanted, makeKeep(where), build(where, compose.tool, image, id)),
        verify: script(die, labelled(params, image, wanted)),
        restore: script(die, keepAt(where), id === '' ? removeBuilt(image) : tagBack(image, id)),
        from: id === '' ? `no image ${image}` : `${image} is ${shortId(id)}, labelled ${said || 'with nothing'}`,
        to: `${image} built from ${where.target.commit.slice(0, 12)}`,
      }),
      problems,
    };
  },
};

const versionOf = (params: Params, where: Where): string => params.version ?? where.target.version;
const labelOf = (params: Params): string => params.label ?? 'version';
const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12);

const readImage = (image: string, name: string): Sh =>
  sh`docker image inspect --format ${`{{.Id}} {{index .Config.Labels ${JSON.stringify(name)}}}`} ${image}`;
const readId = (image: string): Sh => sh`docker image inspect --format '{{.Id}}' ${image} 2>/dev/null`;
const sameImage = (image: string, id: string): Sh => sh`[ "$(${raw(readId(image))})" = ${id} ] || die ${`${image} changed since the plan was made`}`;
const atTarget = (where: Where): Sh =>
  sh`[ "$(git rev-parse HEAD)" = ${where.target.commit} ] || die ${`${where.target.version} is not checked out`}`;

function reuse(params: Params, where: Where, image: string, id: string) {
  return shellWork(where, {
    guard: script(die, sameImage(image, id)),
    command: sh`echo ${`${image} (${shortId(id)}) is still here: it is used again, nothing is built`}`,
    verify: script(die, labelled(params, image, versionOf(params, where))),
    from: `${image} is ${shortId(id)}`,
    to: `${image} is ${shortId(id)}`,
  });
}

function build(where: Where, tool: Sh, image: string, id: string): Sh {
  return script(
    sh`${raw(composeCommand(where, tool, sh`build --no-cache`))} 2>&1 || die ${`the build of ${image} failed; nothing was stopped`}`,
    sh`built=$(${raw(readId(image))}) || die ${`the build made no image ${image}: does the compose file say image: ...:$VERSION?`}`,
    sh`[ "$built" = ${id} ] || echo "$built" > "$keep/built" || die "cannot write to $keep"`,
    sh`echo ${`built ${image}`}": $built"`,
  );
}

/** A Dockerfile's default VERSION lies when the build argument is not passed: the label of the image itself is asked. */
function labelled(params: Params, image: string, wanted: string): Sh {
  const name = labelOf(params);
  return sh`said=$(${raw(readImage(image, name))} | cut -d ' ' -f 2-); [ "$said" = ${wanted} ] || die ${`the label ${name} of ${image} is not ${wanted}`}": $said (is VERSION passed as a build argument?)"`;
}

const removeBuilt = (image: string): Sh =>
  script(
    sh`[ -e "$keep/built" ] || { echo 'nothing had been built'; exit 0; }`,
    sh`[ "$(${raw(readId(image))})" = "$(cat -- "$keep/built")" ] || { echo ${`${image} is not the one that was built; it stays`}; exit 0; }`,
    sh`docker image rm ${image} || die ${`cannot remove ${image}`}`,
  );

const tagBack = (image: string, id: string): Sh =>
  script(sh`docker tag ${id} ${image} || die ${`the image that ${image} was before is gone`}`, sh`echo ${`${image} is ${shortId(id)} again`}`);
