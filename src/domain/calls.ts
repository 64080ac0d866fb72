import type { State } from './state.ts';

/** Somebody is called because a request waits: the approvers once more, then the next one. */
export interface Call {
  readonly kind: 'remind' | 'escalate';
  /** `@group`, `@user` or `#channel`. */
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The calls of a request that waits for approval, past and to come, in order. */
export function calls(state: State): Call[] {
  const policy = state.outline?.policy;
  if (state.status !== 'waiting' || !policy || state.plannedAt === undefined) return [];
  const { remindMs, escalate } = policy;
  const all: Call[] = [
    ...(remindMs === undefined ? [] : [{ kind: 'remind' as const, to: policy.by, at: state.plannedAt + remindMs }]),
    ...(escalate?.to === undefined ? [] : [{ kind: 'escalate' as const, to: escalate.to, at: state.plannedAt + escalate.afterMs }]),
  ];
  return all.filter(({ at }) => at < expiry(state)).sort((a, b) => a.at - b.at);
}

/** From when on it may be started alone, in milliseconds since 1970; undefined when the policy lets nobody do that. */
export function overridableAt(state: State): number | undefined {
  const policy = state.outline?.policy;
  if (state.status !== 'waiting' || policy?.override === undefined || policy.escalate === undefined || state.plannedAt === undefined)
    return undefined;
  const at = state.plannedAt + policy.escalate.afterMs;
  return at < expiry(state) ? at : undefined;
}

/** Whether those who are called next may approve too by now. */
export const isEscalated = (state: State, now: number): boolean => calls(state).some(({ kind, at }) => kind === 'escalate' && at <= now);

/** Everybody who may approve now: `@sac-leads`, later `@sac-leads or @sac-oncall`. */
export function approversText(state: State, now: number): string {
  const policy = state.outline?.policy;
  const next = isEscalated(state, now) ? policy?.escalate?.to : undefined;
  return [policy?.by ?? 'nobody', ...(next === undefined || next === policy?.by ? [] : [next])].join(' or ');
}

/** When the waiting request is to be looked at again: the calls, and the offer of an override. */
export const callTimes = (state: State): number[] => [...calls(state).map(({ at }) => at), overridableAt(state)].filter((at) => at !== undefined);

const expiry = (state: State): number => (state.plannedAt ?? 0) + (state.outline?.policy.standsMs ?? 0);
