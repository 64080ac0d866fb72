import type { State } from '../../domain/state.ts';
import { actions, showSteps } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Button, Said } from '../blocks.ts';
import { md } from '../escape.ts';
import { adviceLines, decidedBy, failures, whatFailed } from '../failures.ts';
import { productionNow, stoppedHosts, truths } from '../hosts.ts';
import { signatureLines, signButtons } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** It cannot go on by itself: the state of production first, then what failed, then what can be done. */
export function trouble(view: MessagesView): Said {
  const { state, now } = view;
  return {
    title: `${state.id} needs a decision: ${productionNow(state)}`,
    lines: [
      ...(stoppedHosts(state).length > 0 ? [affected(state, now)] : []),
      ...truths(state),
      ...whatFailed(state),
      ...adviceLines(state),
      md`${decidedBy(view)} can decide.${failures(state).length > 0 ? md` The thread has the last lines of the output.` : md``}`,
      ...signatureLines(view),
    ],
    buttons: [retry(state), leave(state), showSteps(state), ...signButtons(state)],
    notes: [approvedBy(view)],
  };
}

const retry = (state: State): Button => ({ action: actions.retry, label: 'Retry', value: { rollback: state.id }, style: 'primary' });

const leave = (state: State): Button => ({
  action: actions.leave,
  label: 'Leave as is',
  value: { rollback: state.id },
  style: 'danger',
  confirm: {
    title: `Leave ${state.id} as it is?`,
    text: `${sentence(productionNow(state))} Nothing more is done and nothing is put back. ${state.id} ends here.`,
    yes: 'Leave as is',
    no: 'Go back',
  },
});

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
