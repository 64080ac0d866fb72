import { setTimeout } from 'node:timers/promises';
import type { Fact, StepResult } from '../domain/event.ts';
import { type Host, HostError, type ReceiptOrder, type StopAnswer } from '../domain/host.ts';
import { next } from '../domain/next.ts';
import { PipelineError, type PipelineRef } from '../domain/pipeline.ts';
import type { Plan, RunKey } from '../domain/plan.ts';
import type { State, StepRun } from '../domain/state.ts';
import type { PipelineOrder, PipelineWork, ShellWork, Work } from '../domain/step.ts';
import type { Context } from './context.ts';
import type { Hold } from './phase/hold.ts';
import { seenHosts } from './phase/prove.ts';
import { pipelineKey, receiptKey, sent as sentWork } from './phase/receipt.ts';

/** How long a host that does not answer is tried before people are told that something may run on there, in milliseconds. */
const patienceMs = 15_000;
const againAfterMs = 500;

/** Ends what a rollback has begun on its hosts, says of each run how far it came, and ends the rollback. Throws FencedError when a newer worker has it. */
export async function stopRollback(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const before = await context.log.load(id);
  if (!before || next(before).do !== 'stop') return;
  const token = await context.log.newToken();
  const hold: Hold = { context, id, token, signal };
  // From here on nobody else appends: whoever was at work is refused there, and on each host by its fence.
  const state = await tell(hold, [{ type: 'taken', token, worker: context.worker }]);
  const plan = await context.plans.load(id, state.digest ?? '');
  await Promise.all(openRuns(state).map((run) => endRun(hold, state, plan, run)));
  await tell(hold, [...(await seenHosts(hold, (await context.log.load(id)) ?? state)), { type: 'stopped' }]);
}

const tell = ({ context, id, token }: Hold, facts: readonly Fact[]): Promise<State> => context.log.observe(id, token, facts);

/** The runs of which something may still be under way. */
const openRuns = (state: State): RunKey[] => (Object.keys(state.runs) as RunKey[]).filter((key) => mayBeUnderWay(state.runs[key]));

const mayBeUnderWay = (run: StepRun | undefined): boolean =>
  run !== undefined &&
  (['running', 'triggered', 'asked', 'errored', 'unknown'].includes(run.status) ||
    (run.status === 'retry' && (run.resume === true || run.result?.outcome === 'unknown')) ||
    run.result?.timedOut === true);

async function endRun(hold: Hold, state: State, plan: Plan, run: RunKey): Promise<void> {
  const { attempt, status } = state.runs[run] as StepRun;
  const work = plan.work[run];
  const result = work ? await endWork(hold, state, plan, run, work) : undefined;
  const told = result ?? (status === 'retry' || status === 'running' ? notBegun : undefined);
  if (told) await tell(hold, [{ type: 'step-finished', run, attempt, result: told }]);
}

async function endWork(hold: Hold, state: State, plan: Plan, run: RunKey, work: Work): Promise<StepResult | undefined> {
  if (work.type === 'shell') return endOnHost(hold, state, plan, run, work);
  if (work.type === 'pipeline') return endPipeline(hold, state, run, work);
  return work.type === 'hand' ? cut('nobody had ticked it off') : undefined;
}

const cut = (why: string): StepResult => ({ outcome: 'cut', durationMs: 0, outputBytes: 0, why });
const notBegun = cut('it had not begun');

/** Undefined where what is known already stays true. */
async function endOnHost(hold: Hold, state: State, plan: Plan, run: RunKey, work: ShellWork): Promise<StepResult | undefined> {
  const { attempt, status, bootId, storeId = '', unguarded } = state.runs[run] as StepRun;
  const planned = plan.hosts[run.slice(run.lastIndexOf('@') + 1)];
  if (!planned || !bootId) return undefined; // nothing was ever sent
  const key = receiptKey(state, run, attempt, sentWork(work, { unguarded: unguarded === true }));
  try {
    return resultOf(await stopped(hold, hold.context.hosts.get(planned.address), { key, bootId, storeId }), work, status);
  } catch (error) {
    if (!(error instanceof HostError) || hold.signal.aborted) throw error; // the next worker goes on with it
    const why = `it may still run there: ${hold.context.mask(error.message)}`;
    return { outcome: 'unknown', durationMs: 0, outputBytes: 0, why, advice: `${error.advice} Then look whether it still runs.` };
  }
}

/** A host that is away for a moment is tried again. */
async function stopped(hold: Hold, host: Host, sent: Pick<ReceiptOrder, 'key' | 'bootId' | 'storeId'>): Promise<StopAnswer> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await host.stop({ ...sent, rollback: hold.id, token: hold.token });
    } catch (error) {
      if (!(error instanceof HostError) || hold.signal.aborted || Date.now() >= deadline) throw error;
    }
    await setTimeout(againAfterMs, undefined, { signal: hold.signal });
  }
}

/** What a stopped receipt means for its run. Pure. */
export function resultOf(answer: StopAnswer, work: ShellWork, status: StepRun['status']): StepResult | undefined {
  switch (answer.kind) {
    case 'never-started':
      return notBegun;
    case 'runs-on':
      return {
        outcome: 'unknown',
        durationMs: 0,
        outputBytes: 0,
        why: `it still runs and cannot be ended: ${answer.why}`,
        advice: 'End it on the host.',
      };
    case 'unknown':
      return status === 'unknown' ? undefined : { outcome: 'unknown', durationMs: 0, outputBytes: 0, why: answer.why, advice: 'Look at the host.' };
    case 'ended': {
      const { exitCode, stage, timedOut, durationMs, outputBytes, isCut } = answer;
      const isDone = exitCode === 0 && !timedOut && stage === (work.verify === undefined ? 'command' : 'verify');
      const outcome = isDone ? 'done' : isCut ? 'cut' : stage === 'guard' ? 'drifted' : 'failed';
      return { outcome, exitCode, stage, timedOut, durationMs, outputBytes };
    }
  }
}

/** How long a pipeline's run that was told to end is watched, in milliseconds. */
const cancelledWithinMs = 15_000;

async function endPipeline(hold: Hold, state: State, run: RunKey, { order }: PipelineWork): Promise<StepResult | undefined> {
  const { startedAt } = state.runs[run] as StepRun;
  const service = hold.context.pipelines[order.via];
  const deadline = Date.now() + cancelledWithinMs;
  const durationMs = hold.context.now() - startedAt;
  let url: string | undefined;
  try {
    const pipeline = await begun(hold, state, run, order);
    if (!pipeline) return unknownRun('nobody knows whether it was started', undefined, durationMs);
    url = pipeline.url;
    await service.cancel(order, pipeline.ref);
    for (;;) {
      const status = await service.status(order, pipeline.ref);
      if (status.kind === 'ended') return { outcome: status.ok ? 'done' : 'cut', durationMs, outputBytes: 0, why: hold.context.mask(status.why) };
      if (Date.now() >= deadline) return unknownRun('it was told to end and has not ended yet', url, durationMs);
      await setTimeout(againAfterMs, undefined, { signal: hold.signal });
    }
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return unknownRun(hold.context.mask(error.message), url, durationMs);
  }
}

/** Its run: also one whose start was under way when it was stopped, where the service can be asked for it without starting it. */
async function begun(hold: Hold, state: State, run: RunKey, order: PipelineOrder): Promise<PipelineRef | undefined> {
  const { pipeline, attempt, startedAt } = state.runs[run] as StepRun;
  if (pipeline || order.via === 'url') return pipeline;
  return hold.context.pipelines[order.via].find(order, pipelineKey(state.id, run, attempt), startedAt);
}

const unknownRun = (why: string, url: string | undefined, durationMs: number): StepResult => ({
  outcome: 'unknown',
  durationMs,
  outputBytes: 0,
  why: `its pipeline run may go on: ${why}`,
  advice: url === undefined ? 'Look for its run in the pipeline, and end it there.' : `Look at ${url} and end it there.`,
});
