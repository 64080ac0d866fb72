import type { HostIdentity } from '../../domain/host.ts';
import type { RunKey } from '../../domain/plan.ts';
import type { State, StepRun } from '../../domain/state.ts';
import { type Hold, observe } from './hold.ts';

/** Whether an earlier attempt got past the guard, as far as anybody can say. */
export const gotPastGuard = (run: StepRun | undefined): boolean =>
  run?.unguarded === true || run?.result?.stage === 'command' || run?.result?.stage === 'verify' || run?.result?.outcome === 'unknown';

/** A new attempt, or the one that an earlier worker intended or we lost sight of. */
export const attemptOf = (run: StepRun | undefined): number => (run === undefined ? 1 : isResumed(run) ? run.attempt : run.attempt + 1);
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
  const attempt = isNew ? (before?.attempt ?? 0) + 1 : attemptOf(before);
  if (before && !isNew && isResumed(before))
    return { attempt, bootId: before.bootId ?? '', storeId: before.storeId ?? '', resumed: true, unguarded: before.unguarded === true };
  const { bootId, storeId } = identity;
  const unguarded = gotPastGuard(before);
  await observe(hold, [{ type: 'step-intended', run, attempt, bootId, storeId, ...(unguarded ? { unguarded } : {}) }]);
  return { attempt, bootId, storeId, resumed: false, unguarded };
}
