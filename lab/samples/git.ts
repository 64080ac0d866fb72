import { run } from './run.ts';

/**
 * The environment git runs in: no configuration of the user's or the machine's, so that the same files give the same
 * commit ids everywhere, whatever autocrlf, signing or templates somebody has set.
 */
export const gitEnv: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  TZ: 'UTC',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_TEMPLATE_DIR: '',
  GIT_COMMITTER_NAME: 'acme',
  GIT_COMMITTER_EMAIL: 'git@acme.example',
};

/** Runs git in a directory, isolated from the machine's configuration; answers its standard output, trimmed. */
export async function git(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await run('git', args, { cwd, env: { ...gitEnv, ...env } })).stdout.trim();
}
