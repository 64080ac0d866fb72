import { showSteps, stopHere } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { counted } from '../cut.ts';
import { md } from '../escape.ts';
import { truths } from '../hosts.ts';
import { tests } from '../results.ts';
import { counts } from '../runs.ts';
import { signatureLines, signButtons } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** All steps are done; every host is asked what it runs. */
export function proving(view: MessagesView): Said {
  const { state, now } = view;
  const said = tests(state);
  return {
    title: `${state.id}: ${counts(state).all === 0 ? '' : 'all steps done, '}hosts being proven`,
    lines: [
      md`${counted(state.outline?.hosts.length ?? 0, 'host')} to prove. It is complete only when all are.`,
      ...truths(state),
      affected(state, now),
      ...(said ? [said] : []),
      ...signatureLines(view),
      md`Nothing needed from you.`,
    ],
    buttons: [showSteps(state), stopHere(state), ...signButtons(state)],
    notes: [approvedBy(view)],
  };
}
