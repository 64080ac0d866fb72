import type { HostIdentity } from '../../domain/host.ts';
import type { RunKey } from '../../domain/plan.ts';
import type { State, StepRun } from '../../domain/state.ts';
import { type Hold, observe } from './hold.ts';

/** Whether an earlier attempt got past the guard, as far as anybody can say. */
export const gotPastGuard = (run: StepRun | undefined): boolean =>
  run?.unguarded === true || run?.result?.stage === 'command' || run?.result?.stage === 'verify' || run?.result?.outcome === 'unknown';

/** A new attempt, or the one that an earlier worker intended or we lost sight of. */
export function attemptOf(state: State, key: RunKey): number {
  const run = state.runs[key];
  return run && isResumed(run) ? run.attempt : newAttemptOf(state, key);
}

/** The number of a new attempt: no number is used twice, not even for a plan that was made after the hosts had drifted. */
export function newAttemptOf(state: State, key: RunKey): number {
  const spent = Object.hasOwn(state.spent, key) ? (state.spent[key] ?? 0) : 0;
  return (state.runs[key]?.attempt ?? spent) + 1;
}

const isResumed = (run: StepRun): boolean => run.status === 'running' || (run.status === 'retry' && run.resume === true && run.bootId !== '');

/** Which attempt is sent, and for which boot and store of its host it was recorded. */
export interface Intent {
  readonly attempt: number;
  readonly bootId: string;
  readonly storeId: string;
  readonly resumed: boolean;
  readonly unguarded: boolean;
}

/** Records the intent, with the boot and the store it is meant for, before anything is sent. */
export async function intended(hold: Hold, state: State, run: RunKey, identity: HostIdentity, isNew: boolean): Promise<Intent> {
  const before = state.runs[run];
  const attempt = isNew && before ? before.attempt + 1 : attemptOf(state, run);
  if (before && !isNew && isResumed(before))
    return { attempt, bootId: before.bootId ?? '', storeId: before.storeId ?? '', resumed: true, unguarded: before.unguarded === true };
  const { bootId, storeId } = identity;
  const unguarded = gotPastGuard(before);
  await observe(hold, [{ type: 'step-intended', run, attempt, bootId, storeId, ...(unguarded ? { unguarded } : {}) }]);
  return { attempt, bootId, storeId, resumed: false, unguarded };
}
