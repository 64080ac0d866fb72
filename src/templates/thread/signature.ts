import type { Message } from '../../domain/message.ts';
import type { Signature } from '../../domain/state.ts';
import { numberLines, signatureLine } from '../results.ts';
import { signButton } from '../signing.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

/** The numbers somebody is asked to sign. Kept true, so that the button goes once they are signed. */
export function signature(view: MessagesView, one: Signature): Message {
  const lines = [signatureLine(view.state, one, view.mentions), ...numberLines(one.numbers)];
  return inThread(view, `signature:${one.run}`, { lines, buttons: one.by ? [] : [signButton(view.state, one)] }, { live: true });
}
