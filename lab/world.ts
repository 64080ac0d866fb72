import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabHosts } from './hosts/hosts.ts';
import { freePort } from './hosts/ports.ts';
import { manifestScopes } from './manifest.ts';
import { type Pipeline, startPipeline } from './pipeline/server.ts';
import { sshDeploy } from './pipeline/ssh-deploy.ts';
import { type ProductProcess, startProduct } from './product.ts';
import { hostsOf } from './samples/hosts.ts';
import type { Repositories } from './samples/repositories.ts';
import { startSamples } from './samples/start.ts';
import { type Redis, startRedis } from './setup/redis.ts';
import { writeSystems } from './systems.ts';
import type { WorkspaceOptions } from './workspace/options.ts';
import { startWorkspace, type Workspace } from './workspace/start.ts';

/** The two systems; beside them there is a copy of one for rehearsals. */
export type SystemName = Exclude<keyof typeof hostsOf, 'agentrader-drill'>;

export interface WorldOptions {
  readonly systems: readonly (keyof typeof hostsOf)[];
  readonly watchFor?: string;
  readonly progressEvery?: string;
  readonly workspace?: WorkspaceOptions;
  /** How Slack reaches the product: it connects (`socket`, when nothing is said), or listens at a request URL. */
  readonly inbound?: 'socket' | 'http';
  /** Hears one sentence about everything that takes long. */
  readonly say?: (text: string) => void;
}

/** Everything around the product, real in every part but Slack itself: hosts, repositories, Redis, pipeline, a local workspace. */
export interface World {
  readonly workspace: Workspace;
  readonly redis: Redis;
  readonly pipeline: Pipeline;
  readonly hosts: LabHosts;
  readonly repositories: Repositories;
  readonly systemsDir: string;
  /** The product's environment: what a user would set, with other values. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a process of the product, of this tree or of another `from`; {@link stop} ends it too. */
  start(part?: 'bot' | 'worker', env?: Readonly<Record<string, string>>, from?: string): Promise<ProductProcess>;
  stop(): Promise<void>;
}

/** Starts the world; the product is started by {@link World.start}. When something does not start, what did is stopped. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return await build(options, ends, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where the product listens for Slack, and what it and the workspace have to know of that. */
async function requestUrl(): Promise<{ workspace: WorkspaceOptions; env: { SLACK_SIGNING_SECRET: string; PORT: string } }> {
  const signingSecret = randomBytes(16).toString('hex');
  const port = await freePort();
  return {
    workspace: { requestUrl: { url: `http://127.0.0.1:${port}/slack/events`, signingSecret } },
    env: { SLACK_SIGNING_SECRET: signingSecret, PORT: String(port) },
  };
}

async function build(options: WorldOptions, ends: (() => Promise<void>)[], stop: () => Promise<void>): Promise<World> {
  const { systems, say = () => undefined } = options;
  const dir = await mkdtemp(join(tmpdir(), 'rollback-lab-world-'));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  const redis = await startRedis();
  ends.push(() => redis.stop());
  const inbound = options.inbound === 'http' ? await requestUrl() : undefined;
  const workspace = await startWorkspace({ scopes: manifestScopes(), ...inbound?.workspace, ...options.workspace });
  ends.push(() => workspace.stop());
  const names = [...new Set(systems.flatMap((system) => hostsOf[system]))];
  say(`Starting ${names.length} target hosts: ${names.join(', ')}.`);
  const samples = await startSamples(names, { say });
  ends.push(() => samples.stop());
  const token = randomBytes(20).toString('hex');
  const { lab, repositories } = samples;
  const deploy = sshDeploy({ hosts: lab.hosts, knownHostsFile: lab.knownHostsFile, privateKeyFile: samples.pipelineKeyFile });
  const pipeline = await startPipeline({ token, repositories: { 'acme/trade-agent': repositories['trade-agent'] }, deploy });
  ends.push(() => pipeline.stop());
  const systemsDir = join(dir, 'systems');
  writeSystems(systemsDir, systems, {
    hosts: lab.hosts,
    repositories,
    watchFor: options.watchFor ?? '3s',
    progressEvery: options.progressEvery ?? '20s',
  });
  const env = {
    SLACK_BOT_TOKEN: workspace.botToken,
    ...(inbound?.env ?? { SLACK_APP_TOKEN: workspace.appToken }),
    SLACK_API_URL: workspace.apiUrl,
    REDIS_URL: redis.url,
    SYSTEMS_DIR: systemsDir,
    DATA_DIR: join(dir, 'data'),
    SSH_KEY_FILE: lab.privateKeyFile,
    SSH_KNOWN_HOSTS: lab.knownHostsFile,
    GITHUB_TOKEN: token,
    GITHUB_API_URL: pipeline.url,
    ACTIONS_PER_MINUTE: '1000', // tests act faster than people
    REQUESTS_PER_MINUTE: '1000',
  };
  const start: World['start'] = async (part, more = {}, from) => {
    const product = await startProduct({ ...env, ...more }, part, from);
    ends.push(() => product.stop());
    return product;
  };
  return { workspace, redis, pipeline, hosts: lab, repositories, systemsDir, env, start, stop };
}
