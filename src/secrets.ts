import { type Config, redisPassword, secretOf } from './config.ts';
import type { System } from './domain/system.ts';

/** Every secret that this process knows: of its own configuration, and those that system files name. Nothing it says may hold one. */
export const secretsOf = (config: Config, systems: Readonly<Record<string, System>>, env: NodeJS.ProcessEnv): (string | undefined)[] => [
  ...configSecrets(config),
  ...secretNames(systems).map((name) => secretOf(env, name)),
];

/** Every secret of the environment, the password in REDIS_URL among them. */
const configSecrets = (config: Config): (string | undefined)[] => [
  config.SLACK_BOT_TOKEN,
  config.SLACK_APP_TOKEN,
  config.SLACK_SIGNING_SECRET,
  config.SSH_KEY_PASSPHRASE,
  redisPassword(config),
];

/** The names of the secrets that system files mention: of GitHub, and of steps that say `secret`. */
function secretNames(systems: Readonly<Record<string, System>>): string[] {
  return Object.values(systems).flatMap((system) => {
    const runbooks = [system.runbook, ...Object.values(system.variants).map((variant) => variant.runbook)].flat();
    const params = runbooks.flatMap((phase) => phase.steps).map((step) => step.params as { readonly secret?: unknown } | null | undefined);
    const named = params.flatMap((one) => (typeof one === 'object' && typeof one?.secret === 'string' ? [one.secret] : []));
    return system.github ? [system.github.token, ...named] : named;
  });
}
