import { putBack, report, showSteps } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { whatFailed } from '../failures.ts';
import { askAgain, undone, version } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { productionNow, truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { isUndoable } from '../putback.ts';
import { signatureLines } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** Ended without proof, because somebody decided to leave it as it is. */
export function left(view: MessagesView): Said {
  const { state, now, mentions } = view;
  const canPutBack = isUndoable(state);
  const puts = canPutBack ? md` *Put back…* shows a plan that restores what it changed.` : md``;
  return {
    title: `${state.id} was left as it is: ${productionNow(state)}`,
    lines: [
      ...haltLines(view),
      md`It is not complete: ${unproven(view)}. ${state.closedBy ? md`Decided by ${actor(state.closedBy, mentions)}.` : md``}`,
      affected(state, state.endedAt ?? now),
      ...truths(state),
      ...whatFailed(state),
      ...signatureLines(view),
      md`To try again: ${escaped(askAgain(state))}${puts}`,
    ],
    buttons: [...(canPutBack ? [putBack(state)] : []), ...haltButtons(state), showSteps(state), report(state)],
    notes: [approvedBy(view)],
  };
}

function unproven({ state }: MessagesView): Mrkdwn {
  const back = undone(state);
  if (back !== undefined) return md`${escaped(back)} is not proven to be put back`;
  return md`${escaped(version(state) ?? 'its end')} is not proven`;
}
