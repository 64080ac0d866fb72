import type { View } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { views } from '../actions.ts';
import { plainText, section } from '../blocks.ts';
import { escaped, md } from '../escape.ts';
import { subject } from '../goal.ts';
import { modal } from './modal.ts';

/** Asks an approver why not; the answer is the input `reason` of the block `reason`. */
export function rejectView(state: State): View {
  const what = md`${escaped(subject(state))}, asked by ${escaped(state.requester.name)}. Nothing has been changed.`;
  const reason = {
    type: 'input',
    block_id: 'reason',
    label: plainText('Reason', 2000),
    hint: plainText('The requester and the channel read it on the card.', 2000),
    element: { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: 1000 },
  };
  return modal({ id: views.reject, title: `Reject ${state.id}`, about: { rollback: state.id }, submit: 'Reject', blocks: [section(what), reason] });
}
