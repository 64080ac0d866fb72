import { createHash } from 'node:crypto';
import type { StepResult } from '../../domain/event.ts';
import { HostError, type HostIdentity, type ReceiptAnswer } from '../../domain/host.ts';
import type { Plan, PlanHost, RunKey } from '../../domain/plan.ts';
import type { State, StepRun } from '../../domain/state.ts';
import type { ShellWork, Work } from '../../domain/step.ts';
import { FencedError } from '../../store/log.ts';
import { type Hold, loaded, observe } from './hold.ts';
import { notTheMachine, reach } from './machine.ts';
import { triggerPipeline } from './trigger.ts';

/** The most a step may print on a host, in bytes; what comes after is lost, its exit status is not. */
const maxOutputBytes = 256 * 1024 * 1024;

/** For how long beyond its own time limit a step that cannot be reached is waited for, in milliseconds. */
const followedLongerMs = 60_000;

const driftAdvice =
  'Somebody changed the host after the plan was made. Put it back and press Retry, or press Leave as is and ask anew: the new plan is made for the host as it is now.';

/** Takes one run to its end, or to where a pipeline is waited for. */
export async function runStep(hold: Hold, run: RunKey): Promise<void> {
  const state = await loaded(hold);
  const plan = await hold.context.plans.load(hold.id, state.digest ?? '');
  const work = plan.work[run];
  if (!work) throw new Error(`the plan of ${hold.id} has no work for ${run}`);
  if (work.type === 'shell') return runOnHost(hold, state, plan, run, work);
  if (work.type === 'pipeline') return triggerPipeline(hold, state, run, work);
  if (work.type === 'hand') return askPerson(hold, state, run);
  await settleAtOnce(hold, state, run, work);
}

/** From here on the card shows the commands, and a person's word ends the step. */
async function askPerson(hold: Hold, state: State, run: RunKey): Promise<void> {
  await observe(hold, [{ type: 'step-intended', run, attempt: (state.runs[run]?.attempt ?? 0) + 1, bootId: '', storeId: '' }]);
}

/** Announcements are owed, and signatures asked for, from this step on; nothing waits for either. */
async function settleAtOnce(hold: Hold, state: State, run: RunKey, work: Exclude<Work, { type: 'shell' | 'pipeline' | 'hand' }>): Promise<void> {
  const attempt = (state.runs[run]?.attempt ?? 0) + 1;
  await observe(hold, [
    { type: 'step-intended', run, attempt, bootId: '', storeId: '' },
    ...(work.type === 'sign' ? [{ type: 'signature-asked', run, numbers: numbersOf(state, work.shown) } as const] : []),
    { type: 'step-finished', run, attempt, result: { outcome: 'done', durationMs: 0, outputBytes: 0 } },
  ]);
}

/** What was measured under these names, host by host. */
function numbersOf(state: State, names: readonly string[]): Record<string, string> {
  const measured = (name: string): string[] =>
    Object.entries(state.runs).flatMap(([key, run]) => {
      const value = run.result?.values?.[name];
      return value === undefined ? [] : [`${key.slice(key.lastIndexOf('@') + 1)}: ${value}`];
    });
  return Object.fromEntries(names.map((name) => [name, measured(name).join(', ') || 'not measured']));
}

async function runOnHost(hold: Hold, state: State, plan: Plan, run: RunKey, work: ShellWork): Promise<void> {
  const startedAt = hold.context.now();
  const name = run.slice(run.lastIndexOf('@') + 1);
  const planned = plan.hosts[name];
  if (!planned) throw new Error(`the plan of ${hold.id} has no host ${name}`);
  let attempt = attemptOf(state.runs[run]);
  try {
    const host = hold.context.hosts.get(planned.address);
    const identity = await reach(host, hold.signal);
    const intent = await intended(hold, state, run, identity);
    attempt = intent.attempt;
    if (identity.hostKey !== planned.identity.hostKey) return await ended(hold, run, attempt, otherMachine(planned, intent));
    let output = '';
    const answer = await host.run(
      {
        key: receiptKey(state, run, attempt, sent(work, intent)),
        rollback: hold.id,
        token: hold.token,
        ...intent,
        ...commandsOf(sent(work, intent)),
        timeoutMs: work.timeoutMs,
        maxOutputBytes,
      },
      (text) => {
        output = (output + text).slice(-65_536);
      },
      AbortSignal.any([hold.signal, AbortSignal.timeout(work.timeoutMs + followedLongerMs)]),
    );
    await finish(hold, run, attempt, answer, output, plan);
  } catch (error) {
    if (!(error instanceof HostError) || hold.signal.aborted) throw error; // the next worker attaches to the receipt
    if ((await loaded(hold)).runs[run]?.attempt !== attempt) await observe(hold, [{ type: 'step-intended', run, attempt, bootId: '', storeId: '' }]);
    await ended(hold, run, attempt, {
      outcome: 'errored',
      durationMs: hold.context.now() - startedAt,
      outputBytes: 0,
      why: error.message,
      advice: error.advice,
    });
  }
}

const commandsOf = ({ guard, command, verify }: ShellWork) => ({
  command,
  ...(guard === undefined ? {} : { guard }),
  ...(verify === undefined ? {} : { verify }),
});

/** On a retry of a step that was half done, its guard would take our own change for drift: a person has looked and chosen to go on. */
function sent(work: ShellWork, { unguarded }: Intent): ShellWork {
  if (!unguarded) return work;
  const { guard: _passed, ...rest } = work;
  return rest;
}

/** Whether an earlier attempt got past the guard, as far as anybody can say. */
const gotPastGuard = (run: StepRun | undefined): boolean =>
  run?.unguarded === true || run?.result?.stage === 'command' || run?.result?.stage === 'verify' || run?.result?.outcome === 'unknown';

/** A new attempt, or the one that an earlier worker intended or we lost sight of. */
const attemptOf = (run: StepRun | undefined): number => (run === undefined ? 1 : isResumed(run) ? run.attempt : run.attempt + 1);
const isResumed = (run: StepRun): boolean => run.status === 'running' || (run.status === 'retry' && run.resume === true && run.bootId !== '');

interface Intent {
  readonly attempt: number;
  readonly bootId: string;
  readonly storeId: string;
  readonly resumed: boolean;
  readonly unguarded: boolean;
}

/** Records the intent, with the boot and the store it is meant for, before anything is sent. */
async function intended(hold: Hold, state: State, run: RunKey, identity: HostIdentity): Promise<Intent> {
  const before = state.runs[run];
  const attempt = attemptOf(before);
  if (before && isResumed(before))
    return { attempt, bootId: before.bootId ?? '', storeId: before.storeId ?? '', resumed: true, unguarded: before.unguarded === true };
  const { bootId, storeId } = identity;
  const unguarded = gotPastGuard(before);
  await observe(hold, [{ type: 'step-intended', run, attempt, bootId, storeId, ...(unguarded ? { unguarded } : {}) }]);
  return { attempt, bootId, storeId, resumed: false, unguarded };
}

/** Names the run, its attempt and its text, and the request itself: neither another command nor another rollback of that name can attach to it. */
function receiptKey(state: State, run: RunKey, attempt: number, work: ShellWork): string {
  const text = JSON.stringify([state.requestedAt, run, work.guard, work.command, work.verify]);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${`${state.id}.${run}`.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 90)}.${attempt}.${digest}`;
}

async function finish(hold: Hold, run: RunKey, attempt: number, answer: ReceiptAnswer, output: string, plan: Plan): Promise<void> {
  if (answer.kind === 'fenced') return fenced(hold, run, attempt, answer.seen);
  const tail = answer.kind === 'not-started' ? '' : output || answer.tail;
  const text = hold.context.mask(tail);
  await hold.context.outputs.save(hold.id, run, attempt, text);
  await ended(hold, run, attempt, { ...resultOf(answer), ...valuesOf(hold, plan, run, text) });
}

function valuesOf(hold: Hold, plan: Plan, run: RunKey, text: string): Pick<StepResult, 'values'> {
  const id = run.slice(0, run.lastIndexOf('@'));
  const kind = plan.outline.phases.flatMap((phase) => phase.steps).find((step) => step.id === id)?.kind;
  const values = kind === undefined ? undefined : hold.context.stepKinds[kind]?.values?.(text);
  return values && Object.keys(values).length > 0 ? { values } : {};
}

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
  if (answer.kind === 'unknown')
    return { outcome: 'unknown', durationMs: 0, outputBytes: 0, why: answer.why, advice: 'Look at the host: Retry runs the step again.' };
  const { exitCode, stage, timedOut, durationMs, outputBytes } = answer;
  const outcome = exitCode === 0 && !timedOut ? 'done' : stage === 'guard' ? 'drifted' : 'failed';
  return { outcome, exitCode, stage, timedOut, durationMs, outputBytes, ...(outcome === 'drifted' ? { advice: driftAdvice } : {}) };
}

/** Either a newer worker has taken over, or the host remembers more than Redis does: then nothing is repeated, and people are asked. */
async function fenced(hold: Hold, run: RunKey, attempt: number, seen: string): Promise<void> {
  if ((await loaded(hold)).token !== hold.token) throw new FencedError(`${hold.id}: the host has seen a newer worker (${seen})`);
  const why = `the host has seen token ${seen}, newer than any that Redis knows (${hold.token}): Redis has lost history`;
  await ended(hold, run, attempt, {
    outcome: 'unknown',
    durationMs: 0,
    outputBytes: 0,
    why,
    advice: 'Look at the host before anything else, and at how Redis lost its data.',
  });
}

/** Nothing was sent to it now; what an earlier worker sent to the right machine is still to be found there. */
const otherMachine = (planned: PlanHost, intent: Intent): StepResult => ({
  outcome: intent.resumed ? 'errored' : 'drifted',
  durationMs: 0,
  outputBytes: 0,
  why: notTheMachine(planned),
  advice: 'Find out which machine answers at that address. This one was sent nothing.',
});

const ended = async (hold: Hold, run: RunKey, attempt: number, result: StepResult): Promise<void> => {
  const why = result.why === undefined ? {} : { why: hold.context.mask(result.why) };
  await observe(hold, [{ type: 'step-finished', run, attempt, result: { ...result, ...why } }]);
};
