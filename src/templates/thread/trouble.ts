import type { Message } from '../../domain/message.ts';
import type { KeptOutput } from '../../domain/output.ts';
import type { State } from '../../domain/state.ts';
import { affected } from '../answers.ts';
import { bold, escaped, type Mrkdwn, md } from '../escape.ts';
import { adviceLines, decidedBy, failureLine, failures, whatFailed } from '../failures.ts';
import { head, tail } from '../fence.ts';
import { prefix } from '../goal.ts';
import { productionNow, stoppedHosts, truths } from '../hosts.ts';
import { runName } from '../progress.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

// At most six messages stand in the channel itself: card, initial and completion notice, and so many troubles and overrides.
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
  return inThread(view, key, { lines }, howOnce(state, key));
}

/** Posted once, and shown to the channel as long as there is room for it; whom it mentions hears of it either way. */
export function howOnce(state: State, key: string): { live: false; broadcast?: true } {
  const earlier = Object.keys(state.messages).filter((other) => /^(trouble|override)-/.test(other) && other !== key).length;
  return earlier < maxBroadcasts ? { live: false, broadcast: true } : { live: false };
}

/** The key of the message for the trouble the state is in. */
export const troubleKey = (state: State): string => `trouble-${state.trouble?.at ?? 0}`;

function told({ state, outputs }: MessagesView): Mrkdwn[] {
  const bad = failures(state);
  if (state.trouble?.where === 'proof' || bad.length === 0) return whatFailed(state);
  return bad.slice(0, 4).flatMap((planned) => {
    const output = Object.hasOwn(outputs, planned.key) ? outputs[planned.key] : undefined;
    return [failureLine(planned), ...(output ? printed(runName(planned), output) : [])];
  });
}

/** Its last lines; where the middle of a long output is not kept, its first ones too, and how much is missing. */
function printed(name: Mrkdwn, { head: first, leftOutBytes, tail: last }: KeptOutput): Mrkdwn[] {
  const end = tail(leftOutBytes > 0 ? last : first + last, 20, 2000);
  const beginning = leftOutBytes > 0 ? head(first, 5, 700) : undefined;
  return [
    ...(beginning ? [md`First lines of ${name}:`, beginning, md`… ${escaped(leftOutBytes.toLocaleString('en-US'))} bytes left out …`] : []),
    ...(end ? [md`Last lines of ${name}:`, end] : []),
  ];
}
