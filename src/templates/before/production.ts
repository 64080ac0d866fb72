import type { Outline, OutlinePhase, OutlineStep } from '../../domain/plan.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { isLooking } from '../hosts.ts';
import { lasting } from '../times.ts';

/** Whether a step is known to change a host. A `run` may, but what it runs are mostly tests; putting back changes always. */
const changes = ({ undoes }: Outline, step: OutlineStep): boolean =>
  undoes !== undefined || step.serving !== undefined || step.type === 'pipeline' || step.undoable === true;

/** When production is changed, counted by the estimates of the phases before; undefined where the plan has no production or nobody can tell. */
export function productionLine(outline: Outline): Mrkdwn | undefined {
  const isProduction = (name: string): boolean => outline.hosts.some((host) => host.name === name && host.production);
  if (!outline.hosts.some((host) => host.production)) return undefined;
  const index = outline.phases.findIndex(({ steps }) => steps.some((step) => changes(outline, step) && step.hosts.some(isProduction)));
  if (index < 0) return isOnlyLookedAt(outline, isProduction) ? md`Production is not changed, only looked at.` : undefined;
  const before = outline.phases.slice(0, index);
  const isFirst = !before.some(({ steps }) => steps.some((step) => changes(outline, step) && step.hosts.length > 0));
  const place = md`in phase ${index + 1} of ${outline.phases.length} (${escaped(outline.phases[index]?.name ?? '')})`;
  return isFirst
    ? first(outline, place, before)
    : md`*Production is changed* ${place}, ${hasEstimate(before) ? md`after ~${estimates(before)} of development work by the estimates` : md`after the other hosts`}.`;
}

/** Where other hosts come after it, that is worth a word: the document's own order has it last. */
function first(outline: Outline, place: Mrkdwn, before: readonly OutlinePhase[]): Mrkdwn {
  const others = outline.hosts.some((host) => !host.production);
  const after = hasEstimate(before) ? md`, after ~${estimates(before)} by the estimates` : md``;
  return md`*Production is changed${others ? md` first` : md``}* ${place}${after}.`;
}

const hasEstimate = (phases: readonly OutlinePhase[]): boolean => phases.some((phase) => phase.estimateMs > 0);
const estimates = (phases: readonly OutlinePhase[]): Mrkdwn => lasting(phases.reduce((sum, phase) => sum + phase.estimateMs, 0));

const isOnlyLookedAt = (outline: Outline, isProduction: (name: string) => boolean): boolean =>
  outline.phases.every(({ steps }) => steps.every((step) => isLooking(step) || !step.hosts.some(isProduction)));
