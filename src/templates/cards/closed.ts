import { formatDuration } from '../../domain/duration.ts';
import type { Said } from '../blocks.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { askAgain, subject } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { actor } from '../people.ts';
import { dateTime } from '../times.ts';
import type { MessagesView } from '../view.ts';

/** Ended before it began: an approver said no. */
export function rejected(view: MessagesView): Said {
  const { state, mentions } = view;
  const reason = state.reason?.trim() ? md` Reason: ${escaped(state.reason)}` : md``;
  return closed(view, 'was rejected', md`Rejected by ${state.closedBy ? actor(state.closedBy, mentions) : md`an approver`}.${reason}`);
}

/** Ended before it began: the requester took it back. */
export function withdrawn(view: MessagesView): Said {
  const { state, mentions } = view;
  return closed(view, 'was withdrawn', md`Withdrawn by ${actor(state.closedBy ?? state.requester, mentions)}.`);
}

/** Ended before it began: nobody answered in time. */
export function expired(view: MessagesView): Said {
  const { policy } = view.state.outline ?? {};
  const who = policy
    ? md`${escaped(policy.by)} did not approve it within ${escaped(formatDuration(policy.standsMs))}.`
    : md`Nobody approved it in time.`;
  return closed(view, 'has expired', who);
}

function closed(view: MessagesView, how: string, why: Mrkdwn): Said {
  const { state, mentions } = view;
  return {
    title: `${state.id} ${how}: ${subject(state)}`,
    lines: [
      ...haltLines(view),
      why,
      md`${state.halted ? md`Nothing else was changed` : md`Nothing was changed`}. Asked by ${actor(state.requester, mentions)}${state.endedAt === undefined ? md`` : md`, closed ${dateTime(state.endedAt)}`}.`,
      md`Ask anew if it is needed: ${escaped(askAgain(state))}`,
    ],
    buttons: haltButtons(state),
    notes: [escaped(state.id)],
  };
}
