import type { Message } from '../domain/message.ts';
import type { Status } from '../domain/state.ts';
import { blocksOf, type Said, textOf } from './blocks.ts';
import { expired, rejected, withdrawn } from './cards/closed.ts';
import { complete } from './cards/complete.ts';
import { left } from './cards/left.ts';
import { proving } from './cards/proving.ts';
import { reading } from './cards/reading.ts';
import { running } from './cards/running.ts';
import { trouble } from './cards/trouble.ts';
import { unplannable } from './cards/unplannable.ts';
import { waiting } from './cards/waiting.ts';
import type { MessagesView } from './view.ts';

const cards: Readonly<Record<Status, (view: MessagesView) => Said>> = {
  reading,
  unplannable,
  waiting,
  rejected,
  withdrawn,
  expired,
  running,
  trouble,
  proving,
  complete,
  left,
};

/** The rollback's card: its whole truth now, with the buttons that apply now and no others. */
export function card(view: MessagesView): Message {
  const said = cards[view.state.status](view);
  return { key: 'card', to: view.state.channel, inThread: false, live: true, text: textOf(said), blocks: blocksOf(said) };
}
