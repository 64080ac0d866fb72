import type { Block, View } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { views } from '../actions.ts';
import { plainText, section } from '../blocks.ts';
import { escaped, md } from '../escape.ts';
import { subject } from '../goal.ts';
import { modal } from './modal.ts';

/** Asks whoever may start it alone for the system's name and a reason: the inputs `system` and `reason`. */
export function overrideView(state: State): View {
  const what = md`${escaped(subject(state))} starts at once, without an approval, on your word alone. Everybody who approves is told, with your reason, and someone else of them has to review it afterwards.`;
  return modal({
    id: views.override,
    title: `Start ${state.id} alone`,
    about: { rollback: state.id, digest: state.digest },
    submit: 'Start it alone',
    blocks: [
      section(what),
      text('system', `Type the name of the system: ${state.system}`, 'So that it is no slip of the hand.', false, 100),
      text('reason', 'Why can it not wait?', 'Those who approve read it, and the report has it.', true, 1000),
    ],
  });
}

/** Asks what came of the review: the input `note`. */
export function reviewView(state: State): View {
  const open = state.overrides.filter((one) => one.review === undefined);
  const lines = open.map(({ by, reason }) => md`${escaped(by.name)} started ${escaped(state.id)} without an approval: “${escaped(reason)}”.`);
  const note = text('note', 'What came of the review?', 'The card and the report have it.', true, 1000);
  return modal({
    id: views.review,
    title: `Review of ${state.id}`,
    about: { rollback: state.id },
    submit: 'Close review',
    blocks: [...lines.map(section), note],
  });
}

const text = (name: string, label: string, hint: string, multiline: boolean, max: number): Block => ({
  type: 'input',
  block_id: name,
  label: plainText(label, 2000),
  hint: plainText(hint, 2000),
  element: { type: 'plain_text_input', action_id: name, multiline, max_length: max },
});
