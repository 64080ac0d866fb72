import type { Message } from '../domain/message.ts';
import { owed } from '../domain/owed.ts';
import type { State } from '../domain/state.ts';
import { card } from './card.ts';
import { notice } from './notices/notice.ts';
import { hasReport } from './report.ts';
import { audit, hasAudit } from './thread/audit.ts';
import { callMessages, overrideMessage } from './thread/calls.ts';
import { phase } from './thread/phase.ts';
import { hasProof, proof } from './thread/proof.ts';
import { report } from './thread/report.ts';
import { signature } from './thread/signature.ts';
import { trouble, troubleKey } from './thread/trouble.ts';
import type { MessagesView } from './view.ts';

export type { MessagesView } from './view.ts';

/**
 * Every message that should exist now, in the order in which they are to be posted: the card first, since the thread hangs on it.
 * Live ones always, the others until they are posted or dropped.
 */
export function messages(view: MessagesView): Message[] {
  const { state, now } = view;
  return [
    card(view),
    ...[...callMessages(view), ...overrideMessage(view)].filter(({ key }) => isNew(state, key)),
    ...state.phases.flatMap(({ startedAt }, i) => (startedAt === undefined ? [] : [phase(view, i)])),
    ...(state.status === 'trouble' && isNew(state, troubleKey(state)) ? [trouble(view)] : []),
    ...state.signatures.map((one) => signature(view, one)),
    ...(hasProof(state) ? [proof(view)] : []),
    ...(hasReport(state) ? [report(view)] : []),
    ...owed(state, now)
      .filter((item) => item.dueAt <= now)
      .map((item) => notice(view, item)),
    ...(hasAudit(state) && isNew(state, 'audit') ? [audit(view)] : []),
  ];
}

const isNew = (state: State, key: string): boolean => state.messages[key] === undefined && state.dropped[key] === undefined;
