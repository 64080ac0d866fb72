import type { Message } from '../../domain/message.ts';
import { isEnded, type State } from '../../domain/state.ts';
import { code, escaped, md } from '../escape.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

/** How many hex digits of a seal are said: enough that nobody finds another log with the same. */
const said = 16;

/** How long the log is at the end, and its last seal: from then on Slack knows it too, and nobody who can write in Redis can change what happened unseen. */
export function audit(view: MessagesView): Message {
  const { id, seq, head = '' } = view.state;
  const seal = head.slice(0, said);
  const lines = [
    md`Audit: ${seq} entries, head ${code(seal)}`,
    md`Whether the log of ${escaped(id)} is still as it was: ${code(`rollback verify ${id} --head ${seal}`)}`,
  ];
  return inThread(view, 'audit', { lines }, { live: false });
}

/** Once it has ended; what an older bot wrote carries no seal. */
export const hasAudit = (state: State): boolean => isEnded(state) && state.head !== undefined;
