import { nearest } from '../domain/nearest.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import { type Cli, exits } from './cli.ts';

/** Says why not and what to do, has the journal note it, and answers the exit code. */
export async function refused({ terminal, journal, login, identities, words }: Cli, { code, message, advice }: Refusal): Promise<number> {
  terminal.warn(code === 'superseded' ? 'Its plan changed while you read it: what you read is not what would run.' : message);
  const mend = code === 'superseded' ? 'Run the same command again and read the new plan.' : advice;
  if (mend !== '') terminal.warn(mend);
  const by = { id: slackIdOf(identities, login), name: login, via: 'cli' } as const;
  await journal.note({ type: 'refused', by, what: ['rollback', ...words].join(' '), code, message });
  return exits.refused;
}

/** Empty for somebody whom nobody knows. */
function slackIdOf(identities: Cli['identities'], login: string): string {
  try {
    const { ids } = identities();
    return Object.hasOwn(ids, login) ? (ids[login] ?? '') : '';
  } catch {
    return ''; // the file is of no use, which is said elsewhere
  }
}

/** The rollback of this id, or why not, with the ids most like it. */
export async function findRollback({ log, systems }: Pick<Cli, 'log' | 'systems'>, typed: string): Promise<State | Refusal> {
  const id = typed.toLowerCase();
  const state = await log.load(id);
  if (state) return state;
  const known = (await Promise.all(Object.keys(systems).map((system) => log.newest(system, 10)))).flat();
  const near = nearest(id, known);
  const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'rollback status shows those there are.';
  return refuse('rollback-unknown', `There is no rollback ${JSON.stringify(typed.slice(0, 60))}.`, advice);
}
