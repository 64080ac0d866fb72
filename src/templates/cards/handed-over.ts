import { showSteps } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { escaped, md } from '../escape.ts';
import { whatFailed } from '../failures.ts';
import { subject } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { truths } from '../hosts.ts';
import { signatureLines } from '../signing.ts';
import { dateTime } from '../times.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** An undo has taken over: what this rollback left behind, and where to look now. */
export function handedOver(view: MessagesView): Said {
  const { state, now } = view;
  const to = state.handedTo ?? 'its undo';
  return {
    title: `${state.id} was handed over to ${to}, which puts it back`,
    lines: [
      ...haltLines(view),
      md`${escaped(subject(state))} does nothing more${state.endedAt === undefined ? md`` : md` since ${dateTime(state.endedAt)}`}. What the hosts run now is on the card of *${escaped(to)}*.`,
      md`*When it was handed over:* ${affected(state, state.endedAt ?? now)}`,
      ...truths(state),
      ...whatFailed(state),
      ...signatureLines(view),
    ],
    buttons: [...haltButtons(state), showSteps(state)],
    notes: [approvedBy(view)],
  };
}
