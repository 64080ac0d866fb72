import type { Reading } from '../domain/host.ts';
import { type Sh, sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import { imageOf } from './compose.ts';
import { shortId } from './containers.ts';
import { answer, problem } from './shell.ts';

/** The image that a container is run from. */
export interface ChosenImage {
  /** Its tag where the tag is that image, else its id. */
  readonly reference: string;
  readonly id: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Prints an image's id; fails when the host does not have it. */
export const readImageId = (image: string): Sh => sh`docker image inspect --format '{{.Id}}' ${image}`;

/** The recorded image by its id, or a command that fails where nothing was recorded. */
export const readRecorded = (where: Where): Sh => (where.recorded?.image === undefined ? sh`false` : readImageId(where.recorded.image.id));

/** Three probes for {@link chooseImage}: the image that was recorded, the one that has the tag, and all of the system's. */
export function readImages(where: Where, tag: string): Sh[] {
  const list = sh`docker image ls --format '{{.Repository}}:{{.Tag}}' ${where.system.release.image ?? imageOf(where, where.target.version)}`;
  return [readRecorded(where), readImageId(tag), list];
}

/** Last known good as it was recorded when it was proven, else what has the release's tag; a problem that names what there is when neither is on the host. */
export function chooseImage(where: Where, tag: string, facts: readonly (Reading | undefined)[]): ChosenImage {
  const [recorded = '', tagged = '', list = ''] = facts.map(answer);
  const isOwn = tag === imageOf(where, where.target.version);
  if (isOwn && recorded !== '') return { reference: tagged === recorded ? tag : recorded, id: recorded, problems: [], warnings: [] };
  const { version } = where.target;
  const unproven = isOwn && where.recorded?.image !== undefined;
  const warning = `${version}'s image that was proven is no longer on ${where.host.name}; ${tag} is another one (${shortId(tagged)})`;
  if (tagged !== '') return { reference: tag, id: tagged, problems: [], warnings: unproven ? [warning] : [] };
  const there = list === '' ? 'none of the system' : list.split('\n').sort().join(', ');
  const lost = unproven ? ` (nor the one that was proven, ${shortId(where.recorded?.image?.id ?? '')})` : '';
  const advice = 'ask for a version whose image is there, or load the image with docker load';
  return {
    reference: tag,
    id: '',
    problems: [problem(`the image ${tag} is not on ${where.host.name}${lost}; there are: ${there}`, advice)],
    warnings: [],
  };
}
