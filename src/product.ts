import { hostname } from 'node:os';
import { join } from 'node:path';
import { type WebClient, WebClientEvent } from '@slack/web-api';
import type { Logger } from 'pino';
import { type SlackOptions, startBot } from './bot/app.ts';
import { slackDirectory } from './channels/directory.ts';
import { openClient, slackChannel } from './channels/slack.ts';
import { type Config, secretOf } from './config.ts';
import type { State } from './domain/state.ts';
import type { System } from './domain/system.ts';
import { workOrders } from './domain/work.ts';
import { openMetrics } from './health/metrics.ts';
import { type Heard, readingsOf, startHealth, type Watched } from './health/start.ts';
import { openHosts } from './hosts/hosts.ts';
import { startWorkers } from './jobs/workers.ts';
import { openLogger } from './logger.ts';
import { MaskedOutput, masker, streamMasker } from './mask.ts';
import { byUrl } from './pipelines/by-url.ts';
import { github } from './pipelines/github.ts';
import { proofKinds } from './proofs/index.ts';
import { type Mirror, openMirror } from './releases/mirror.ts';
import { sshCommand } from './releases/ssh.ts';
import { secretsOf } from './secrets.ts';
import { stepKinds } from './steps/index.ts';
import { archiveIn } from './store/archive.ts';
import { type Audit, openAudit } from './store/audit.ts';
import { redisDangers } from './store/dangers.ts';
import { Deliveries } from './store/deliveries.ts';
import type { Note } from './store/journal.ts';
import { Log } from './store/log.ts';
import { type OpenRedis, openRedis } from './store/open.ts';
import { Outputs } from './store/outputs.ts';
import { People } from './store/people.ts';
import { Plans } from './store/plans.ts';
import { ProvenReleases } from './store/proven.ts';
import { Pulse } from './store/pulse.ts';
import { Queues } from './store/queues.ts';
import { Rates } from './store/rates.ts';
import { Replays } from './store/replays.ts';
import { within } from './store/within.ts';
import { Workers } from './store/workers.ts';
import { version } from './version.ts';

/** Which halves of the product a process runs. */
export type Part = 'bot' | 'worker';

/** How often everything is looked over, in milliseconds: what a crash left undone is found within this time. */
const reconcileEveryMs = 5000;

export interface Running {
  stop(): Promise<void>;
}

/** Puts the product together and starts these parts. Rejects when Redis or Slack cannot be used; nothing is left running then. */
export async function startProduct(
  config: Config,
  systems: Readonly<Record<string, System>>,
  env: NodeJS.ProcessEnv,
  parts: readonly Part[],
): Promise<Running> {
  const logger = openLogger(config.LOG_LEVEL, secretsOf(config, systems, env));
  const redis = await openRedis(config.REDIS_URL);
  for (const danger of redis.dangers) logger.warn(danger);
  const ends: (() => Promise<void>)[] = [() => redis.close()];
  try {
    const audit = await sealed(config, systems, env, redis, logger);
    const shared = await sharedParts(config, redis, audit, logger, ends);
    await audit.journal.note(configurationNote(parts, systems));
    if (config.HEALTH_PORT !== undefined)
      ends.push(
        await startHealth({ host: config.HEALTH_HOST, port: config.HEALTH_PORT, isBot: parts.includes('bot') }, shared.watched, shared.metrics),
      );
    if (parts.includes('worker')) await startWorker(config, systems, env, redis, logger, shared, ends);
    if (parts.includes('bot')) {
      const bot = await startBot(
        { systems, logger, now: Date.now, dangers: () => redisDangers(redis.store), onRefusal: shared.metrics.refused, ...shared },
        {
          botToken: config.SLACK_BOT_TOKEN,
          apiUrl: config.SLACK_API_URL,
          inbound: inboundOf(config),
          replays: new Replays(redis.store, Date.now),
          onTurnedAway: shared.metrics.turnedAway,
          onRateLimited: shared.metrics.rateLimited,
        },
      );
      shared.ears.hearing = bot.hearing;
      ends.push(() => bot.stop());
    }
  } catch (error) {
    await stopAll(ends);
    throw error;
  }
  logger.info({ parts, systems: Object.keys(systems) }, 'rollback-bot is ready');
  return { stop: () => stopAll(ends) };
}

/** Last started, first stopped; one that does not stop well keeps no other from stopping. */
async function stopAll(ends: (() => Promise<void>)[]): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end().catch(() => undefined);
}

/** Socket Mode where there is an app-level token; the configuration has one of the two. */
const inboundOf = ({ SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret = '', PORT: port }: Config): SlackOptions['inbound'] =>
  appToken === undefined ? { signingSecret, port } : { appToken };

/** How long jobs may take to be added, in milliseconds: a person waits for it, and reconcile adds what is missing. */
const addWithinMs = 2000;

/** The journal of what belongs to no rollback; with it comes the seal for everything. */
const sealed = (
  config: Config,
  systems: Readonly<Record<string, System>>,
  env: NodeJS.ProcessEnv,
  redis: OpenRedis,
  logger: Logger,
): Promise<Audit> =>
  openAudit(redis.store, {
    settings: config,
    mayMake: true,
    mask: (key) => masker([key, ...secretsOf(config, systems, env)]),
    onLost: (note, error) => logger.error({ note: note.type, err: error.message }, 'the journal could not be written'),
    onBegun: (logs) =>
      logs === 0
        ? logger.info('from now on everything is sealed')
        : logger.warn({ logs }, 'from now on everything is sealed; these logs were there before and are kept as they are'),
  });

/** What this process works by. */
const configurationNote = (parts: readonly Part[], systems: Readonly<Record<string, System>>): Note => ({
  type: 'configuration',
  process: `${parts.join(' and ')} ${processName()}`,
  version,
  systems: Object.fromEntries(Object.values(systems).map(({ name, digest }) => [name, digest])),
});

const processName = (): string => `${hostname()}:${process.pid}`;

async function sharedParts(config: Config, redis: OpenRedis, { journal, key: auditKey }: Audit, logger: Logger, ends: (() => Promise<void>)[]) {
  const queues = new Queues(redis.queues);
  ends.push(() => queues.close());
  ends.push(await queues.every('reconcile', reconcileEveryMs));
  const react = (state: State): Promise<void> => within(addWithinMs, queues.add(workOrders(state, Date.now()), Date.now()));
  const hurry = (state: State): Promise<void> => within(addWithinMs, queues.hurry(workOrders(state, Date.now()), Date.now()));
  const log = new Log(
    redis.store,
    journal,
    Date.now,
    (state) => {
      metrics.appended(state);
      return react(state).catch((error: Error) =>
        logger.warn({ rollback: state.id, err: error.message }, 'jobs could not be added; reconcile adds them'),
      );
    },
    (state) => logger.warn({ rollback: state.id }, 'a decision is on one Redis only: its replica did not confirm it within a second'),
  );
  const mirror = mirrorsIn(config);
  const ears: { hearing?: (now: number) => Heard } = {};
  const workers = new Workers(redis.store);
  const pulse = new Pulse(redis.store);
  const ping = (): Promise<unknown> => redis.store.ping();
  const watched: Watched = { log, workers, pulse, queues, ping, hearing: (now) => ears.hearing?.(now), now: Date.now };
  const metrics = openMetrics(readingsOf(watched));
  const slackClient = (): WebClient => openClient(config.SLACK_BOT_TOKEN, config.SLACK_API_URL).on(WebClientEvent.RATE_LIMITED, metrics.rateLimited);
  const directory = slackDirectory(slackClient(), Date.now);
  return {
    log,
    journal,
    auditKey,
    watched,
    metrics,
    ears,
    slackClient,
    rates: new Rates(redis.store, { actions: config.ACTIONS_PER_MINUTE, requests: config.REQUESTS_PER_MINUTE }),
    onLookedOver: () => pulse.beat(),
    react,
    hurry,
    mirror,
    directory,
    workers,
    plans: new Plans(redis.store),
    proven: new ProvenReleases(redis.store),
  };
}

/** The mirrors, one a system, opened when first needed; git logs in to repositories as the worker does to hosts. */
function mirrorsIn(config: Config): (system: System) => Mirror {
  const open = new Map<string, Mirror>();
  const GIT_SSH_COMMAND = sshCommand({
    keyFile: config.SSH_KEY_FILE,
    knownHostsFile: config.SSH_KNOWN_HOSTS,
    acceptNew: config.SSH_ACCEPT_NEW === 'yes',
  });
  return (system) => {
    const found =
      open.get(system.name) ?? openMirror({ dir: join(config.DATA_DIR, 'mirrors', `${system.name}.git`), system, env: { GIT_SSH_COMMAND } });
    open.set(system.name, found);
    return found;
  };
}

type Shared = Awaited<ReturnType<typeof sharedParts>>;

async function startWorker(
  config: Config,
  systems: Readonly<Record<string, System>>,
  env: NodeJS.ProcessEnv,
  redis: OpenRedis,
  logger: Logger,
  shared: Shared,
  ends: (() => Promise<void>)[],
): Promise<void> {
  const hosts = openHosts({
    logger,
    acceptNew: config.SSH_ACCEPT_NEW === 'yes',
    ...(config.SSH_KNOWN_HOSTS === undefined ? {} : { knownHostsFile: config.SSH_KNOWN_HOSTS }),
    ...(config.SSH_KEY_FILE === undefined ? {} : { privateKeyFile: config.SSH_KEY_FILE }),
    ...(config.SSH_KEY_PASSPHRASE === undefined ? {} : { passphrase: config.SSH_KEY_PASSPHRASE }),
    ...(config.SSH_AUTH_SOCK === undefined ? {} : { agentSocket: config.SSH_AUTH_SOCK }),
  });
  ends.push(() => hosts.close());
  const dayMs = 86_400_000;
  const worker = processName();
  ends.push(shared.workers.start(worker));
  const secret = (name: string): string | undefined => secretOf(env, name);
  const secrets = [shared.auditKey, ...secretsOf(config, systems, env)];
  const streams = streamMasker(secrets);
  const workers = startWorkers(
    {
      ...shared,
      systems,
      stepKinds,
      proofKinds,
      hosts,
      logger,
      now: Date.now,
      people: new People(redis.store),
      archive: archiveIn(config.DATA_DIR),
      keptMs: config.KEEP_ENDED_DAYS * dayMs,
      outputs: new Outputs(redis.store),
      deliveries: new Deliveries(redis.store),
      pipelines: { github: github(config.GITHUB_API_URL, secret), url: byUrl(secret) },
      slack: slackChannel(shared.slackClient()),
      worker,
      mask: masker(secrets),
      keepOutput: () => new MaskedOutput(streams()),
    },
    redis.queues,
  );
  ends.push(() => workers.close());
}
