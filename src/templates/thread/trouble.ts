import type { Message } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { affected } from '../answers.ts';
import { bold, escaped, type Mrkdwn, md } from '../escape.ts';
import { adviceLines, decidedBy, failureLine, failures, whatFailed } from '../failures.ts';
import { tail } from '../fence.ts';
import { prefix } from '../goal.ts';
import { productionNow, stoppedHosts, truths } from '../hosts.ts';
import { runName } from '../progress.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

// At most six messages stand in the channel itself: card, initial and completion notice, and so many troubles.
const maxBroadcasts = 3;

/** One trouble, said once in the thread and shown to the channel: production first, what failed, its last lines, what to do. */
export function trouble(view: MessagesView): Message {
  const { state, now } = view;
  const key = troubleKey(state);
  const lines = [
    bold(md`${escaped(prefix(state))}${prefix(state) === '' ? md`` : md` `}${escaped(state.id)} needs a decision: ${escaped(productionNow(state))}`),
    ...(stoppedHosts(state).length > 0 ? [affected(state, now)] : []),
    ...truths(state),
    ...told(view),
    ...adviceLines(state),
    md`${decidedBy(view)}: please decide on the card.`,
  ];
  const earlier = Object.keys(state.messages).filter((other) => other.startsWith('trouble-') && other !== key).length;
  return inThread(view, key, { lines }, earlier < maxBroadcasts ? { live: false, broadcast: true } : { live: false });
}

/** The key of the message for the trouble the state is in. */
export const troubleKey = (state: State): string => `trouble-${state.trouble?.at ?? 0}`;

function told({ state, outputs }: MessagesView): Mrkdwn[] {
  const bad = failures(state);
  if (state.trouble?.where === 'proof' || bad.length === 0) return whatFailed(state);
  return bad.slice(0, 4).flatMap((planned) => {
    const output = Object.hasOwn(outputs, planned.key) ? tail(outputs[planned.key] ?? '', 20, 2000) : undefined;
    return [failureLine(planned), ...(output ? [md`Last lines of ${runName(planned)}:`, output] : [])];
  });
}
