import { signerOf } from '../../domain/decisions/trouble.ts';
import type { View } from '../../domain/message.ts';
import type { RunKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import { views } from '../actions.ts';
import { section } from '../blocks.ts';
import { chunks } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { subject } from '../goal.ts';
import { numberLines } from '../results.ts';
import { dateTime } from '../times.ts';
import { modal } from './modal.ts';

/** The measured numbers, to be signed as they are. Without Sign when there is nothing to sign there, or it is done. */
export function signView(state: State, run: RunKey): View {
  const signature = state.signatures.find((one) => one.run === run);
  const about = { rollback: state.id, run };
  const title = `Sign ${state.id}`;
  if (!signature) return modal({ id: views.sign, title, about, blocks: [section(md`There are no numbers to sign.`)] });
  const lines = [
    md`Measured ${dateTime(signature.askedAt)}, at the end of ${escaped(subject(state))}:`,
    ...numberLines(signature.numbers),
    who(state, run),
  ];
  const isOpen = signature.by === undefined;
  return modal({ id: views.sign, title, about, ...(isOpen && { submit: 'Sign' }), blocks: chunks(lines, 3000, 12_000).map(section) });
}

function who(state: State, run: RunKey): Mrkdwn {
  const by = state.signatures.find((one) => one.run === run)?.by;
  if (by) return md`Signed by ${escaped(by.name)}.`;
  return md`To be signed by ${escaped(signerOf(state, run))}. A signature says that a person has seen these numbers and accepts them.`;
}
