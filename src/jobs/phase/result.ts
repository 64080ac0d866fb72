import type { StepResult } from '../../domain/event.ts';
import type { ReceiptAnswer } from '../../domain/host.ts';
import type { PlanHost } from '../../domain/plan.ts';
import { notTheMachine } from './machine.ts';

const driftAdvice =
  'Somebody changed the host after the plan was made. Put it back and press Retry, or have a new plan made for the host as it is now: with Read again where that is offered, else with Leave as is and a new request.';

/** Nobody can say how it ended. */
export const unknownBecause = (why: string): StepResult => ({
  outcome: 'unknown',
  durationMs: 0,
  outputBytes: 0,
  why,
  advice: 'Look at the host: Retry ends what is left of the step, then runs it again.',
});

/** What a receipt's answer means for the step. Pure. */
export function resultOf(answer: Exclude<ReceiptAnswer, { kind: 'fenced' }>): StepResult {
  if (answer.kind === 'not-started')
    return {
      outcome: 'failed',
      durationMs: 0,
      outputBytes: 0,
      why: `nothing was started: ${answer.why}`,
      advice: 'Mend that on the host, then press Retry.',
    };
  if (answer.kind === 'unknown') return unknownBecause(answer.why);
  const { exitCode, stage, timedOut, durationMs, outputBytes } = answer;
  const outcome = exitCode === 0 && !timedOut ? 'done' : stage === 'guard' ? 'drifted' : 'failed';
  return { outcome, exitCode, stage, timedOut, durationMs, outputBytes, ...(outcome === 'drifted' ? { advice: driftAdvice } : {}) };
}

/** Nothing was sent to it now; what an earlier worker sent to the right machine is still to be found there. */
export const otherMachine = (planned: PlanHost, isResumed: boolean): StepResult => ({
  outcome: isResumed ? 'errored' : 'drifted',
  durationMs: 0,
  outputBytes: 0,
  why: notTheMachine(planned),
  advice: 'Find out which machine answers at that address. This one was sent nothing.',
});
