import { type Cli, exits } from './cli.ts';
import { findRollback, refused } from './refused.ts';
import { watch } from './watch.ts';

/** Tells a rollback from its beginning until it ends. Answers the exit code. */
export async function follow(cli: Cli, typed: string): Promise<number> {
  const found = await findRollback(cli, typed);
  if ('code' in found) return refused(cli, found);
  const state = await watch(cli, found.id, undefined);
  if (state) return state.status === 'complete' ? exits.ok : exits.failed;
  cli.terminal.warn(`You look no longer; ${found.id} goes on by itself. To look again: rollback follow ${found.id}`);
  return exits.interrupted;
}
