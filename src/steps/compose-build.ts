import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { buildByHand } from './by-hand.ts';
import { composeCommand, composeProbes, imageOf, inCompose, seeCompose } from './compose.ts';
import { pinLabel, shortId } from './containers.ts';
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
  version: 2,
  about: "Builds the target's image with VERSION, without the cache; an image that the host still has, with the right label, is used again.",
  place: 'host',
  schema: z.strictObject({ version, label }),
  byHand: (params, where) => buildByHand(imageOf(where, versionOf(params, where)), versionOf(params, where), where),
  probes(params, where) {
    const image = imageOf(where, versionOf(params, where));
    return [
      ...composeProbes(where),
      readImage(image, labelOf(params)),
      sh`git -C ${where.role.dir} rev-parse -q --verify HEAD`,
      where.recorded?.image === undefined ? sh`false` : readImage(where.recorded.image.id, labelOf(params)),
    ];
  },
  plan(params, facts, where): Planned {
    const compose = seeCompose(where, facts);
    const wanted = versionOf(params, where);
    const image = imageOf(where, wanted);
    const [id = '', said = ''] = answer(facts[2]).split(' ');
    const [provenId = '', provenSaid = ''] = answer(facts[4]).split(' ');
    const problems =
      where.system.release.image === undefined
        ? [...compose.problems, problem('the system file does not name the image', 'add image to release')]
        : compose.problems;
    if (provenId !== '' && provenSaid === wanted && provenId !== id) return { work: tagProven(params, where, image, id, provenId), problems };
    const warnings = provenId === '' && wanted === where.target.version ? lostWarnings(where, id, said === wanted) : [];
    if (id !== '' && said === wanted) return { work: reuse(params, where, image, id), problems, warnings };
    const isClone = answer(facts[3]) !== '';
    return {
      work: shellWork(where, {
        guard: inDir(where, sameImage(image, id), isClone ? atTarget(where) : undefined),
        command: inCompose(where, wanted, makeKeep(where), build(where, compose.tool, image, id)),
        verify: script(die, labelled(params, image, wanted)),
        restore: script(die, keepAt(where), id === '' ? removeBuilt(image) : tagBack(image, id)),
        settles: true,
        from: id === '' ? `no image ${image}` : `${image} is ${shortId(id)}, labelled ${said || 'with nothing'}`,
        to: `${image} built from ${where.target.commit.slice(0, 12)}`,
      }),
      problems,
      warnings,
    };
  },
};

const versionOf = (params: Params, where: Where): string => params.version ?? where.target.version;
const labelOf = (params: Params): string => params.label ?? 'version';

/** What was proven is gone from the host: people should know before they approve. */
function lostWarnings(where: Where, id: string, labelled: boolean): string[] {
  const proven = where.recorded?.image;
  if (proven === undefined) return [];
  const lost = `${where.target.version}'s image is no longer on ${where.host.name}`;
  if (id !== '' && labelled) return [`${lost} as it was proven (${shortId(proven.id)}); the one with its label, ${shortId(id)}, is used`];
  return [`${lost}: it is built again; a rebuild is not the image that worked`];
}

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

/** The image that worked is here, but its tag was lost or is on another image by now. */
function tagProven(params: Params, where: Where, image: string, id: string, provenId: string) {
  return shellWork(where, {
    guard: script(die, sameImage(image, id)),
    command: script(
      die,
      makeKeep(where),
      sh`docker tag ${provenId} ${image} && touch -- "$keep/tagged" || die ${`the image ${shortId(provenId)} cannot be tagged ${image}`}`,
      sh`echo ${`${image} is ${shortId(provenId)} again, as it was proven; nothing is built`}`,
    ),
    verify: script(die, sameImage(image, provenId), labelled(params, image, versionOf(params, where))),
    restore: script(
      die,
      keepAt(where),
      sh`[ -e "$keep/tagged" ] || { echo 'nothing had been tagged'; exit 0; }`,
      id === '' ? untag(image, provenId) : tagBack(image, id),
    ),
    from: id === '' ? `no image ${image}` : `${image} is ${shortId(id)}`,
    to: `${image} is ${shortId(provenId)}`,
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

/** An image that was proven since, and is pinned for that, stays: it is last known good. */
const removeBuilt = (image: string): Sh =>
  script(
    sh`[ -e "$keep/built" ] || { echo 'nothing had been built'; exit 0; }`,
    sh`[ "$(${raw(readId(image))})" = "$(cat -- "$keep/built")" ] || { echo ${`${image} is not the one that was built; it stays`}; exit 0; }`,
    sh`[ -z "$(docker ps -a -q --filter ${`label=${pinLabel}`} --filter ${`ancestor=${image}`})" ] || { echo ${`${image} was proven and is kept; it stays`}; exit 0; }`,
    sh`docker image rm ${image} || die ${`cannot remove ${image}`}`,
  );

/** Without its last tag an image is deleted, and this is the one that worked: then the tag stays. */
const untag = (image: string, id: string): Sh =>
  script(
    sh`[ "$(${raw(readId(image))})" = ${id} ] || { echo ${`${image} is another image by now; it stays`}; exit 0; }`,
    sh`[ "$(docker image inspect --format '{{len .RepoTags}}' ${id})" -gt 1 ] || { echo ${`${image} stays: without a tag the image that was proven would be deleted`}; exit 0; }`,
    sh`docker image rm ${image} >/dev/null || die ${`cannot take the tag ${image} away`}`,
  );

const tagBack = (image: string, id: string): Sh =>
  script(sh`docker tag ${id} ${image} || die ${`the image that ${image} was before is gone`}`, sh`echo ${`${image} is ${shortId(id)} again`}`);
