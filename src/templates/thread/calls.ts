import { type Call, calls } from '../../domain/calls.ts';
import type { Message } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { headline } from '../goal.ts';
import { actor, named } from '../people.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';
import { howOnce } from './trouble.ts';

/** The approvers are reminded, then the next one is called; each once, as long as the request waits. */
export function callMessages(view: MessagesView): Message[] {
  return calls(view.state)
    .filter(({ at }) => at <= view.now)
    .map((call) => callMessage(view, call));
}

function callMessage(view: MessagesView, { kind, to, at }: Call): Message {
  const { state, mentions } = view;
  const what = escaped(headline(state));
  const line =
    kind === 'remind'
      ? md`${named(to, mentions)}: ${escaped(state.id)} still waits for you. ${what}. Approve or Reject stands on the card.`
      : md`${named(to, mentions)}: ${silence(state)} of ${escaped(state.outline?.policy.by ?? '')} has answered. ${what}. You may approve it now too, on the card.`;
  return { ...inThread(view, `${kind}-${state.plannedAt}`, { lines: [line] }, { live: false }), dueAt: at };
}

function silence({ approvals, outline }: State): Mrkdwn {
  if (approvals.length === 0) return md`nobody`;
  return md`${approvals.length} of ${outline?.policy.count ?? 1} approvals ${approvals.length === 1 ? md`is` : md`are`} given, and nobody else`;
}

/** Everybody who approves is told at once that somebody did without them. */
export function overrideMessage(view: MessagesView): Message[] {
  const { state, mentions } = view;
  return state.overrides.map(({ by, reason, at }) => {
    const line = md`${named(state.outline?.policy.by ?? '', mentions)}: ${actor(by, mentions)} has started ${escaped(state.id)} *without an approval*, since nobody answered: “${escaped(reason)}”. Someone else of you is asked to review that; *Close review…* stands on the card.`;
    return inThread(view, `override-${at}`, { lines: [line] }, howOnce(state, `override-${at}`));
  });
}
