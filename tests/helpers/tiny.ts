import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestScopes } from '../../lab/manifest.ts';
import { startProduct } from '../../lab/product.ts';
import { startSamples } from '../../lab/samples/start.ts';
import { startRedis } from '../../lab/setup/redis.ts';
import { startWorkspace } from '../../lab/workspace/start.ts';
import type { World } from '../../lab/world.ts';
import { incident, toldPrivately } from './rollback.ts';

/** One small system: the policy's lines below `policy:`, and steps below the check-out. All of them are on dev-1. */
export interface Tiny {
  readonly name: string;
  readonly policy: string;
}

export const clone = '/srv/trade-agent';

/** A system that checks a release out on dev-1 and proves the commit: read in no time, done in a second. */
const fileOf = ({ name, policy }: Tiny, repository: string, port: number): string => `system: ${name}
title: ${name.charAt(0).toUpperCase()}${name.slice(1)} service
channel: "#inc-trading"
repository: ${repository}
release: { tags: "v*", dependencies: [configs/sac_config.json] }
roles:
  dev: { hosts: [{ name: dev-1, address: 127.0.0.1, port: ${port}, user: deploy }], dir: ${clone}, production: true }
people: { approvers: "@sac-leads", lead: "@sac-oncall" }
policy: ${policy}
runbook:
  - phase: Release
    estimate: 1m
    on: dev
    steps:
      - { id: 1, name: Check out, git.checkout: "{{release.version}}" }
proof:
  dev: [{ commit: head }]
`;

/** The world of these systems: one host, Redis, a workspace. The product is started by {@link World.start}. */
export async function startTiny(systems: readonly Tiny[]): Promise<World> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'rollback-tiny-'));
    ends.push(() => rm(dir, { recursive: true, force: true }));
    const redis = await startRedis();
    ends.push(() => redis.stop());
    const workspace = await startWorkspace({ scopes: manifestScopes(), rateLimits: false });
    ends.push(() => workspace.stop());
    const samples = await startSamples(['dev-1']);
    ends.push(() => samples.stop());
    const { lab, repositories } = samples;
    const systemsDir = join(dir, 'systems');
    await mkdir(systemsDir);
    for (const one of systems)
      await writeFile(join(systemsDir, `${one.name}.yaml`), fileOf(one, repositories['trade-agent'], lab.host('dev-1').port));
    const env = {
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_APP_TOKEN: workspace.appToken,
      SLACK_API_URL: workspace.apiUrl,
      REDIS_URL: redis.url,
      SYSTEMS_DIR: systemsDir,
      DATA_DIR: join(dir, 'data'),
      SSH_KEY_FILE: lab.privateKeyFile,
      SSH_KNOWN_HOSTS: lab.knownHostsFile,
      ACTIONS_PER_MINUTE: '100000', // tests act faster than people
      REQUESTS_PER_MINUTE: '100000',
    };
    const start: World['start'] = async (part, more = {}, from) => {
      const product = await startProduct({ ...env, ...more }, part, from);
      ends.push(() => product.stop());
      return product;
    };
    return { workspace, redis, pipeline: undefined as never, hosts: lab, repositories, systemsDir, env, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs git in the clone on dev-1 as its owner, and answers what it says. Throws when it fails. */
export async function gitOnDev(world: World, text: string): Promise<string> {
  const { exitCode, stdout, stderr } = await world.hosts.exec('dev-1', `git -C ${clone} ${text}`, { user: 'deploy' });
  if (exitCode !== 0) throw new Error(`git ${text}: ${stderr}`);
  return stdout.trim();
}

/** Does something as a person and waits for what they are told privately, in the channel or in a direct message. */
export async function answered(world: World, person: string, act: () => Promise<unknown>): Promise<string> {
  const heard = (): string =>
    [toldPrivately(world, person), ...world.workspace.messages(world.workspace.directChannel(person)).map(({ text }) => text)].join('\n').trim();
  const before = heard();
  await act();
  return world.workspace.waitFor(
    () => {
      const now = heard();
      return now !== before && now.split('\n').at(-1) && newLines(before, now);
    },
    'an answer',
    20_000,
  );
}

/** What is said now and was not before: both are joined of two lists that only grow. */
function newLines(before: string, now: string): string {
  const old = before.split('\n');
  const fresh = now.split('\n');
  for (const line of old) {
    const at = fresh.indexOf(line);
    if (at >= 0) fresh.splice(at, 1);
  }
  return fresh.join('\n');
}

export { incident };
