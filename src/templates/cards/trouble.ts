import { isReadable } from '../../domain/decisions/trouble.ts';
import type { State } from '../../domain/state.ts';
import { actions, nth, putBack, showSteps, skip } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Button, Said } from '../blocks.ts';
import { md } from '../escape.ts';
import { adviceLines, badHosts, decidedBy, failures, skippedLines, whatFailed } from '../failures.ts';
import { productionNow, stoppedHosts, truths } from '../hosts.ts';
import { isUndoable } from '../putback.ts';
import { signatureLines, signButtons } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** More hosts than this are retried together: a row of buttons is read at a glance or not at all. */
const maxRetries = 4;

/** It cannot go on by itself: the state of production first, then what failed, then what can be done. */
export function trouble(view: MessagesView): Said {
  const { state, now } = view;
  return {
    title: `${state.id} needs a decision: ${productionNow(state)}`,
    lines: [
      ...(stoppedHosts(state).length > 0 ? [affected(state, now)] : []),
      ...truths(state),
      ...whatFailed(state),
      ...skippedLines(state),
      ...adviceLines(state),
      ...(isReadable(state)
        ? [md`*Read again* makes a new plan of what is there now, shows what differs, and asks for approval again. Nothing was changed yet.`]
        : []),
      md`${decidedBy(view)} can decide.${failures(state).some(({ run }) => (run?.result?.outputBytes ?? 0) > 0) ? md` The thread has the last lines of the output.` : md``}`,
      ...signatureLines(view),
    ],
    buttons: [
      ...(isReadable(state) ? [readAgain(state)] : []),
      ...retries(state),
      ...(state.outline?.policy.skip !== undefined && failures(state).length > 0 ? [skip(state)] : []),
      ...(isUndoable(state) ? [putBack(state)] : []),
      leave(state),
      showSteps(state),
      ...signButtons(state),
    ],
    notes: [approvedBy(view)],
  };
}

const readAgain = (state: State): Button => ({ action: actions.readAgain, label: 'Read again', value: { rollback: state.id }, style: 'primary' });

/** Retry, and where more than one host is in trouble a Retry for each. */
function retries(state: State): Button[] {
  const hosts = badHosts(state);
  const one = hosts.length > 1 ? hosts.slice(0, maxRetries) : [];
  return [
    { action: actions.retry, label: one.length > 0 ? 'Retry all' : 'Retry', value: { rollback: state.id }, style: 'primary' },
    ...one.map((host, i) => ({ action: nth(actions.retryHost, i), label: `Retry ${host}`, value: { rollback: state.id, host } })),
  ];
}

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
