import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ReleaseError } from './error.ts';
import { openGit } from './git.ts';

/** The branch that the repository itself calls its own. */
export const headRef = 'refs/rollback-bot/head';

/** A file in the mirror that says that it was filled once: a directory that is still being filled answers nothing. */
export const fetchedMark = 'rollback-bot-fetched';

const limitMs = 30_000;
const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
const isLocked = /\.lock': File exists|could not lock config|cannot lock ref|Unable to create .*\.lock|unable to update local ref/;

/** What a fetch needs to know. */
export interface FetchOrder {
  readonly dir: string;
  readonly repository: string;
  readonly env: Record<string, string>;
  readonly limitMs?: number;
}

/**
 * Makes the bare mirror in `dir` the same as the repository: all branches and tags, moved ones forced, vanished ones pruned.
 * `init` and `fetch` instead of `clone --mirror`, so that a first run that died half-way, or a changed URL, needs no special case.
 * Locks of other processes are waited for. Throws ReleaseError.
 */
export async function fetchMirror(order: FetchOrder): Promise<void> {
  const signal = AbortSignal.timeout(order.limitMs ?? limitMs);
  try {
    await retryLocked(order, signal, () => fetchOnce(order, signal));
    await writeFile(join(order.dir, fetchedMark), '');
  } catch (cause) {
    throw explain(order, signal, cause);
  }
}

async function fetchOnce({ dir, repository, env }: FetchOrder, signal: AbortSignal): Promise<void> {
  await mkdir(dir, { recursive: true });
  const git = openGit(dir, env, signal);
  await git.raw(['init', '--quiet', '--bare', '--template=']);
  const fetch = (specs: readonly string[]) =>
    git.raw(['fetch', '--quiet', '--prune', '--force', '--no-tags', '--no-write-fetch-head', '--end-of-options', repository, ...specs]);
  try {
    await fetch([...refspecs, `+HEAD:${headRef}`]);
  } catch (error) {
    // A repository may point its HEAD at a branch that does not exist; its tags are as good as any.
    if (!/couldn't find remote ref HEAD/i.test(String(error))) throw error;
    await fetch(refspecs);
  }
}

async function retryLocked(order: FetchOrder, signal: AbortSignal, attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= 40 || signal.aborted || !isLocked.test(String(error))) throw error;
      await removeDeadLock(order, String(error));
      await wait(50 + Math.random() * 200, undefined, { signal });
    }
  }
}

/** A git that was killed leaves its lock for ever. No fetch of ours lives longer than its limit, so an older lock has no owner. */
async function removeDeadLock(order: FetchOrder, message: string): Promise<void> {
  const named = /'([^']+\.lock)'/.exec(message)?.[1] ?? 'config.lock';
  const path = resolve(order.dir, named);
  if (!path.startsWith(resolve(order.dir) + sep)) return;
  const found = await stat(path).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > 2 * (order.limitMs ?? limitMs)) await rm(path, { force: true });
}

function explain(order: FetchOrder, signal: AbortSignal, cause: unknown): ReleaseError {
  const where = withoutPassword(order.repository);
  if (signal.aborted) {
    const seconds = (order.limitMs ?? limitMs) / 1000;
    return new ReleaseError(
      'repository-slow',
      `${where} did not answer within ${seconds} s`,
      'Look at the network and the git server, then ask again',
      { cause },
    );
  }
  const said = withoutPassword(cause instanceof Error ? cause.message : String(cause));
  if (said.includes(join(order.dir, '')) || /ENOSPC|EACCES|EROFS|ENOTDIR|No space left|File exists/.test(said)) {
    return new ReleaseError(
      'mirror-broken',
      `The mirror in ${order.dir} cannot be written: ${lastLine(said)}`,
      'Give the bot a directory it may write, with room',
      { cause },
    );
  }
  const advice = /host key verification failed/i.test(String(cause))
    ? 'Add the key of the git server to known_hosts, compared with the one on its site (or let it be written there at first contact: SSH_ACCEPT_NEW=yes)'
    : 'Check the repository in the system file, and that the bot may read it without being asked for a password';
  return new ReleaseError('repository-unreachable', `${where} cannot be read: ${lastLine(said)}`, advice, { cause });
}

const withoutPassword = (text: string): string => text.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1');

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.find((line) => /^(fatal|error|ssh|.*denied)/i.test(line)) ?? lines.findLast((line) => line !== '') ?? 'no reason given').slice(
    0,
    300,
  );
}
