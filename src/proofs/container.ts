import { z } from 'zod';
import type { ContainerSeen } from '../domain/host.ts';
import type { ProofKind } from '../domain/proof.ts';
import type { Where } from '../domain/step.ts';
import { imageOf } from '../steps/compose.ts';
import { pinLabel, serviceLabel, shortId, systemLabel } from '../steps/containers.ts';
import { containerName, serviceName } from '../steps/schema.ts';

interface Params {
  readonly container: string;
  readonly name?: string | undefined;
  readonly label?: string | undefined;
  readonly env?: string | undefined;
}

const schema = z.strictObject({
  container: serviceName.describe('The compose service of which exactly one container must run; what runs in its place outside compose counts too.'),
  name: containerName.optional().describe("The container that must be the one, as container.run names it. Default: compose's own."),
  label: z.string().min(1).optional().describe('A label of the image that must hold the version.'),
  env: z.string().min(1).optional().describe('A variable in the running container that must hold the version.'),
});

/** Exactly one instance of the system runs, compose's own or the one named, from the target's image, and says the target's version by label and environment. */
export const container: ProofKind<Params> = {
  key: 'container',
  version: 2,
  about: "Exactly one container of a compose service runs, or one named in its place, with the target's image, label and environment.",
  identifies: true,
  needsContainers: true,
  schema,
  judge(params, { containers }, where) {
    const { version } = where.target;
    const image = imageOf(where, version);
    const expected = describe(params, `${image}${params.name === undefined ? '' : ` as ${params.name}`}`, version, version);
    if (containers === undefined) return { found: 'the Docker engine does not answer', expected, ok: false };
    const running = containers.filter((one) => one.running && isInstance(one, params, where));
    const one = running[0];
    if (one === undefined || running.length > 1) return { found: count(running), expected, ok: false };
    const label = params.label === undefined ? undefined : one.labels[params.label];
    const env = params.env === undefined ? undefined : one.env[params.env];
    const right = (name: string | undefined, value: string | undefined) => name === undefined || value === version;
    const isMeant = params.name === undefined ? isComposes(one, params) : one.name === params.name;
    return {
      found: `${describe(params, named(one, params), label, env)}, image ${shortId(one.imageId)}`,
      expected,
      ok: isMeant && (one.image === image || one.imageId === where.recorded?.image?.id) && right(params.label, label) && right(params.env, env),
      ...versionSaid(one, label ?? env),
    };
  },
};

/** Compose labels its containers; an emergency's have the product's own label. */
const isComposes = (one: ContainerSeen, params: Params): boolean => one.labels[serviceLabel] === params.container && !one.labels[systemLabel];

/** As the steps count instances: of the service, run by this product, or of the system's image outside every compose file. Pins run nothing. */
function isInstance(one: ContainerSeen, params: Params, where: Where): boolean {
  const image = where.system.release.image;
  const ofImage = image !== undefined && (one.image === image || one.image.startsWith(`${image}:`) || one.image.startsWith(`${image}@`));
  if (one.labels[pinLabel]) return false;
  return isComposes(one, params) || one.labels[systemLabel] === where.system.name || (ofImage && !one.labels[serviceLabel]);
}

const named = (one: ContainerSeen, params: Params): string => `${one.image}${isComposes(one, params) ? '' : ` as ${one.name}`}`;

function describe(params: Params, image: string, label: string | undefined, env: string | undefined): string {
  return [
    `1 runs ${image}`,
    ...(params.label === undefined ? [] : [`label ${params.label} ${label ?? 'missing'}`]),
    ...(params.env === undefined ? [] : [`${params.env} ${env ?? 'missing'}`]),
  ].join(', ');
}

function count(running: readonly ContainerSeen[]): string {
  if (running.length === 0) return 'none runs';
  return `${running.length} run: ${running
    .map((one) => one.image)
    .sort()
    .join(', ')}`;
}

function versionSaid(one: ContainerSeen, said: string | undefined): { version?: string } {
  const version = said ?? /^(?!sha256:)[^@]*:([^:/@]+)$/.exec(one.image)?.[1];
  return version === undefined ? {} : { version };
}
