import type { Channel, Message, Person } from '../model.ts';
import { BOT } from '../people/people.ts';
import { SlackError } from '../slackerror.ts';
import type { State } from '../state.ts';

/** A channel the bot can see, by id. @throws SlackError channel_not_found: unknown, or private without the bot */
export function channelById(state: State, id: string): Channel {
  const channel = state.channels.get(id);
  const isHidden = channel?.isPrivate === true && !channel.members.includes(BOT.userId);
  if (!channel || isHidden) throw new SlackError('channel_not_found');
  return channel;
}

/** Where chat.postMessage posts: a channel id, a channel's name, or a person's id for their direct messages. */
export function channelToPostIn(state: State, where: string): Channel {
  if (state.people.has(where)) return state.direct(BOT.userId, where);
  const name = where.replace(/^#/, '');
  const named = [...state.channels.values()].find((one) => !one.isDirect && one.name === name);
  return writable(channelById(state, named?.id ?? where));
}

/** The same channel when the bot may write there. @throws SlackError is_archived, not_in_channel */
export function writable(channel: Channel): Channel {
  if (channel.isArchived) throw new SlackError('is_archived');
  if (!channel.members.includes(BOT.userId)) throw new SlackError('not_in_channel');
  return channel;
}

/** The same channel when the bot may read there. @throws SlackError not_in_channel */
export function readable(channel: Channel): Channel {
  if (!channel.members.includes(BOT.userId)) throw new SlackError('not_in_channel');
  return channel;
}

/** A person by id. @throws SlackError user_not_found */
export function personById(state: State, id: string): Person {
  const person = state.people.get(id);
  if (!person) throw new SlackError('user_not_found');
  return person;
}

/** A message that is not ephemeral. @throws SlackError message_not_found */
export function messageAt(state: State, channel: string, ts: string): Message {
  const message = state.messages.find((one) => one.channel === channel && one.ts === ts);
  if (!message) throw new SlackError('message_not_found');
  return message;
}
