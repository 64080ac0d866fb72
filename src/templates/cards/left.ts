import { showSteps } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { escaped, md } from '../escape.ts';
import { whatFailed } from '../failures.ts';
import { productionNow, truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { signatureLines } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** Ended without proof, because somebody decided to leave it as it is. */
export function left(view: MessagesView): Said {
  const { state, now, mentions } = view;
  return {
    title: `${state.id} was left as it is: ${productionNow(state)}`,
    lines: [
      md`It is not complete: ${escaped(state.version)} is not proven. ${state.closedBy ? md`Decided by ${actor(state.closedBy, mentions)}.` : md``}`,
      affected(state, state.endedAt ?? now),
      ...truths(state),
      ...whatFailed(state),
      ...signatureLines(view),
      md`To try again: ${escaped(`/rollback ${state.system} ${state.version}`)}`,
    ],
    buttons: [showSteps(state)],
    notes: [approvedBy(view)],
  };
}
