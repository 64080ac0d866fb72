import type { Args } from '../args.ts';
import { readMetadata } from '../blockkit/metadata.ts';
import type { Json, Message, Metadata } from '../model.ts';
import { BOT } from '../people/people.ts';
import { SlackError } from '../slackerror.ts';
import { messageJson } from '../slackjson.ts';
import type { Edit, State } from '../state.ts';
import { MAX_TEXT, MAX_UPDATE_TEXT, parsesNames, readBlocks, readContent } from './content.ts';
import { channelById, channelToPostIn, messageAt, personById, writable } from './lookup.ts';
import { type Context, type Method, TIER } from './method.ts';

/** chat.postMessage takes one a second per channel and short bursts: this many. */
export const POST_BURST = 3;

function metadataOf(args: Args): Metadata | undefined {
  const value = args.json('metadata', 'invalid_metadata_format');
  return value === undefined ? undefined : readMetadata(value);
}

function threadOf(state: State, channel: string, args: Args): string | undefined {
  const ts = args.text('thread_ts');
  if (ts === undefined || ts === '') return undefined;
  const root = state.messages.find((one) => one.channel === channel && one.ts === ts);
  if (!root) throw new SlackError('thread_not_found');
  return root.threadTs ?? root.ts;
}

function postMessage(args: Args, { state, rateLimits }: Context): Json {
  const channel = channelToPostIn(state, args.need('channel'));
  rateLimits?.take(`chat.postMessage ${channel.id}`, POST_BURST, 60);
  const content = readContent(args, MAX_TEXT);
  const message = state.post({
    ...content,
    channel: channel.id,
    user: BOT.userId,
    isBot: true,
    metadata: metadataOf(args),
    threadTs: threadOf(state, channel.id, args),
    isBroadcast: args.flag('reply_broadcast'),
    parsesNames: parsesNames(args),
  });
  return { channel: channel.id, ts: message.ts, message: messageJson(state, message, true) };
}

function postEphemeral(args: Args, { state }: Context): Json {
  const channel = channelToPostIn(state, args.need('channel'));
  const person = personById(state, args.need('user'));
  if (!channel.members.includes(person.id)) throw new SlackError('user_not_in_channel');
  const content = readContent(args, MAX_TEXT);
  const threadTs = threadOf(state, channel.id, args);
  const message = state.post({ ...content, channel: channel.id, user: BOT.userId, isBot: true, ephemeralTo: person.id, threadTs });
  return { message_ts: message.ts };
}

// A message of an archived channel is `is_inactive`, unlike a new one there. https://docs.slack.dev/reference/methods/chat.update
function ownMessage(state: State, args: Args, code: string): Message {
  const found = channelById(state, args.need('channel'));
  if (found.isArchived) throw new SlackError('is_inactive');
  const channel = writable(found);
  const message = messageAt(state, channel.id, args.need('ts'));
  if (message.user !== BOT.userId) throw new SlackError(code);
  return message;
}

// Text alone removes the blocks; blocks alone leave no "(edited)". https://docs.slack.dev/reference/methods/chat.update
function editOf(args: Args): Edit {
  const text = args.text('text');
  const blocks = readBlocks(args);
  if ((text ?? '').trim() === '' && (blocks === undefined || blocks.length === 0)) throw new SlackError('no_text');
  if ((text ?? '').length > MAX_UPDATE_TEXT) throw new SlackError('msg_too_long');
  const metadata = metadataOf(args);
  return { text: text ?? '', blocks: blocks ?? [], ...(blocks === undefined ? { isEdited: true } : {}), ...(metadata ? { metadata } : {}) };
}

function update(args: Args, { state }: Context): Json {
  const message = ownMessage(state, args, 'cant_update_message');
  state.edit(message, editOf(args));
  return { channel: message.channel, ts: message.ts, text: message.text, message: messageJson(state, message, true) };
}

function remove(args: Args, { state }: Context): Json {
  const message = ownMessage(state, args, 'cant_delete_message');
  state.remove(message);
  return { channel: message.channel, ts: message.ts };
}

function getPermalink(args: Args, { state, origin }: Context): Json {
  const channel = channelById(state, args.need('channel'));
  const message = messageAt(state, channel.id, args.need('message_ts'));
  const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  return { channel: channel.id, permalink: `${origin()}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}` };
}

const write = { token: 'bot', scope: 'chat:write' } as const;

/** The chat.* methods. */
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': { ...write, perMinute: TIER.special, run: postMessage },
  'chat.postEphemeral': { ...write, perMinute: TIER.four, run: postEphemeral },
  'chat.update': { ...write, perMinute: TIER.three, run: update },
  'chat.delete': { ...write, perMinute: TIER.three, run: remove },
  'chat.getPermalink': { token: 'bot', perMinute: TIER.special, run: getPermalink },
};
