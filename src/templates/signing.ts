import type { Signature, State } from '../domain/state.ts';
import { actions } from './actions.ts';
import type { Button } from './blocks.ts';
import type { Mrkdwn } from './escape.ts';
import { signatureLine, unsigned } from './results.ts';
import type { MessagesView } from './view.ts';

/** What is said about signatures, signed or not, one line each. */
export const signatureLines = ({ state, mentions }: MessagesView): Mrkdwn[] =>
  state.signatures.map((signature) => signatureLine(state, signature, mentions));

/** The button for the first numbers that nobody has signed; one only, since a message may hold an action once. */
export const signButtons = (state: State): Button[] =>
  unsigned(state)
    .slice(0, 1)
    .map((signature) => signButton(state, signature));

/** Opens the numbers for signing. */
export const signButton = (state: State, signature: Signature): Button => ({
  action: actions.sign,
  label: 'Sign the numbers',
  value: { rollback: state.id, run: signature.run },
});
