import type { Outline } from '../../domain/plan.ts';
import { firstOf } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';

/** What no undo brings back, by the plan and its steps, each once. */
export const lost = ({ cannotUndo, phases }: Outline): string[] => [
  ...new Set([...cannotUndo, ...phases.flatMap((phase) => phase.steps).flatMap((step) => (step.cannotUndo === undefined ? [] : [step.cannotUndo]))]),
];

/** What cannot be undone, to be said before all else; undefined when there is nothing. */
export function lostLine(outline: Outline): Mrkdwn | undefined {
  const all = lost(outline).map((what) => escaped(what));
  if (all.length === 0) return undefined;
  return md`⚠ *${outline.undoes ? md`Cannot come back` : md`Cannot be undone`}:* ${firstOf(all, 10, '; ')}.`;
}

/** What the checks found; on one line with `nothing is lost` where both are nothing. */
export function checkLines(outline: Outline): Mrkdwn[] {
  const nothing = lost(outline).length > 0 ? md`` : outline.undoes ? md`*Cannot come back:* nothing. ` : md`*Cannot be undone:* nothing. `;
  const { warnings } = outline;
  if (warnings.length === 0) return [md`${nothing}*Checks:* OK.`];
  const counted = warnings.length === 1 ? md`1 warning` : md`${warnings.length} warnings`;
  return [md`${nothing}*Checks:* ${counted}`, ...warnings.map((warning) => md`• ⚠ ${escaped(warning)}`)];
}
