import type { Message } from '../../domain/message.ts';
import { blocksOf, type Said, textOf } from '../blocks.ts';
import type { MessagesView } from '../view.ts';

/** Something said in the card's thread. */
export function inThread({ state }: MessagesView, key: string, said: Said, how: { live: boolean; broadcast?: boolean }): Message {
  return { key, to: state.channel, inThread: true, ...how, text: textOf(said), blocks: blocksOf(said) };
}
