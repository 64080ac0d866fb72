import { type Refusal, refuse } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import type { Cli } from './cli.ts';

/** The fewest signs of a digest that mean it. */
const fewest = 8;

/**
 * Whether the person means it: by typing the rollback's id, or, where nobody can be asked, by naming the plan's digest, which only somebody knows
 * who has seen it. Undefined when they do.
 */
export async function notConfirmed(cli: Cli, verb: 'approve' | 'stop', state: State, yes: string | undefined): Promise<Refusal | undefined> {
  const digest = state.digest ?? '';
  const again = `rollback ${verb} ${state.id} --yes ${digest.slice(0, fewest)}`;
  if (yes !== undefined) return namesDigest(digest, yes) ? undefined : otherDigest(state, verb);
  if (!cli.terminal.canAsk)
    return refuse('not-ready', 'There is no terminal on which you could be asked.', `Read the above; if you mean it: ${again}`);
  const typed = await cli.terminal.ask(`${capital(verb)}? Type ${state.id} to ${verb}: `);
  return typed === state.id ? undefined : refuse('nothing-to-do', `Nothing was done: that was not ${state.id}.`, '');
}

const namesDigest = (digest: string, yes: string): boolean =>
  /^[0-9a-f]+$/i.test(yes) && yes.length >= fewest && digest.startsWith(yes.toLowerCase());

const otherDigest = ({ id }: State, verb: string): Refusal =>
  refuse(
    'malformed',
    `--yes does not name the plan of ${id} by the first ${fewest} or more signs of its digest.`,
    `Look at the plan as it is now: rollback ${verb} ${id}`,
  );

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
