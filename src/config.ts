import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { shortestKey } from './store/seal.ts';

const file = z.string().refine((path) => existsSync(path), 'there is no such file');

/** The same words whether it is missing or wrong: where it is to be had. */
const token = (form: RegExp, about: string) => z.string({ error: about }).regex(form, about);

/** A TCP port that can be chosen. */
const port = z.coerce.number({ error: 'must be a port, 1 to 65535' }).int().min(1).max(65_535);
/** How often something may be done; 0 is not "never": whoever wants that takes the right away. */
const count = z.coerce.number({ error: 'must be a number, 1 or more' }).int().min(1).max(100_000);

const environment = z.object({
  SLACK_BOT_TOKEN: token(/^xoxb-/, 'a bot token starts with xoxb- (Slack app page, OAuth & Permissions)'),
  SLACK_APP_TOKEN: token(/^xapp-/, 'an app-level token starts with xapp- (Slack app page, Basic Information, scope connections:write)').optional(),
  SLACK_SIGNING_SECRET: token(/^[0-9a-f]{32,}$/, 'a signing secret is 32 digits and letters a to f (Slack app page, Basic Information)').optional(),
  PORT: port.default(3000),
  SLACK_API_URL: z.url('must be an address such as https://slack.com/api/').default('https://slack.com/api/'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must be an address such as redis://localhost:6379')
    .default('redis://localhost:6379'),
  SYSTEMS_DIR: z.string().default('systems'), // looked at by those who read it
  IDENTITIES_FILE: z.string().optional(), // so too
  DATA_DIR: z.string().default('data'),
  AUDIT_KEY: z.string().min(shortestKey, `must be at least ${shortestKey} characters: openssl rand -hex 32`).optional(),
  KEEP_ENDED_DAYS: z.coerce.number({ error: 'must be a number of days, such as 90' }).int().min(1).max(3650).default(90),
  SSH_KEY_FILE: file.optional(),
  SSH_KEY_PASSPHRASE: z.string().optional(),
  SSH_AUTH_SOCK: z.string().optional(),
  SSH_KNOWN_HOSTS: file.optional(),
  SSH_ACCEPT_NEW: z.enum(['yes', 'no'], 'must be yes or no').default('no'),
  GITHUB_API_URL: z.url('must be an address such as https://api.github.com').default('https://api.github.com'),
  HEALTH_PORT: port.optional(),
  HEALTH_HOST: z.string().default('127.0.0.1'),
  ACTIONS_PER_MINUTE: count.default(30),
  REQUESTS_PER_MINUTE: count.default(5),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
});

/** The names of all variables; .env.example explains each. Secrets that system files name come beside them. */
export const variableNames: readonly string[] = Object.keys(environment.shape);

/** Everything the environment says, checked once. */
export type Config = Readonly<z.infer<typeof environment>>;

/** What the command line needs of it: no tokens, and no key but that of the audit. */
const forCommandLine = environment.pick({ REDIS_URL: true, SYSTEMS_DIR: true, IDENTITIES_FILE: true, DATA_DIR: true, AUDIT_KEY: true });

/** What the environment says to the command line. */
export type CommandLineConfig = Readonly<z.infer<typeof forCommandLine>>;

/** One thing wrong with the environment, for people: the variable, what is wrong, and so what to set. */
export type ConfigProblem = string;

/** Variables that may be given as a file instead: `NAME_FILE` is read, without its last line break. */
const fromFiles = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET', 'REDIS_URL', 'SSH_KEY_PASSPHRASE', 'AUDIT_KEY'] as const;

/** Reads the environment; answers every problem at once where there are any. */
export const readConfig = (env: NodeJS.ProcessEnv): Config | ConfigProblem[] => readBy(environment, env, fromFiles, noWayToHear);

/** How the bot hears of Slack: it connects (Socket Mode), or Slack does (HTTP). */
const noWayToHear = (values: Values): ConfigProblem[] =>
  ['SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET'].some((name) => values[name] || values[`${name}_FILE`])
    ? []
    : [
        'SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: neither is set; with an app-level token (xapp-…, scope connections:write) the bot connects to Slack and no port is opened, with the signing secret Slack sends to PORT (both: Slack app page, Basic Information)',
      ];

/** Reads what the command line needs of the environment, whatever else is wrong with it. */
export const readCommandLineConfig = (env: NodeJS.ProcessEnv): CommandLineConfig | ConfigProblem[] =>
  readBy(forCommandLine, env, ['REDIS_URL', 'AUDIT_KEY']);

type Values = Record<string, string | undefined>;

function readBy<T>(
  schema: z.ZodType<T>,
  env: NodeJS.ProcessEnv,
  files: readonly string[],
  together: (values: Values) => ConfigProblem[] = () => [],
): T | ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const values: Values = { ...withoutEmpty(env) };
  for (const name of files) values[name] = readValue(env, name, problems);
  const parsed = schema.safeParse(values);
  const missing = together(values);
  if (parsed.success && problems.length + missing.length === 0) return parsed.data;
  return [
    ...problems,
    ...(parsed.error?.issues ?? []).map(
      (issue) => `${issue.path.join('.')}: ${values[String(issue.path[0])] === undefined ? 'is not set; ' : ''}${issue.message}`,
    ),
    ...missing,
  ];
}

/** The password in REDIS_URL, as it is meant; as it is written where that is no URL encoding. */
export function redisPassword({ REDIS_URL }: Pick<Config, 'REDIS_URL'>): string {
  const { password } = new URL(REDIS_URL);
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

/** A secret by its name, from the environment or from the file that `NAME_FILE` names. Undefined when neither is there. */
export const secretOf = (env: NodeJS.ProcessEnv, name: string): string | undefined => readValue(env, name, []);

function readValue(env: NodeJS.ProcessEnv, name: string, problems: ConfigProblem[]): string | undefined {
  const path = env[`${name}_FILE`];
  if (env[name] || !path) return env[name] || undefined;
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    problems.push(`${name}_FILE: ${path} cannot be read`);
    return undefined;
  }
}

/** An empty variable counts as not set: that is how compose files and .env files leave things out. */
const withoutEmpty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
