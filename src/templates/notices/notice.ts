import type { Message } from '../../domain/message.ts';
import type { Owed } from '../../domain/owed.ts';
import type { State } from '../../domain/state.ts';
import { blocksOf, textOf } from '../blocks.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { prefix } from '../goal.ts';
import { render } from '../render.ts';
import type { MessagesView } from '../view.ts';
import { fieldsOf } from './fields.ts';

/** One announcement as its audience gets it. In the incident channel it stands beside the card, only its updates go into the thread. */
export function notice({ state, now }: MessagesView, item: Owed): Message {
  const { subject, lines } = render(item.template, fieldsOf(state, item, now));
  const said = {
    title: `${prefix(state)}${unescaped(subject)}`,
    lines: [...rehearsal(state), ...lines],
    notes: [md`${escaped(state.id)} · for ${escaped(item.audiences.join(', '))}`],
  };
  return {
    key: item.key,
    to: item.to,
    inThread: item.to === state.channel && item.template === 'progress',
    live: false,
    text: textOf(said),
    blocks: blocksOf(said),
    dueAt: item.dueAt,
  };
}

/** Templates speak of an incident. */
const rehearsal = ({ drill }: State): Mrkdwn[] => (drill ? [md`*This is a rehearsal:* nothing is wrong with production.`] : []);

/** A headline is plain text, in which entities would be seen. */
const unescaped = (text: Mrkdwn): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
