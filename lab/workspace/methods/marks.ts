import type { Args } from '../args.ts';
import type { Json } from '../model.ts';
import { BOT } from '../people/people.ts';
import { SlackError } from '../slackerror.ts';
import { channelById, messageAt, readable } from './lookup.ts';
import { type Context, type Method, TIER } from './method.ts';

function addReaction(args: Args, { state }: Context): Json {
  const name = args.need('name').replaceAll(':', '');
  if (!/^[a-z0-9_+'-]+$/.test(name)) throw new SlackError('invalid_name');
  const message = messageAt(state, readable(channelById(state, args.need('channel'))).id, args.need('timestamp'));
  const reaction = message.reactions.find((one) => one.name === name);
  if (reaction?.users.includes(BOT.userId)) throw new SlackError('already_reacted');
  if (reaction) reaction.users.push(BOT.userId);
  else message.reactions.push({ name, users: [BOT.userId] });
  state.tell({ kind: 'changed', message });
  return {};
}

function addPin(args: Args, { state }: Context): Json {
  const message = messageAt(state, readable(channelById(state, args.need('channel'))).id, args.need('timestamp'));
  if (message.isPinned) throw new SlackError('already_pinned');
  message.isPinned = true;
  state.tell({ kind: 'changed', message });
  return {};
}

/** reactions.add and pins.add. */
export const markMethods: Record<string, Method> = {
  'reactions.add': { token: 'bot', scope: 'reactions:write', perMinute: TIER.three, run: addReaction },
  'pins.add': { token: 'bot', scope: 'pins:write', perMinute: TIER.two, run: addPin },
};
