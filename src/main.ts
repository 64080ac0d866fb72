import { type Config, readConfig } from './config.ts';
import { type Part, type Running, startProduct } from './product.ts';
import { proofKinds } from './proofs/index.ts';
import { stepKinds } from './steps/index.ts';
import { loadSystems } from './systems/load.ts';
import { formatProblem } from './systems/problem.ts';

/** Exit codes: 2, what the user configured cannot be used; 1, something else does not work. */
const misconfigured = 2;
const failed = 1;

/** `node src/main.ts [bot|worker]`: both parts when none is named. */
async function main(args: readonly string[]): Promise<void> {
  const parts = partsOf(args);
  const config = readConfig(process.env);
  const dir = process.env.SYSTEMS_DIR || 'systems';
  const { systems, problems } = await loadSystems(dir, { steps: stepKinds, proofs: proofKinds });
  const all = [
    ...(Array.isArray(config) ? config : []),
    ...(parts.includes('worker') ? loginProblems(process.env) : []),
    ...problems.map(formatProblem),
    ...(problems.length === 0 && Object.keys(systems).length === 0 ? [`${dir}: no system file in it — write one; docs/runbooks.md shows how`] : []),
  ];
  if (all.length > 0)
    return quit(
      misconfigured,
      `rollback-bot cannot start. ${all.length === 1 ? 'One thing has' : `${all.length} things have`} to be mended:`,
      ...all.map((line) => `  ${line}`),
    );
  const running = await startProduct(config as Config, systems, process.env, parts);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(running));
}

/** How long an orderly stop may take, in milliseconds; what is cut short then goes on in the next process. */
const stopWithinMs = 10_000;

async function stop(running: Running): Promise<void> {
  setTimeout(() => process.exit(failed), stopWithinMs).unref();
  await running.stop();
  process.exit(0);
}

/** A worker that cannot log in anywhere would only say so on the first card. */
const loginProblems = (env: NodeJS.ProcessEnv): string[] =>
  env.SSH_KEY_FILE || env.SSH_AUTH_SOCK
    ? []
    : ['SSH_KEY_FILE: is not set, and there is no ssh agent (SSH_AUTH_SOCK): the worker needs one of them to log in to hosts'];

function partsOf(args: readonly string[]): Part[] {
  const [part] = args;
  if (part === undefined) return ['bot', 'worker'];
  if (part === 'bot' || part === 'worker') return [part];
  return quit(misconfigured, `There is no part ${JSON.stringify(part)}. Parts: bot, worker; without one, both run.`);
}

function quit(code: number, ...lines: string[]): never {
  for (const line of lines) console.error(line);
  process.exit(code);
}

interface StartError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly advice?: string;
  readonly data?: { readonly error?: string };
}

function whyNot({ message, code, syscall, advice, data }: StartError): string {
  if (data?.error) return `Slack says ${data.error} to the tokens. Check SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_API_URL.`;
  if (syscall === 'listen') return `PORT cannot be had (${message}). Choose another, or end what listens there.`;
  if (code?.startsWith('slack_webapi_'))
    return `Slack does not answer (${message}). Check SLACK_API_URL, and that the bot reaches it; status.slack.com says whether Slack is down.`;
  return `${message}. ${advice ?? ''}`;
}

main(process.argv.slice(2)).catch((error: StartError) => quit(failed, `rollback-bot cannot start: ${whyNot(error)}`));
