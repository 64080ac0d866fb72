import type { State } from '../../domain/state.ts';
import type { Context } from '../context.ts';

/** One worker's hold on one rollback: every fact it appends carries the token. */
export interface Hold {
  readonly context: Context;
  readonly id: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** The state now. Throws when the rollback is gone from Redis. */
export async function loaded({ context, id }: Pick<Hold, 'context' | 'id'>): Promise<State> {
  const state = await context.log.load(id);
  if (!state) throw new Error(`${id} is gone from Redis`);
  return state;
}

/** Appends what happened under the hold's token. */
export const observe = ({ context, id, token }: Hold, facts: Parameters<Context['log']['observe']>[2]): Promise<State> =>
  context.log.observe(id, token, facts);
