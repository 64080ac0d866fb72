import { BOT, type OutlineStep, type RunKey, runKey } from '../domain/plan.ts';
import type { State, StepRun } from '../domain/state.ts';

/** One step on one host as planned, with how it goes; `run` is absent until it was begun. */
export interface PlannedRun {
  readonly key: RunKey;
  readonly phase: number;
  readonly step: OutlineStep;
  readonly host: string;
  readonly run: StepRun | undefined;
}

/** Every run of the plan in the order of the runbook. */
export function runsOf(state: State, phase?: number): PlannedRun[] {
  return (state.outline?.phases ?? []).flatMap((one, i) =>
    phase !== undefined && i !== phase ? [] : one.steps.flatMap((step) => ofStep(state, i, step)),
  );
}

function ofStep(state: State, phase: number, step: OutlineStep): PlannedRun[] {
  const hosts = step.hosts.length > 0 ? step.hosts : [BOT];
  return hosts.map((host) => {
    const key = runKey(step.id, host);
    return { key, phase, step, host, run: state.runs[key] };
  });
}

/** How many of the plan's runs are done, of how many. */
export function counts(state: State, isCounted: (run: PlannedRun) => boolean = () => true): { done: number; all: number } {
  const runs = runsOf(state).filter(isCounted);
  return { done: runs.filter((run) => run.run?.status === 'done').length, all: runs.length };
}

/** Runs of the runbook's own commands, which are its tests and validations. */
export const isTest = (run: PlannedRun): boolean => run.step.kind === 'run';
