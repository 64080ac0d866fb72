import type { Fact, FactType } from '../../domain/event.ts';
import type { State } from '../../domain/state.ts';
import type { Context } from '../context.ts';

/** One worker's hold on one rollback: every fact it appends carries the token. */
export interface Hold {
  readonly context: Context;
  readonly id: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** The state now, which is what work is done by: throws a TamperedError where somebody without the audit key had a hand in it, and when the rollback is gone. */
export async function loaded({ context, id }: Pick<Hold, 'context' | 'id'>): Promise<State> {
  const state = await context.log.sound(id);
  if (!state) throw new Error(`${id} is gone from Redis`);
  return state;
}

/** Appends what happened under the hold's token. Once somebody has chosen to stop, only how a run ended: throws a FencedError for anything else. */
export const observe = ({ context, id, token }: Hold, facts: readonly Fact[]): Promise<State> =>
  context.log.observe(id, token, facts, (state) => state.status !== 'stopping' || facts.every(({ type }) => tells.includes(type)));

/** How far a run is that was begun before. */
const tells: readonly FactType[] = ['step-finished', 'pipeline-triggered'];
