import { isBad } from './fold.ts';
import { type RunKey, runKey, type Stage } from './plan.ts';
import type { State, StepRun } from './state.ts';

/** What a worker should do next with a rollback. */
export type Next =
  | { readonly do: 'start-phase'; readonly phase: number }
  | { readonly do: 'steps'; readonly runs: readonly RunKey[] }
  /** Pipelines are running; look again in a while. Runs that a person was asked for are waited for without a job. */
  | { readonly do: 'poll'; readonly runs: readonly RunKey[] }
  | { readonly do: 'end-phase'; readonly phase: number }
  | { readonly do: 'trouble' }
  | { readonly do: 'start-proof' }
  | { readonly do: 'prove' }
  /** What was begun on the hosts is to be ended. */
  | { readonly do: 'stop' }
  | { readonly do: 'nothing' };

/** The next piece of work, a pure function of the state. */
export function next(state: State): Next {
  if (state.status === 'stopping') return { do: 'stop' };
  if (state.status === 'proving') return { do: 'prove' };
  if (state.status !== 'running' || !state.outline) return { do: 'nothing' };
  if (Object.values(state.runs).some(isBad)) return settling(state);
  const phase = state.outline.phases.findIndex((_, i) => state.phases[i]?.endedAt === undefined);
  if (phase < 0) return { do: 'start-proof' };
  if (state.phases[phase]?.startedAt === undefined) return { do: 'start-phase', phase };
  const stage = state.outline.stages.find((candidate) => candidate.phase === phase && !isThrough(state, candidate));
  return stage ? inStage(state, stage) : { do: 'end-phase', phase };
}

/** The runs that a stage has ready: on each host the first step that is not done. */
function inStage(state: State, stage: Stage): Next {
  const open = stage.hosts.flatMap((host) => {
    const step = stage.steps.find((id) => !isBehind(state.runs[runKey(id, host)]));
    return step === undefined ? [] : [runKey(step, host)];
  });
  const triggered = open.filter((run) => state.runs[run]?.status === 'triggered');
  const ready = open.filter((run) => !triggered.includes(run) && state.runs[run]?.status !== 'asked');
  if (ready.length > 0) return { do: 'steps', runs: ready };
  return triggered.length > 0 ? { do: 'poll', runs: triggered } : { do: 'nothing' };
}

const isThrough = (state: State, stage: Stage): boolean =>
  stage.hosts.every((host) => stage.steps.every((step) => isBehind(state.runs[runKey(step, host)])));

/** Done, or passed over by a person. */
export const isBehind = (run: StepRun | undefined): boolean => run?.status === 'done' || run?.status === 'skipped';

/** After a failure nothing new is begun; what was begun is followed to its end, and then people are asked. */
function settling(state: State): Next {
  const inStatus = (status: StepRun['status']) => (Object.keys(state.runs) as RunKey[]).filter((key) => state.runs[key]?.status === status);
  const [begun, triggered] = [[...inStatus('running'), ...inStatus('retry')], inStatus('triggered')];
  if (begun.length > 0) return { do: 'steps', runs: begun };
  return triggered.length > 0 ? { do: 'poll', runs: triggered } : { do: 'trouble' };
}
