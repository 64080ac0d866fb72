import type { ServerResponse } from 'node:http';
import { interactive } from './blockkit/unique.ts';
import type { Channel, Json, Message, View } from './model.ts';
import type { Change, State } from './state.ts';
import { stackOf } from './viewstack.ts';

/** A message as the page shows it. */
export function messageForPage(state: State, message: Message): Json {
  const replies = message.threadTs === undefined ? state.replies(message.channel, message.ts) : [];
  return {
    ...message,
    replyCount: replies.length,
    replyUsers: [...new Set(replies.map((one) => one.user))],
    lastReplyTs: replies.at(-1)?.ts,
    hasActions: message.blocks.some((block) => interactive(block).length > 0),
  };
}

const viewForPage = (view: View | undefined): Json | null =>
  view ? { id: view.id, payload: view.payload, errors: view.errors, hash: view.hash } : null;
const isMember = (channel: Channel | undefined, userId: string): boolean => channel?.members.includes(userId) === true;

/** Everything one person sees, for a page that has just been opened. */
function snapshot(state: State, userId: string, info: Json): Json {
  const channels = [...state.channels.values()].filter((channel) => isMember(channel, userId));
  const ids = new Set(channels.map((channel) => channel.id));
  const messages = state.messages.filter((message) => ids.has(message.channel));
  return {
    ...info,
    me: userId,
    people: [...state.people.values()].map(({ email: _email, ...person }) => person),
    groups: [...state.groups.values()].map(({ id, handle, members }) => ({ id, handle, members })),
    channels,
    messages: messages.map((message) => messageForPage(state, message)),
    ephemerals: state.ephemerals.filter((message) => message.ephemeralTo === userId),
    notices: state.notices.filter((notice) => notice.userId === userId),
    views: stackOf(state, userId).map(viewForPage),
    home: viewForPage(state.homes.get(userId)),
  };
}

// The channel goes along: the first direct message of a conversation is also the first the page hears of it.
const messageChange = (state: State, message: Message): Json => ({
  kind: 'message',
  message: messageForPage(state, message),
  channel: state.channels.get(message.channel),
});

// A reply changes what its first message says of the thread.
function rootChange(state: State, { channel, threadTs }: { channel: string; threadTs?: string }): Json[] {
  const root = threadTs === undefined ? undefined : state.find(channel, threadTs);
  return root ? [messageChange(state, root)] : [];
}

// The change as this person's page is told of it, or nothing when it is not theirs to see.
function changeFor(state: State, userId: string, change: Change): Json[] {
  const sees = (channelId: string) => isMember(state.channels.get(channelId), userId);
  switch (change.kind) {
    case 'message':
    case 'changed': {
      if (!sees(change.message.channel)) return [];
      return [messageChange(state, change.message), ...rootChange(state, change.message)];
    }
    case 'deleted':
      return sees(change.channel) ? [{ ...change }, ...rootChange(state, change)] : [];
    case 'ephemeral':
      return change.message.ephemeralTo === userId ? [{ kind: 'ephemeral', message: change.message }] : [];
    case 'ephemeral-removed':
      return change.userId === userId ? [{ ...change }] : [];
    case 'views':
      if (change.userId !== userId) return [];
      return [{ kind: 'views', views: stackOf(state, userId).map(viewForPage), home: viewForPage(state.homes.get(userId)) }];
    case 'notice':
      return change.notice.userId === userId ? [{ kind: 'notice', notice: change.notice }] : [];
    case 'connections':
      return [{ ...change }];
  }
}

/** Keeps one page up to date by Server-Sent Events until it goes: first all there is, then every change. `info` goes with the former. */
export function follow(state: State, userId: string, info: Json, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' });
  const tell = (told: Json) => response.write(`data: ${JSON.stringify(told)}\n\n`);
  response.write('retry: 1000\n');
  tell({ kind: 'snapshot', snapshot: snapshot(state, userId, info) });
  const stop = state.listen((change) => changeFor(state, userId, change).forEach(tell));
  response.on('close', stop);
}
