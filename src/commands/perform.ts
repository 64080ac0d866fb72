import type { Command } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import type { CommandContext } from './context.ts';

/** Loads, looks up, decides and appends; for buttons and modals alike. */
export async function perform(
  context: Pick<CommandContext, 'log'>,
  rollback: string,
  command: (state: State) => Promise<Command>,
  say: (state: State) => string | undefined = () => undefined,
): Promise<string | Refusal | undefined> {
  const before = await context.log.load(rollback);
  const asked = before ? await command(before) : undefined;
  const after = await context.log.decide(rollback, (state, now) => (asked ? decide(state, asked, now) : []));
  if ('code' in after) return after;
  return say(after);
}
