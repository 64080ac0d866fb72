import { formatDuration } from './duration.ts';
import { affectedMs } from './owed.ts';
import { type Outline, type OutlinePhase, type Plan, type RunKey, runKey, type Stage } from './plan.ts';
import type { State } from './state.ts';
import type { PipelineWork, ShellWork, Work } from './step.ts';

/** What a person chose to put back: everything, one phase, or one step; on all hosts or on one. */
export interface Scope {
  readonly of: 'all' | { readonly phase: number } | { readonly step: string };
  readonly host?: string;
}

/** The runs of a scope that have begun and can be put back, latest first. */
export function runsToUndo(state: State, scope: Scope): RunKey[] {
  const phases = state.outline?.phases ?? [];
  const runs = phases.flatMap((phase, index) =>
    isPhaseMeant(scope, index)
      ? phase.steps.filter((step) => step.undoable && isStepMeant(scope, step.id)).flatMap((step) => begunRuns(state, step))
      : [],
  );
  return runs.filter((run) => scope.host === undefined || run.endsWith(`@${scope.host}`)).reverse();
}

const isPhaseMeant = ({ of }: Scope, index: number): boolean => of === 'all' || !('phase' in of) || of.phase === index;
const isStepMeant = ({ of }: Scope, id: string): boolean => of === 'all' || !('step' in of) || of.step === id;

const begunRuns = (state: State, step: OutlinePhase['steps'][number]): RunKey[] =>
  step.hosts.map((host) => runKey(step.id, host)).filter((run) => state.runs[run] !== undefined);

/** `all`, `phase 4, on prod-2`, `step 11.2`: a scope as people call it. */
export function scopeText({ of, host }: Scope): string {
  const what = of === 'all' ? 'all' : 'phase' in of ? `phase ${of.phase + 1}` : `step ${of.step}`;
  return host === undefined ? what : `${what}, on ${host}`;
}

/** The work that takes a work back; undefined where there is none. Pure. */
export function undoOf(work: Work): ShellWork | PipelineWork | undefined {
  if (work.type === 'pipeline') return work.back && { type: 'pipeline', order: work.back, from: work.to, to: work.from, timeoutMs: work.timeoutMs };
  if (work.type !== 'shell' || work.restore === undefined) return undefined;
  return {
    type: 'shell',
    command: work.restore,
    from: work.to,
    to: work.from,
    timeoutMs: work.timeoutMs,
    ...(work.serving ? { serving: work.serving === 'stopped' ? ('running' as const) : ('stopped' as const) } : {}),
  };
}

/** The phases of an undo: those of its rollback from last to first, each with its steps from last to first, where they have begun. */
export function undoPhases(outline: Outline, runs: readonly RunKey[]): OutlinePhase[] {
  return outline.phases
    .map((phase) => ({
      name: `Put back: ${phase.name}`,
      estimateMs: 0,
      steps: phase.steps.toReversed().flatMap((step) => {
        const hosts = step.hosts.filter((host) => runs.includes(runKey(step.id, host)));
        if (hosts.length === 0) return [];
        const { cannotUndo: _over, undoable: _not, serving, ...rest } = step;
        return [
          {
            ...rest,
            name: `Put back: ${step.name}`,
            hosts,
            ...(serving ? { serving: serving === 'stopped' ? ('running' as const) : ('stopped' as const) } : {}),
          },
        ];
      }),
    }))
    .filter((phase) => phase.steps.length > 0)
    .reverse();
}

/**
 * The stages of an undo: those of its rollback from last to first, so that the batch which was changed last, and may be down, is back before any other
 * is touched. Hosts of a batch that got less far go before its others.
 */
export function undoStages(outline: Outline, runs: readonly RunKey[]): Stage[] {
  const stages = outline.stages.toReversed().flatMap((stage) => alike(stage, runs));
  const phases = [...new Set(stages.map(({ phase }) => phase))];
  return stages.map((stage) => ({ ...stage, phase: phases.indexOf(stage.phase) }));
}

/** The hosts of a stage by what has begun on them, its steps from last to first. */
function alike({ phase, hosts, steps }: Stage, runs: readonly RunKey[]): Stage[] {
  const groups = new Map<string, Stage>();
  for (const host of hosts) {
    const begun = steps.toReversed().filter((step) => runs.includes(runKey(step, host)));
    const key = JSON.stringify(begun);
    if (begun.length > 0) groups.set(key, { phase, hosts: [...(groups.get(key)?.hosts ?? []), host], steps: begun });
  }
  return [...groups.values()].sort((a, b) => a.steps.length - b.steps.length);
}

/** The work of an undo, by the same run keys. */
export const undoWork = (plan: Plan, runs: readonly RunKey[]): Record<RunKey, Work> =>
  Object.fromEntries(
    runs.flatMap((run) => {
      const work = plan.work[run];
      const back = work && undoOf(work);
      return back ? [[run, back]] : [];
    }),
  );

/** What no undo brings back, for its card: said first. What only a step that never began would have lost is not lost. */
export function notBroughtBack(state: State, now: number): string[] {
  const steps = (state.outline?.phases ?? []).flatMap((phase) => phase.steps);
  const begun = steps.filter((step) => step.hosts.some((host) => state.runs[runKey(step.id, host)]));
  const always = (state.outline?.cannotUndo ?? []).filter((what) => !steps.some((step) => step.cannotUndo === what));
  const downMs = affectedMs(state, state.status === 'handed-over' ? (state.endedAt ?? now) : now); // from then on its undo is at work there
  const served = state.outline?.hosts.some((host) => host.production) ? 'production' : 'the system';
  const told = Object.keys(state.messages).filter((key) => key.includes(':')).length;
  return [
    ...new Set([
      ...(downMs === undefined ? [] : [`${served} was without for ${formatDuration(downMs)}`]),
      ...(told > 0 ? [`${told} ${told === 1 ? 'message that was' : 'messages that were'} sent`] : []),
      ...begun.flatMap((step) => (step.cannotUndo === undefined ? [] : [step.cannotUndo])),
      ...always,
    ]),
  ];
}
