import { putBack, report, showSteps } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { cut } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { skippedLines, whatFailed } from '../failures.ts';
import { askAgain, undone, version } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { productionNow, truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { isUndoable } from '../putback.ts';
import { counts } from '../runs.ts';
import { signatureLines } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** Ended without proof, because somebody decided to leave it as it is, or stopped it. */
export function left(view: MessagesView): Said {
  const { state, now } = view;
  const { done, all } = counts(state);
  const canPutBack = isUndoable(state);
  const puts = canPutBack ? md` *Put back…* shows a plan that restores what it changed.` : md``;
  return {
    title: `${state.id} was ${state.status === 'stopped' ? 'stopped' : 'left as it is'}: ${productionNow(state)}`,
    lines: [
      ...haltLines(view),
      md`It is not complete: ${unproven(view)}. ${decision(view)}`,
      md`${done} of ${all} steps are done.`,
      affected(state, state.endedAt ?? now),
      ...truths(state),
      ...whatFailed(state),
      ...skippedLines(state),
      ...signatureLines(view),
      md`To try again: ${escaped(askAgain(state))}${puts}`,
    ],
    buttons: [...(canPutBack ? [putBack(state)] : []), ...haltButtons(state), showSteps(state), report(state)],
    notes: [approvedBy(view)],
  };
}

/** Who ended it, and why. */
function decision({ state, mentions }: MessagesView): Mrkdwn {
  const by = state.status === 'stopped' ? state.stop?.by : state.closedBy;
  const why = state.reason ? md`: ${cut(escaped(state.reason), 500)}` : md``;
  return by ? md`${state.status === 'stopped' ? md`Stopped` : md`Decided`} by ${actor(by, mentions)}${why}.` : md``;
}

function unproven({ state }: MessagesView): Mrkdwn {
  const back = undone(state);
  if (back !== undefined) return md`${escaped(back)} is not proven to be put back`;
  return md`${escaped(version(state) ?? 'its end')} is not proven`;
}
