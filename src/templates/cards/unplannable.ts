import type { PlanProblem } from '../../domain/plan.ts';
import type { Said } from '../blocks.ts';
import { counted } from '../cut.ts';
import { escaped, joined, type Mrkdwn, md } from '../escape.ts';
import { askAgain, subject } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { actor } from '../people.ts';
import type { MessagesView } from '../view.ts';

/** Why it cannot be done: everything that was found, where, and what mends it. */
export function unplannable(view: MessagesView): Said {
  const { state, mentions } = view;
  const { problems } = state;
  return {
    title: `${state.id} cannot be done yet: ${subject(state)}`,
    lines: [
      ...haltLines(view),
      md`${counted(problems.length, 'problem')} found, nothing was changed. Asked by ${actor(state.requester, mentions)}.`,
      ...problems.map(problemLine),
      md`When it is mended, ask again: ${escaped(askAgain(state))}`,
    ],
    buttons: haltButtons(state),
    notes: [escaped(state.id)],
  };
}

/** `• dev-1 step 5: the backup is missing → mend it`: where, what, and the mend. */
function problemLine({ host, step, what, advice }: PlanProblem): Mrkdwn {
  const place = joined([host === undefined ? undefined : md`*${escaped(host)}*`, step === undefined ? undefined : md`step ${escaped(step)}`]);
  return md`• ${place}${place === '' ? md`` : md`: `}${escaped(what)} → ${escaped(advice)}`;
}
