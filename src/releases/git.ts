import { type SimpleGit, simpleGit } from 'simple-git';
import { sshCommand } from './ssh.ts';

/** What git and the ssh it starts need of our environment; our tokens and keys are none of it. */
const passedOn = /^(PATH|HOME|USER|LOGNAME|TMPDIR|SSH_AUTH_SOCK|XDG_\w+|SSL_CERT_\w+|(HTTPS?|NO|ALL)_PROXY)$/i;

/** Environment for git: what it needs of ours, never asking anybody anything, messages in English so that they can be read. */
export function gitEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && passedOn.test(name)) env[name] = value;
  }
  const ssh = sshCommand({ keyFile: undefined, knownHostsFile: undefined, acceptNew: false });
  return { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: ssh, GIT_OPTIONAL_LOCKS: '0', ...extra };
}

/** A git for the bare repository `dir`, which must exist; GIT_DIR keeps a broken one from being looked for in the directories above. `signal` ends its processes. A failure without a word, which simple-git takes for success, is an error too. */
export function openGit(dir: string, given: Record<string, string>, signal?: AbortSignal): SimpleGit {
  const env = { ...given, GIT_DIR: dir };
  return simpleGit({
    baseDir: dir,
    ...(signal && { abort: signal }),
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
    unsafe: { allowUnsafeSshCommand: true, allowUnsafeTemplateDir: true },
    errors: (error, result) => {
      if (error || result.exitCode === 0) return error;
      const said = Buffer.concat([...result.stdErr, ...result.stdOut])
        .toString('utf8')
        .trim();
      return new Error(said || `git ended with ${result.exitCode}`);
    },
  }).env(env);
}

/** Splits git's NUL-separated output into records of `width` fields; what is left over is dropped. */
export function records(text: string, width: number): string[][] {
  const fields = text.split('\0');
  const rows: string[][] = [];
  for (let i = 0; i + width <= fields.length; i += width) rows.push(fields.slice(i, i + width));
  return rows;
}
