import { z } from 'zod';
import type { ContainerSeen } from '../domain/host.ts';
import type { ProofKind } from '../domain/proof.ts';
import { imageOf } from '../steps/compose.ts';
import { serviceName } from '../steps/schema.ts';

interface Params {
  readonly container: string;
  readonly label?: string | undefined;
  readonly env?: string | undefined;
}

const schema = z.strictObject({
  container: serviceName.describe('The compose service of which exactly one container must run.'),
  label: z.string().min(1).optional().describe('A label of the image that must hold the version.'),
  env: z.string().min(1).optional().describe('A variable in the running container that must hold the version.'),
});

/** Exactly one container of the service runs, from the target's image, and says the target's version by label and environment. */
export const container: ProofKind<Params> = {
  key: 'container',
  version: 1,
  about: "Exactly one container of a compose service runs, with the target's image, label and environment.",
  identifies: true,
  needsContainers: true,
  schema,
  judge(params, { containers }, where) {
    const { version } = where.target;
    const image = imageOf(where, version);
    const expected = describe(params, image, version, version);
    if (containers === undefined) return { found: 'the Docker engine does not answer', expected, ok: false };
    const running = containers.filter((one) => one.running && one.labels['com.docker.compose.service'] === params.container);
    const one = running[0];
    if (one === undefined || running.length > 1) return { found: count(running), expected, ok: false };
    const label = params.label === undefined ? undefined : one.labels[params.label];
    const env = params.env === undefined ? undefined : one.env[params.env];
    const right = (name: string | undefined, value: string | undefined) => name === undefined || value === version;
    return {
      found: `${describe(params, one.image, label, env)}, image ${one.imageId.replace('sha256:', '').slice(0, 12)}`,
      expected,
      ok: one.image === image && right(params.label, label) && right(params.env, env),
      ...versionSaid(one, label ?? env),
    };
  },
};

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
  const version = said ?? /:([^:/]+)$/.exec(one.image)?.[1];
  return version === undefined ? {} : { version };
}
