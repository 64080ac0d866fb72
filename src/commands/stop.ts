import type { Actor } from '../domain/event.ts';
import { nearest } from '../domain/nearest.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { isEnded, type State } from '../domain/state.ts';
import type { CommandContext } from './context.ts';
import { perform } from './perform.ts';
import { mayStop } from './rights.ts';

/** What stopping works with. */
export type StopContext = Pick<CommandContext, 'log' | 'systems' | 'directory' | 'now'>;

/** Ends what a rollback runs on its hosts. A sentence on what happens now, or why not. */
export async function stopRollback(context: StopContext, by: Actor, rollback: string): Promise<string | Refusal | undefined> {
  const state = await context.log.load(rollback);
  if (!state) return unknown(context, rollback);
  return perform(
    context,
    rollback,
    async (now) => ({ type: 'stop', by, mayStop: await mayStop(context, now, by.id) }),
    (after) => `${after.id} is being stopped: nothing new is begun, and what runs on its hosts is ended. Its card says how far it came.`,
  );
}

/** No rollback of that id; those that are open and called like it. */
async function unknown(context: Pick<CommandContext, 'log'>, rollback: string): Promise<Refusal> {
  const states = await Promise.all((await context.log.open()).map((id) => context.log.load(id)));
  const open = states.filter((state): state is State => state !== undefined && !isEnded(state)).map(({ id }) => id);
  const near = nearest(rollback, open);
  const advice = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Type /rollback status to see those there are.';
  return refuse('rollback-unknown', `There is no rollback ${rollback.slice(0, 60)}.`, advice);
}
