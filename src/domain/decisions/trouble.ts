import type { Decision, Of } from '../command.ts';
import type { Actor } from '../event.ts';
import { badRuns } from '../fold.ts';
import type { RunKey } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { holdsLock, type State, type StepRun } from '../state.ts';
import { whatNow } from './over.ts';

/** What did not end well runs again, everywhere or on one host. */
export function retry(state: State, { by, isApprover, host }: Of<'retry'>): Decision {
  if (state.status !== 'trouble') return refuse('nothing-to-do', `${state.id} does not wait for a decision.`, whatNow(state));
  if (!mayDecide(state, by, isApprover)) return notYours(state);
  if (host === undefined) return [{ type: 'retry-chosen', by }];
  if (!badRuns(state).some((run) => run.endsWith(`@${host}`)))
    return refuse('nothing-to-do', `Nothing of ${state.id} ended badly on ${host}.`, whatNow(state));
  return [{ type: 'retry-chosen', by, hosts: [host] }];
}

/** Whether the hosts can be read anew for another plan: they have drifted, and nothing was changed on them yet. */
export const isReadable = (state: State): boolean =>
  state.status === 'trouble' &&
  !state.undoes && // it holds the lock of what it puts back, half done: nobody else may start there
  badRuns(state).length > 0 &&
  badRuns(state).every((run) => state.runs[run]?.status === 'drifted') &&
  (Object.keys(state.runs) as RunKey[]).every((run) => isUntouched(state.runs[run]) || !changes(state, run));

/** Turned away by its guard, at every attempt. */
const isUntouched = (run: StepRun | undefined): boolean => run?.status === 'drifted' && run.acted !== true;

/** Whether a step of the plan changes anything on hosts. */
function changes(state: State, run: RunKey): boolean {
  const id = run.slice(0, run.lastIndexOf('@'));
  const step = state.outline?.phases.flatMap((phase) => phase.steps).find((candidate) => candidate.id === id);
  return (
    step === undefined ||
    step.undoable === true ||
    step.cannotUndo !== undefined ||
    step.serving !== undefined ||
    step.type === 'pipeline' ||
    step.type === 'hand'
  );
}

/** The plan is of another moment: a new one is made of what is there now, and asked for approval. */
export function readAgain(state: State, { by, isApprover }: Of<'read-again'>): Decision {
  if (state.status !== 'trouble') return refuse('nothing-to-do', `${state.id} does not wait for a decision.`, whatNow(state));
  if (!mayDecide(state, by, isApprover)) return notYours(state);
  if (!isReadable(state))
    return refuse(
      'over',
      `${state.id} has changed something already, or did not fail because hosts have drifted.`,
      'Put back what it changed, then ask anew.',
    );
  return [{ type: 'read-again-chosen', by }];
}

/** One run is passed over; whether the hosts run what was asked for is proven all the same. */
export function skip(state: State, { by, maySkip, run, reason }: Of<'skip'>): Decision {
  if (state.status !== 'trouble') return refuse('nothing-to-do', `${state.id} does not wait for a decision.`, whatNow(state));
  const who = state.outline?.policy.skip;
  if (who === undefined)
    return refuse('not-allowed', `The policy of ${state.system} lets nobody skip a step.`, 'Retry it, put it back, or leave it as is.');
  if (!maySkip) return refuse('not-allowed', `Steps of ${state.id} are skipped by ${who}.`, `Ask ${who}.`);
  if (reason.trim() === '') return refuse('malformed', 'Skipping a step needs a reason.', 'Say in a few words why it is not needed.');
  if (!badRuns(state).includes(run)) return refuse('nothing-to-do', `${run} did not end badly.`, 'The card says what did.');
  return [{ type: 'skip-chosen', by, run, reason: reason.trim() }];
}

/** It ends here, as it is. */
export function leave(state: State, { by, isApprover }: Of<'leave'>): Decision {
  if (state.status !== 'trouble') return refuse('nothing-to-do', `${state.id} does not wait for a decision.`, whatNow(state));
  if (!mayDecide(state, by, isApprover)) return notYours(state);
  return [{ type: 'left', by }];
}

/** A person's word for a step by hand. */
export function tick(state: State, { by, isApprover, run, ok }: Of<'tick'>): Decision {
  if (!mayDecide(state, by, isApprover))
    return refuse(
      'not-allowed',
      `Steps of ${state.id} are ticked off by ${state.outline?.policy.by} or ${state.requester.name}.`,
      'Ask one of them.',
    );
  if (state.runs[run]?.status !== 'asked' || !holdsLock(state))
    return refuse('nothing-to-do', `${state.id} does not wait for that step.`, whatNow(state));
  return [{ type: 'ticked', by, run, ok }];
}

/** One person signs the measured numbers. */
export function sign(state: State, { by, isSigner, run }: Of<'sign'>): Decision {
  const signature = state.signatures.find((candidate) => candidate.run === run);
  if (!signature) return refuse('nothing-to-do', `${state.id} has no numbers to sign there.`, whatNow(state));
  if (signature.by) return refuse('nothing-to-do', `${signature.by.name} has signed these numbers already.`, whatNow(state));
  if (!isSigner) return refuse('not-allowed', 'These numbers are signed by someone else.', `Ask ${signerOf(state, run)}.`);
  return [{ type: 'signed', by, run, numbers: signature.numbers }];
}

/** Who signs a sign step, as the plan says: `@group` or `@user`. */
export function signerOf(state: State, run: RunKey): string {
  const step = state.outline?.phases.flatMap((phase) => phase.steps).find((candidate) => `${candidate.id}@bot` === run);
  return step?.sign?.by ?? 'nobody';
}

/** Once it runs, the requester may decide trouble beside the approvers: both know of it, and nothing new is approved by it. */
export const mayDecide = (state: State, by: Actor, isApprover: boolean): boolean => isApprover || by.id === state.requester.id;

const notYours = (state: State): Refusal =>
  refuse('not-allowed', `Trouble of ${state.id} is decided by ${state.outline?.policy.by} or ${state.requester.name}.`, 'Ask one of them.');
