import { mayStop } from '../commands/rights.ts';
import { stopRollback } from '../commands/stop.ts';
import { decide } from '../domain/decide.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import { isUndoable } from '../templates/putback.ts';
import { runsOf } from '../templates/runs.ts';
import { type Cli, exits, lookOf } from './cli.ts';
import { notConfirmed } from './confirm.ts';
import { personOf } from './person.ts';
import { cardText } from './plain.ts';
import { findRollback, refused } from './refused.ts';
import { warnOfAge } from './stale.ts';
import { nameOf } from './story.ts';
import { watch } from './watch.ts';

/** Shows where a rollback is, asks, has it stopped, and waits for that. `yes`: the beginning of its plan's digest. Answers the exit code. */
export async function stop(cli: Cli, typed: string, yes: string | undefined): Promise<number> {
  const state = await findRollback(cli, typed);
  if ('code' in state) return refused(cli, state);
  const by = await personOf(cli.login, cli.identities(), cli.directory);
  if ('code' in by) return refused(cli, by);
  const beforehand = decide(state, { type: 'stop', by, mayStop: await mayStop(cli, state, by.id) }, cli.now());
  if (isRefusal(beforehand)) return refused(cli, beforehand);
  warnOfAge(cli, state.outline?.policy.stop ?? state.outline?.policy.by);
  cli.terminal.say(`${cardText(state, cli.now(), lookOf(cli))}\nDigest ${state.digest}\n`);
  const not = await notConfirmed(cli, 'stop', state, yes);
  if (not) return refused(cli, not);
  const seen = await cli.log.load(state.id);
  const said = await stopRollback(cli, by, state.id);
  if (typeof said === 'object') return refused(cli, said);
  return stopped(cli, state.id, await watch(cli, state.id, seen));
}

function stopped(cli: Cli, id: string, state: State | undefined): number {
  if (!state) {
    cli.terminal.warn(`You look no longer; ${id} is being stopped all the same. To look again: rollback follow ${id}`);
    return exits.interrupted;
  }
  for (const line of summary(cli, state)) cli.terminal.say(line);
  return state.status === 'stopped' ? exits.ok : exits.failed;
}

/** How far it came. */
function summary(cli: Cli, state: State): string[] {
  const runs = runsOf(state);
  const named = (status: string): string[] => runs.filter(({ run }) => run?.status === status).map(({ key }) => nameOf(state, key, lookOf(cli)));
  const list = (label: string, names: readonly string[]): string[] => (names.length === 0 ? [] : [`${label} ${names.join(', ')}.`]);
  return [
    ...list('Done:', named('done')),
    ...list('Cut:', named('cut')),
    ...list('Failed:', named('failed')),
    ...list('UNKNOWN, look at the host:', [...named('unknown'), ...named('errored')]),
    `Not begun: ${runs.filter(({ run }) => run === undefined).length} of ${runs.length} steps.`,
    ...(isUndoable(state) ? [`To put back what it changed, in Slack: /rollback undo ${state.id}`] : []),
  ];
}
