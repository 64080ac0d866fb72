import type { State } from './state.ts';

/** Whether a request has waited longer than its policy lets it stand. */
export const isExpired = (state: State, now: number): boolean => expiresAt(state) !== undefined && now >= (expiresAt(state) ?? 0);

/** A request whose hosts could not be read in this time expires, in milliseconds: its plan would be of another moment. */
const readWithinMs = 10 * 60_000;

/** When the request stops standing; undefined when it does not wait for anybody. */
export function expiresAt(state: State): number | undefined {
  if (state.status === 'reading') return state.askedAt + readWithinMs;
  if (state.status !== 'waiting' || !state.outline || state.plannedAt === undefined) return undefined;
  return state.plannedAt + state.outline.policy.standsMs;
}
