import type { StepResult } from '../../domain/event.ts';
import { next } from '../../domain/next.ts';
import { keptOf } from '../../domain/output.ts';
import { PipelineError } from '../../domain/pipeline.ts';
import type { Plan, RunKey } from '../../domain/plan.ts';
import type { StepRun } from '../../domain/state.ts';
import type { PipelineWork } from '../../domain/step.ts';
import type { Context } from '../context.ts';
import { loaded } from './hold.ts';

/** How long a pipeline's service may be away before the step is given up, in milliseconds: it is looked at again until then. */
const patienceMs = 10 * 60_000;

/** Looks once at every run that is waited for and appends those that ended. While any goes on, the next look is a job of its own. */
export async function pollPipelines(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const state = await loaded({ context, id });
  const todo = next(state);
  if (todo.do !== 'poll' || signal.aborted) return;
  const plan = await context.plans.load(id, state.digest ?? '');
  await Promise.all(todo.runs.map((run) => pollRun(context, id, plan, run, state.runs[run])));
  await context.react(await loaded({ context, id }));
}

async function pollRun(context: Context, id: string, plan: Plan, run: RunKey, current: StepRun | undefined): Promise<void> {
  const work = plan.work[run];
  if (work?.type !== 'pipeline' || !current?.pipeline) return;
  const result = await look(context, id, run, work, current, current.pipeline);
  if (!result) return;
  await context.log.decide(id, (state) => {
    const now = state.runs[run];
    if (now?.status !== 'triggered' || now.attempt !== current.attempt)
      return { code: 'nothing-to-do', message: 'somebody else saw it end', advice: '' };
    return [{ type: 'step-finished', run, attempt: current.attempt, result }];
  });
}

/** The run's result; undefined while it goes on. */
async function look(
  context: Context,
  id: string,
  run: RunKey,
  work: PipelineWork,
  current: StepRun,
  pipeline: { readonly ref: string; readonly url: string },
): Promise<StepResult | undefined> {
  const durationMs = context.now() - current.startedAt;
  try {
    const status = await context.pipelines[work.order.via].status(work.order, pipeline.ref);
    if (status.kind === 'running') return durationMs > work.timeoutMs ? tooSlow(durationMs, pipeline.url) : undefined;
    const outputSha256 = await context.outputs.save(id, run, current.attempt, keptOf(context.mask(status.log)));
    return {
      outcome: status.ok ? 'done' : 'failed',
      durationMs,
      outputBytes: status.log.length,
      outputSha256,
      why: context.mask(status.why),
      ...(status.ok ? {} : { advice: `Its log: ${pipeline.url}` }),
    };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    if (durationMs < Math.max(work.timeoutMs, patienceMs)) return undefined;
    return { outcome: 'errored', durationMs, outputBytes: 0, why: error.message, advice: error.advice };
  }
}

const tooSlow = (durationMs: number, url: string): StepResult => ({
  outcome: 'failed',
  timedOut: true,
  durationMs,
  outputBytes: 0,
  why: 'the pipeline did not end in time and may still be running',
  advice: `Look at ${url} and end it there before you press Retry.`,
});
