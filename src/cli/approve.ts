import { perform } from '../commands/perform.ts';
import { isApprover } from '../commands/rights.ts';
import type { Command } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import type { Actor } from '../domain/event.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import { type Cli, exits, lookOf } from './cli.ts';
import { notConfirmed } from './confirm.ts';
import { personOf } from './person.ts';
import { cardText } from './plain.ts';
import { findRollback, refused } from './refused.ts';
import { warnOfAge } from './stale.ts';

/** Shows what would be approved, asks, and approves exactly that. `yes`: the beginning of the digest. Answers the exit code. */
export async function approve(cli: Cli, id: string, yes: string | undefined): Promise<number> {
  const state = await findRollback(cli, id);
  if ('code' in state) return refused(cli, state);
  const by = await personOf(cli.login, cli.identities(), cli.directory);
  if ('code' in by) return refused(cli, by);
  const digest = state.digest ?? '';
  const beforehand = decide(state, await approval(cli, state, by, digest), cli.now());
  if (isRefusal(beforehand)) return refused(cli, beforehand);
  warnOfAge(cli, state.outline?.policy.by);
  cli.terminal.say(`${cardText(state, cli.now(), lookOf(cli))}\nDigest ${digest}\n`);
  const not = await notConfirmed(cli, 'approve', state, yes);
  if (not) return refused(cli, not);
  const said = await perform(cli, state.id, (now) => approval(cli, now, by, digest), approved);
  if (typeof said === 'object') return refused(cli, said);
  cli.terminal.say(said ?? '');
  return exits.ok;
}

const approval = async (cli: Cli, state: State, by: Actor, digest: string): Promise<Command> => ({
  type: 'approve',
  by,
  isApprover: await isApprover(cli, state, by.id),
  digest,
});

function approved(state: State): string {
  const missing = (state.outline?.policy.count ?? 1) - state.approvals.length;
  if (missing > 0) return `You approved ${state.id}; it waits for ${missing} more.`;
  return `You approved ${state.id}. It starts now: rollback follow ${state.id}`;
}
