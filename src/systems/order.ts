import { isStep } from '../domain/runbook.ts';
import type { RunbookPhase, RunbookStep } from '../domain/system.ts';

/**
 * A runbook's steps in another order. Steps that stay together are a phase of their old name, with their share of its estimate by number, so that the
 * total stays; where a phase comes again its name says so. Every step must be meant by exactly one of `ids`.
 */
export function reordered(runbook: readonly RunbookPhase[], ids: readonly string[]): RunbookPhase[] {
  const placed = runbook.flatMap((phase) => phase.steps.map((step) => ({ phase, step })));
  const groups: Group[] = [];
  for (const { phase, step } of ids.flatMap((id) => placed.filter((one) => isStep(one.step.id, id)))) {
    const last = groups.at(-1);
    if (last?.phase === phase) last.steps.push(step);
    else groups.push({ phase, steps: [step], again: groups.some((group) => group.phase === phase) });
  }
  return groups.map(({ phase, steps, again }, i) => ({
    ...phase,
    name: again ? `${phase.name} (continued)` : phase.name,
    estimateMs: shareOf(groups, i),
    steps,
  }));
}

interface Group {
  readonly phase: RunbookPhase;
  readonly steps: RunbookStep[];
  readonly again: boolean;
}

/** Counted from the phase's beginning, so that what rounding takes from one part is in the next. */
function shareOf(groups: readonly Group[], index: number): number {
  const { phase, steps } = groups[index] as Group;
  const before = groups.slice(0, index).reduce((sum, group) => sum + (group.phase === phase ? group.steps.length : 0), 0);
  const until = (count: number) => Math.round((phase.estimateMs * count) / phase.steps.length);
  return until(before + steps.length) - until(before);
}
