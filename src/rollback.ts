import { hostname } from 'node:os';
import { type Cli, exits } from './cli/cli.ts';
import { defaultFile, readIdentities } from './cli/identities.ts';
import { loginName, processUser } from './cli/login.ts';
import { Misconfigured, run } from './cli/program.ts';
import { processTerminal, type Terminal } from './cli/terminal.ts';
import { type CommandLineConfig, readCommandLineConfig, redisPassword } from './config.ts';
import type { State } from './domain/state.ts';
import type { System } from './domain/system.ts';
import { workOrders } from './domain/work.ts';
import { masker } from './mask.ts';
import { proofKinds } from './proofs/index.ts';
import { stepKinds } from './steps/index.ts';
import { archiveIn } from './store/archive.ts';
import { openAudit } from './store/audit.ts';
import { AuditKeyError } from './store/audit-key.ts';
import { AuditTrail } from './store/audit-trail.ts';
import { redisDangers } from './store/dangers.ts';
import { Journal } from './store/journal.ts';
import { Log } from './store/log.ts';
import { type OpenRedis, openRedis } from './store/open.ts';
import { People, storedDirectory } from './store/people.ts';
import { noSealing } from './store/seal.ts';
import { Workers } from './store/workers.ts';
import { loadSystems } from './systems/load.ts';
import { formatProblem } from './systems/problem.ts';
import { version } from './version.ts';

/** How long jobs may take to be added, in milliseconds: a worker's reconcile adds what is missing. */
const addWithinMs = 2000;

/** Puts the command line together: Redis, the system files, who is who. Throws Misconfigured, or RedisUnreachable. */
async function open(env: NodeJS.ProcessEnv, terminal: Terminal, interrupted: AbortSignal): Promise<{ cli: Cli; close(): Promise<void> }> {
  const config = readCommandLineConfig(env);
  if (Array.isArray(config)) throw new Misconfigured(config);
  const systems = await readable(config.SYSTEMS_DIR, terminal);
  const redis = await openRedis(config.REDIS_URL);
  const journal = await journalOf(redis, config);
  const people = await new People(redis.store).load();
  const cli: Cli = {
    systems,
    log: new Log(redis.store, journal, Date.now, (state) => react(redis, state)),
    directory: storedDirectory(people),
    now: Date.now,
    journal,
    audit: new AuditTrail(redis.store, journal, archiveIn(config.DATA_DIR)),
    configuration: { process: `command line ${hostname()}:${process.pid}`, version, systems: digestsOf(systems) },
    words: process.argv.slice(2),
    workers: new Workers(redis.store),
    dangers: () => redisDangers(redis.store),
    people,
    identities: () => readIdentities(config.IDENTITIES_FILE ?? defaultFile(config.SYSTEMS_DIR)),
    login: loginName(processUser(), env),
    terminal,
    interrupted,
  };
  return { cli, close: () => redis.close() };
}

/** The journal, for writing. Whoever has no audit key can look all the same, and is told when they want more. */
async function journalOf(redis: OpenRedis, config: CommandLineConfig): Promise<Journal> {
  const password = redisPassword(config);
  try {
    return (await openAudit(redis.store, { settings: config, mayMake: false, mask: (key) => masker([key, password]) })).journal;
  } catch (error) {
    if (error instanceof AuditKeyError) return new Journal(redis.store, noSealing(error), Date.now);
    throw error;
  }
}

const digestsOf = (systems: Readonly<Record<string, System>>): Record<string, string> =>
  Object.fromEntries(Object.values(systems).map(({ name, digest }) => [name, digest]));

/** The systems without mistakes: one bad file must not keep anybody from stopping another system's rollback. */
async function readable(dir: string, terminal: Terminal): Promise<Readonly<Record<string, System>>> {
  const { systems, problems } = await loadSystems(dir, { steps: stepKinds, proofs: proofKinds });
  const said = problems.map(formatProblem);
  if (Object.keys(systems).length === 0) throw new Misconfigured(said);
  for (const problem of said) terminal.warn(`⚠ ${problem}`);
  return systems;
}

/** Adds the jobs that a decision calls for, so that it is acted on at once. */
async function react(redis: OpenRedis, state: State): Promise<void> {
  const { Queues } = await import('./store/queues.ts'); // only decisions need it
  const queues = new Queues(redis.queues);
  const late = new Promise<void>((resolve) => setTimeout(resolve, addWithinMs).unref());
  await Promise.race([queues.add(workOrders(state, Date.now()), Date.now()).catch(() => undefined), late]);
  await Promise.race([queues.close().catch(() => undefined), late]);
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const terminal = processTerminal(process.env);
process.exitCode = await run(process.argv.slice(2), { terminal, open: () => open(process.env, terminal, interrupted.signal) }).catch(
  (error: Error) => {
    terminal.warn(error.message);
    return exits.failed;
  },
);
