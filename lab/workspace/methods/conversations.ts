import type { Args } from '../args.ts';
import type { Channel, Json, Message } from '../model.ts';
import { BOT } from '../people/people.ts';
import { SlackError } from '../slackerror.ts';
import { channelJson, messageJson } from '../slackjson.ts';
import { channelById, personById, readable } from './lookup.ts';
import { type Context, type Method, TIER } from './method.ts';
import { pageOf } from './page.ts';

const isVisible = (channel: Channel): boolean => !channel.isPrivate || channel.members.includes(BOT.userId);
const typeOf = (channel: Channel): string => (channel.isDirect ? 'im' : channel.isPrivate ? 'private_channel' : 'public_channel');

function listed(args: Args, channels: Channel[]): Json {
  const types = (args.text('types') ?? 'public_channel').split(',').map((one) => one.trim());
  const wanted = channels.filter((one) => types.includes(typeOf(one)) && !(args.flag('exclude_archived') && one.isArchived));
  const page = pageOf(wanted, args, 100, 1000);
  return { channels: page.items.map(channelJson), response_metadata: { next_cursor: page.nextCursor } };
}

function list(args: Args, { state }: Context): Json {
  return listed(args, [...state.channels.values()].filter(isVisible));
}

function ofUser(args: Args, { state }: Context): Json {
  const id = args.text('user') ?? BOT.userId;
  const channels = [...state.channels.values()].filter((one) => isVisible(one) && one.members.includes(id));
  return listed(args, channels);
}

function info(args: Args, { state }: Context): Json {
  return { channel: channelJson(channelById(state, args.need('channel'))) };
}

function members(args: Args, { state }: Context): Json {
  const page = pageOf(channelById(state, args.need('channel')).members, args, 100, 1000);
  return { members: page.items, response_metadata: { next_cursor: page.nextCursor } };
}

function open(args: Args, { state }: Context): Json {
  const users = (args.text('users') ?? '').split(',').filter((one) => one !== '');
  const [only] = users;
  if (only === undefined) throw new SlackError('users_list_not_supplied');
  if (users.length > 1) throw new SlackError('too_many_users');
  const channel = state.direct(BOT.userId, personById(state, only).id);
  return { channel: args.flag('return_im') ? channelJson(channel) : { id: channel.id } };
}

// Both ends are left out unless `inclusive`. https://docs.slack.dev/reference/methods/conversations.history
function within(args: Args): (message: Message) => boolean {
  const oldest = args.text('oldest') ?? '0';
  const latest = args.text('latest') ?? '9999999999.999999';
  const isInclusive = args.flag('inclusive');
  const [from, to] = [Number(oldest), Number(latest)];
  if (Number.isNaN(from)) throw new SlackError('invalid_ts_oldest');
  if (Number.isNaN(to)) throw new SlackError('invalid_ts_latest');
  return ({ ts }) => (Number(ts) > from && Number(ts) < to) || (isInclusive && (ts === oldest || ts === latest));
}

function messagePage(args: Args, { state }: Context, messages: Message[]): Json {
  const page = pageOf(messages, args);
  const hasMore = page.nextCursor !== '';
  return {
    messages: page.items.map((one) => messageJson(state, one, args.flag('include_all_metadata'))),
    has_more: hasMore,
    ...(hasMore ? { response_metadata: { next_cursor: page.nextCursor } } : {}),
  };
}

function history(args: Args, context: Context): Json {
  const channel = readable(channelById(context.state, args.need('channel')));
  const isHere = (one: Message) => one.channel === channel.id && (one.threadTs === undefined || one.isBroadcast);
  const newestFirst = context.state.messages.filter((one) => isHere(one) && within(args)(one)).reverse();
  return messagePage(args, context, newestFirst);
}

function replies(args: Args, context: Context): Json {
  const { state } = context;
  const channel = readable(channelById(state, args.need('channel')));
  const asked = state.messages.find((one) => one.channel === channel.id && one.ts === args.need('ts'));
  const root = asked?.threadTs === undefined ? asked : state.messages.find((one) => one.channel === channel.id && one.ts === asked.threadTs);
  if (!root) throw new SlackError('thread_not_found');
  return messagePage(args, context, [root, ...state.replies(channel.id, root.ts).filter(within(args))]);
}

const read = { token: 'bot', scope: 'channels:read' } as const;
const readHistory = { token: 'bot', scope: 'channels:history', perMinute: TIER.three } as const;

/** The conversations.* methods and users.conversations. */
export const conversationMethods: Record<string, Method> = {
  'conversations.list': { ...read, perMinute: TIER.two, run: list },
  'conversations.info': { ...read, perMinute: TIER.three, run: info },
  'conversations.members': { ...read, perMinute: TIER.four, run: members },
  'conversations.history': { ...readHistory, run: history },
  'conversations.replies': { ...readHistory, run: replies },
  'conversations.open': { token: 'bot', scope: 'im:write', perMinute: TIER.three, run: open },
  'users.conversations': { ...read, perMinute: TIER.three, run: ofUser },
};
