import type { StepResult } from '../../domain/event.ts';
import { PipelineError, type PipelineRef, type PipelineService } from '../../domain/pipeline.ts';
import type { RunKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import type { PipelineOrder, PipelineWork } from '../../domain/step.ts';
import { ReleaseError } from '../../releases/error.ts';
import { type Hold, observe } from './hold.ts';
import { newAttemptOf } from './intent.ts';
import { pipelineKey } from './receipt.ts';

/** Starts a pipeline's run once: the intent first, and after a crash in between a look for the run before anything is started. */
export async function triggerPipeline(hold: Hold, state: State, run: RunKey, { order }: PipelineWork): Promise<void> {
  const before = state.runs[run];
  const isResumed = before?.status === 'running' || (before?.status === 'retry' && before.resume === true);
  const attempt = isResumed ? (before?.attempt ?? 1) : newAttemptOf(state, run);
  const key = pipelineKey(hold.id, run, attempt);
  const service = hold.context.pipelines[order.via];
  if (!isResumed) await observe(hold, [{ type: 'step-intended', run, attempt, bootId: '', storeId: '' }]);
  try {
    const found = isResumed ? await lookedFor(service, order, key, before?.startedAt ?? 0) : undefined;
    const moved = found ? undefined : await movedTag(hold, state, order);
    if (moved) return await finished(hold, run, attempt, moved);
    const { ref, url } = found ?? (await triggered(service, order, key, hold.context.now()));
    await observe(hold, [{ type: 'pipeline-triggered', run, attempt, ref, url }]);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const outcome = error instanceof NotFoundOut ? 'errored' : error.isUncertain ? 'unknown' : 'failed';
    await finished(hold, run, attempt, { outcome, durationMs: 0, outputBytes: 0, why: hold.context.mask(error.message), advice: error.advice });
  }
}

const finished = async (hold: Hold, run: RunKey, attempt: number, result: StepResult): Promise<void> => {
  await observe(hold, [{ type: 'step-finished', run, attempt, result }]);
};

/** Nobody knows yet whether the run exists: Retry looks for it again, and starts nothing before it knows. */
class NotFoundOut extends PipelineError {}

async function lookedFor(service: PipelineService, order: PipelineOrder, key: string, sinceMs: number): Promise<PipelineRef | undefined> {
  try {
    return await service.find(order, key, sinceMs);
  } catch (error) {
    if (!(error instanceof PipelineError) || error.isUncertain) throw error;
    throw new NotFoundOut(error.message, error.advice, { cause: error });
  }
}

/** Starts the run; where the answer was lost, the run is looked for, and only what cannot be told is handed to people. */
async function triggered(service: PipelineService, order: PipelineOrder, key: string, sinceMs: number): Promise<PipelineRef> {
  try {
    return await service.trigger(order, key);
  } catch (lost) {
    if (!(lost instanceof PipelineError) || !lost.isUncertain) throw lost;
    const found = await service.find(order, key, sinceMs).catch((error: unknown) => {
      throw error instanceof PipelineError && error.isUncertain ? error : lost;
    });
    if (found) return found;
    throw lost;
  }
}

/** A pipeline deploys what the tag names now, so it must still name the commit that was approved. */
async function movedTag(hold: Hold, state: State, order: PipelineOrder): Promise<StepResult | undefined> {
  const target = state.outline?.target;
  if (order.via !== 'github' || !target || order.ref !== target.tag) return undefined;
  const system = hold.context.systems[state.system];
  if (!system) return undefined;
  const mirror = hold.context.mirror(system);
  try {
    await mirror.fetch();
    const { commit } = await mirror.resolve(order.ref);
    if (commit === target.commit) return undefined;
    const why = `the tag ${order.ref} was moved from ${target.commit.slice(0, 12)} to ${commit.slice(0, 12)} after the approval`;
    return { outcome: 'drifted', durationMs: 0, outputBytes: 0, why, advice: 'Put the tag back, or ask for the rollback anew.' };
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return { outcome: 'failed', durationMs: 0, outputBytes: 0, why: error.message, advice: error.advice };
  }
}
