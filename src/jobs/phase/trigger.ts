import { PipelineError } from '../../domain/pipeline.ts';
import type { RunKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import type { PipelineWork } from '../../domain/step.ts';
import { type Hold, observe } from './hold.ts';

/** Starts a pipeline's run once: the intent first, and after a crash in between a look for the run before anything is started. */
export async function triggerPipeline(hold: Hold, state: State, run: RunKey, { order }: PipelineWork): Promise<void> {
  const before = state.runs[run];
  const isResumed = before?.status === 'running' || (before?.status === 'retry' && before.resume === true);
  const attempt = isResumed ? (before?.attempt ?? 1) : (before?.attempt ?? 0) + 1;
  const key = `${hold.id}.${run}.${attempt}`;
  const service = hold.context.pipelines[order.via];
  if (!isResumed) await observe(hold, [{ type: 'step-intended', run, attempt, bootId: '', storeId: '' }]);
  try {
    const found = isResumed ? await service.find(order, key, before?.startedAt ?? 0) : undefined;
    const { ref, url } = found ?? (await service.trigger(order, key));
    await observe(hold, [{ type: 'pipeline-triggered', run, attempt, ref, url }]);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const outcome = error.isUncertain ? 'unknown' : 'failed';
    await observe(hold, [
      { type: 'step-finished', run, attempt, result: { outcome, durationMs: 0, outputBytes: 0, why: error.message, advice: error.advice } },
    ]);
  }
}
