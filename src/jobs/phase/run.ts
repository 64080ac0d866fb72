import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { StepResult } from '../../domain/event.ts';
import { HostError, type HostIdentity, type ReceiptAnswer } from '../../domain/host.ts';
import type { Plan, RunKey } from '../../domain/plan.ts';
import type { State, StepRun } from '../../domain/state.ts';
import type { ShellWork, Work } from '../../domain/step.ts';
import { FencedError } from '../../store/log.ts';
import { type Hold, loaded, observe } from './hold.ts';
import { triggerPipeline } from './trigger.ts';

/** The most a step may print on a host, in bytes; what comes after is lost, its exit status is not. */
const maxOutputBytes = 256 * 1024 * 1024;

/** For how long a host may be away before people are asked, and how often it is tried meanwhile, in milliseconds. */
const awayPatienceMs = 60_000;
const awayAgainMs = 1000;

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
  await settleAtOnce(hold, state, run, work);
}

/** Announcements are owed, and signatures asked for, from this step on; nothing waits for either. */
async function settleAtOnce(hold: Hold, state: State, run: RunKey, work: Exclude<Work, { type: 'shell' | 'pipeline' }>): Promise<void> {
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
  const address = plan.hosts[name]?.address;
  if (!address) throw new Error(`the plan of ${hold.id} has no host ${name}`);
  let attempt = attemptOf(state.runs[run]);
  try {
    const host = hold.context.hosts.get(address);
    const identity = await patiently(hold, () => host.identity());
    const intent = await intended(hold, state, run, identity);
    attempt = intent.attempt;
    let output = '';
    const answer = await host.run(
      {
        key: receiptKey(hold.id, run, attempt, work),
        rollback: hold.id,
        token: hold.token,
        ...intent,
        ...commandsOf(work),
        timeoutMs: work.timeoutMs,
        maxOutputBytes,
      },
      (text) => {
        output = (output + text).slice(-65_536);
      },
      hold.signal,
    );
    await finish(hold, run, attempt, answer, output, plan);
  } catch (error) {
    if (!(error instanceof HostError) || hold.signal.aborted) throw error; // the next worker attaches to the receipt
    if (!(await loaded(hold)).runs[run]) await observe(hold, [{ type: 'step-intended', run, attempt, bootId: '', storeId: '' }]);
    await ended(hold, run, attempt, {
      outcome: 'errored',
      durationMs: hold.context.now() - startedAt,
      outputBytes: 0,
      why: error.message,
      advice: error.advice,
    });
  }
}

/** A host that is away for a moment, before anything was sent to it, is nobody's decision yet: it is asked again for a while. */
async function patiently<T>({ context, signal }: Hold, ask: () => Promise<T>): Promise<T> {
  const deadline = context.now() + awayPatienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof HostError && (error.code === 'host-unreachable' || error.code === 'connection-lost');
      if (!isAway || signal.aborted || context.now() >= deadline) throw error;
      await delay(awayAgainMs, undefined, { signal });
    }
  }
}

const commandsOf = ({ guard, command, verify }: ShellWork) => ({
  command,
  ...(guard === undefined ? {} : { guard }),
  ...(verify === undefined ? {} : { verify }),
});

/** A new attempt, or the one that an earlier worker intended or we lost sight of. */
const attemptOf = (run: StepRun | undefined): number => (run === undefined ? 1 : isResumed(run) ? run.attempt : run.attempt + 1);
const isResumed = (run: StepRun): boolean => run.status === 'running' || (run.status === 'retry' && run.resume === true && run.bootId !== '');

interface Intent {
  readonly attempt: number;
  readonly bootId: string;
  readonly storeId: string;
  readonly resumed: boolean;
}

/** Records the intent, with the boot and the store it is meant for, before anything is sent. */
async function intended(hold: Hold, state: State, run: RunKey, identity: HostIdentity): Promise<Intent> {
  const before = state.runs[run];
  const attempt = attemptOf(before);
  if (before && isResumed(before)) return { attempt, bootId: before.bootId ?? '', storeId: before.storeId ?? '', resumed: true };
  const { bootId, storeId } = identity;
  await observe(hold, [{ type: 'step-intended', run, attempt, bootId, storeId }]);
  return { attempt, bootId, storeId, resumed: false };
}

/** Names the run, its attempt and its text: another command cannot attach to it. */
function receiptKey(id: string, run: RunKey, attempt: number, work: ShellWork): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([work.guard, work.command, work.verify]))
    .digest('hex')
    .slice(0, 12);
  return `${id}.${run.replace(/[^A-Za-z0-9._-]/g, '_')}.${attempt}.${digest}`.slice(-120);
}

async function finish(hold: Hold, run: RunKey, attempt: number, answer: ReceiptAnswer, output: string, plan: Plan): Promise<void> {
  if (answer.kind === 'fenced') throw new FencedError(`${hold.id}: the host has seen a newer worker (${answer.seen})`);
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

const ended = (hold: Hold, run: RunKey, attempt: number, result: StepResult) => observe(hold, [{ type: 'step-finished', run, attempt, result }]);
