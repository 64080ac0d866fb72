import { badRuns } from '../../domain/fold.ts';
import { next } from '../../domain/next.ts';
import { canonical, type RunKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import type { Context } from '../context.ts';
import { type Hold, loaded, observe } from './hold.ts';
import { pollPipelines } from './poll.ts';
import { proveHosts, seenHosts } from './prove.ts';
import { runStep } from './run.ts';

/**
 * Does what the state says is next, until the phase ends, a person must decide, or a pipeline is waited for.
 * Throws FencedError when a newer worker has taken over.
 */
export async function advance(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const state = await context.log.load(id);
  if (!state || ['nothing', 'stop'].includes(next(state).do)) return; // a stop is another queue's, and must not be fenced by this one
  if (next(state).do === 'poll') return pollPipelines(context, id, signal);
  await checkApproved(context, await loaded({ context, id }));
  const token = await context.log.newToken();
  const hold: Hold = { context, id, token, signal };
  await observe(hold, [{ type: 'taken', token, worker: context.worker }]);
  await work(hold);
}

/** What orders the work travels in events, what is approved is the plan: they must be one. Throws when they are not. */
async function checkApproved(context: Context, state: State): Promise<void> {
  const plan = await context.plans.load(state.id, state.digest ?? '');
  if (canonical(plan.outline) !== canonical(state.outline))
    throw new Error(`the outline of ${state.id} in its log is not that of the approved plan: it was changed`);
}

async function work(hold: Hold): Promise<void> {
  for (;;) {
    const state = await loaded(hold);
    const todo = next(state);
    switch (todo.do) {
      case 'start-phase':
        await observe(hold, [{ type: 'phase-started', phase: todo.phase }]);
        break;
      case 'steps':
        await runSteps(hold, todo.runs);
        break;
      case 'end-phase':
        await observe(hold, [{ type: 'phase-ended', phase: todo.phase }]);
        return; // the next phase's job follows from this event
      case 'trouble':
        await observe(hold, [...(await seenHosts(hold, state)), { type: 'trouble', where: 'step', what: badRuns(state).join(', ') }]);
        return;
      case 'start-proof':
        await observe(hold, [{ type: 'proof-started' }]);
        return;
      case 'prove':
        await proveHosts(hold, state);
        return;
      default:
        return;
    }
  }
}

/** Runs these and whatever becomes ready on their hosts meanwhile, each host at its own pace. */
async function runSteps(hold: Hold, ready: readonly RunKey[]): Promise<void> {
  const underWay = new Map<RunKey, Promise<void>>();
  const begin = (runs: readonly RunKey[]): void => {
    for (const run of runs)
      if (!underWay.has(run))
        underWay.set(
          run,
          runStep(hold, run).finally(() => underWay.delete(run)),
        );
  };
  begin(ready);
  try {
    while (underWay.size > 0) {
      await Promise.race(underWay.values());
      const todo = next(await loaded(hold));
      if (todo.do === 'steps') begin(todo.runs);
    }
  } finally {
    await Promise.allSettled(underWay.values());
  }
}
