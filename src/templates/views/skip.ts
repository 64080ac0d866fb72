import type { View } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { views } from '../actions.ts';
import { plainText, section } from '../blocks.ts';
import { md } from '../escape.ts';
import { failures } from '../failures.ts';
import { input, menu } from './choice.ts';
import { modal } from './modal.ts';

/** Asks which run is passed over, and why: the inputs `run` and `reason`. */
export function skipView(state: State): View {
  const runs = failures(state).map(({ key, step, host }) => ({ value: key, label: `${step.id} ${step.name} on ${host}` }));
  const choice = menu('run', runs, runs[0]?.value ?? '');
  const reason = {
    type: 'input',
    block_id: 'reason',
    label: plainText('Reason', 2000),
    hint: plainText('Everybody reads it on the card and in the report.', 2000),
    element: { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: 1000 },
  };
  return modal({
    id: views.skip,
    title: `Skip a step`,
    about: { rollback: state.id },
    submit: 'Skip it',
    blocks: [
      section(md`The step is passed over as it is now, and the rest goes on. Whether the hosts run what was asked for is proven all the same.`),
      ...(choice ? [input('run', 'Step', choice)] : []),
      reason,
    ],
  });
}
