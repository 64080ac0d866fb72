import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabHosts } from '../hosts/hosts.ts';
import { manifestScopes } from '../manifest.ts';
import { type Redis, startRedis } from '../setup/redis.ts';
import { startWorkspace, type Workspace } from '../workspace/start.ts';
import { Board } from './board.ts';
import { clockIn } from './clock.ts';
import { type ChaosHost, hostNames, startChaosHosts } from './hosts.ts';
import { Journal } from './journal.ts';
import { Member } from './member.ts';
import { type HostProxy, startProxy } from './proxy.ts';
import { buildRepository, type Version } from './repository.ts';
import { writeChaosSystems } from './system.ts';

/** Everything that rounds happen in, built once: two hosts behind proxies, Redis, a workspace, a bot and two workers. */
export interface ChaosWorld {
  readonly workspace: Workspace;
  readonly board: Board;
  readonly redis: Redis;
  readonly journal: Journal;
  readonly hosts: LabHosts;
  readonly proxies: Readonly<Record<ChaosHost, HostProxy>>;
  readonly bot: Member;
  readonly workers: readonly [Member, Member];
  readonly commits: Readonly<Record<Version, string>>;
  /** Where the product keeps what it keeps, and its temporary files. */
  readonly dataDir: string;
  readonly tmpDir: string;
  stop(): Promise<void>;
}

/** Starts the world. When something does not start, what did is stopped. */
export async function startChaosWorld(say: (text: string) => void): Promise<ChaosWorld> {
  const ends: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return { ...(await build(say, ends)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(say: (text: string) => void, ends: (() => unknown)[]): Promise<Omit<ChaosWorld, 'stop'>> {
  const dir = await mkdtemp(join(tmpdir(), 'rollback-lab-chaos-'));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  const [dataDir, tmpDir, systemsDir] = ['data', 'tmp', 'systems'].map((name) => join(dir, name)) as [string, string, string];
  for (const made of [dataDir, tmpDir, systemsDir]) await mkdir(made);
  const { path: repository, commits } = await buildRepository(dir);
  const redis = await startRedis();
  ends.push(() => redis.stop());
  const workspace = await startWorkspace({ scopes: manifestScopes(), rateLimits: false }); // 429 is one of the faults
  ends.push(() => workspace.stop());
  say(`Starting the hosts ${hostNames.join(' and ')}.`);
  const hosts = await startChaosHosts(repository, say);
  ends.push(() => hosts.stop());
  const proxies = await startProxies(hosts);
  ends.push(() => Promise.all(Object.values(proxies).map((proxy) => proxy.stop())));
  const ports = { 'chaos-1': proxies['chaos-1'].port, 'chaos-2': proxies['chaos-2'].port };
  await writeChaosSystems(systemsDir, repository, ports);
  const env = {
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    ACTIONS_PER_MINUTE: '1000', // rounds act faster than people
    REQUESTS_PER_MINUTE: '1000',
    SLACK_API_URL: workspace.apiUrl,
    REDIS_URL: redis.url,
    SYSTEMS_DIR: systemsDir,
    DATA_DIR: dataDir,
    TMPDIR: tmpDir,
    SSH_KEY_FILE: hosts.privateKeyFile,
    SSH_KNOWN_HOSTS: await knownHosts(dir, hosts, ports),
  };
  const member = (name: string, part: 'bot' | 'worker'): Member => new Member(name, part, env, clockIn(join(dir, `clock-${name}`)));
  const [bot, one, two] = [member('bot', 'bot'), member('worker-1', 'worker'), member('worker-2', 'worker')];
  const journal = new Journal(redis.url);
  ends.push(() => journal.close());
  const board = new Board(workspace);
  if (!bot.clock.canJump) say('libfaketime is not there: no clock jumps in this run.');
  say('Starting the bot and two workers.');
  for (const each of [bot, one, two]) {
    ends.push(() => each.stop());
    await each.start();
  }
  return { workspace, board, redis, journal, hosts, proxies, bot, workers: [one, two], commits, dataDir, tmpDir };
}

async function startProxies(hosts: LabHosts): Promise<Record<ChaosHost, HostProxy>> {
  const [first, second] = await Promise.all(hostNames.map((name) => startProxy(hosts.host(name).port)));
  return { 'chaos-1': first as HostProxy, 'chaos-2': second as HostProxy };
}

/** The hosts' keys, under the ports at which the bot reaches them. */
async function knownHosts(dir: string, hosts: LabHosts, ports: Readonly<Record<ChaosHost, number>>): Promise<string> {
  const own = hostNames.reduce(
    (text, name) => text.replace(`:${hosts.host(name).port} `, `:${ports[name]} `),
    readFileSync(hosts.knownHostsFile, 'utf8'),
  );
  const file = join(dir, 'known_hosts');
  await writeFile(file, own);
  return file;
}
