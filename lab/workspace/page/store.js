import { readMark } from './unread.js';

/** Everything the page knows; `state.me` is who one is. */
export const state = {
  me: '',
  people: new Map(),
  groups: new Map(),
  channels: [],
  messages: new Map(),
  ephemerals: new Map(),
  notices: [],
  views: [],
  home: null,
  commands: [],
  connections: 0,
  isLive: false,
  current: '',
  thread: null,
  tab: 'messages',
  target: '',
};

const listeners = new Set();
let isPlanned = false;

/** Calls `listener` after changes, once for those that come together. */
export function subscribe(listener) {
  listeners.add(listener);
}

/** Says that something changed. */
export function changed() {
  if (isPlanned) return;
  isPlanned = true;
  queueMicrotask(() => {
    isPlanned = false;
    for (const listener of listeners) listener();
  });
}

const keyOf = (message) => `${message.channel} ${message.ts}`;

/** Takes over what the server says one person sees. */
export function load(snapshot) {
  const people = snapshot.people.map((person) => [person.id, person]);
  Object.assign(state, {
    me: snapshot.me,
    people: new Map(people),
    groups: new Map(snapshot.groups.map((group) => [group.id, group])),
    channels: snapshot.channels,
    messages: new Map(snapshot.messages.map((message) => [keyOf(message), message])),
    ephemerals: new Map(snapshot.ephemerals.map((message) => [keyOf(message), message])),
    notices: snapshot.notices,
    views: snapshot.views,
    home: snapshot.home,
    commands: snapshot.commands,
    connections: snapshot.connections,
  });
  changed();
}

const APPLY = {
  message: ({ message, channel }) => {
    if (!state.channels.some((one) => one.id === channel.id)) state.channels.push(channel);
    state.messages.set(keyOf(message), message);
  },
  deleted: ({ channel, ts }) => state.messages.delete(`${channel} ${ts}`),
  ephemeral: ({ message }) => state.ephemerals.set(keyOf(message), message),
  'ephemeral-removed': ({ channel, ts }) => state.ephemerals.delete(`${channel} ${ts}`),
  views: ({ views, home }) => Object.assign(state, { views, home }),
  notice: ({ notice }) => state.notices.push(notice),
  connections: ({ count }) => Object.assign(state, { connections: count }),
};

/** Takes over one change. */
export function apply(change) {
  APPLY[change.kind]?.(change);
  changed();
}

/** What stands in a channel itself, oldest first: messages, what only I see, and notices. */
export function timeline(channelId) {
  const inChannel = (message) => message.channel === channelId && (!message.threadTs || message.isBroadcast);
  const messages = [...state.messages.values(), ...state.ephemerals.values()].filter(inChannel);
  const notices = state.notices.filter((notice) => notice.channelId === channelId).map(noticeItem);
  return [...messages, ...notices].sort((a, b) => Number(a.ts) - Number(b.ts));
}

const noticeItem = (notice) => ({ notice: notice.text, ts: (notice.atMs / 1000).toFixed(6), channel: notice.channelId });

/** A thread's first message and its replies, oldest first. */
export function thread(channelId, ts) {
  const all = [...state.messages.values(), ...state.ephemerals.values()];
  const mine = all.filter((one) => one.channel === channelId && (one.ts === ts || one.threadTs === ts));
  return mine.sort((a, b) => Number(a.ts) - Number(b.ts));
}

/** The channel one is in. */
export const currentChannel = () => state.channels.find((channel) => channel.id === state.current);

/** How many messages of others arrived in a channel since it was last looked at, and whether one of them names me. */
export function unread(channelId) {
  const since = Number(readMark(state.me, channelId));
  const fresh = timeline(channelId).filter((one) => !one.notice && one.user !== state.me && Number(one.ts) > since);
  return { count: fresh.length, isForMe: fresh.some(namesMe) };
}

/** Whether a message pages me. */
export function namesMe({ mentions, channel }) {
  if (!mentions) return false;
  const groups = mentions.groups.some((id) => state.groups.get(id)?.members.includes(state.me));
  const isDirect = state.channels.find((one) => one.id === channel)?.isDirect === true;
  return mentions.here || mentions.channel || mentions.everyone || mentions.users.includes(state.me) || groups || isDirect;
}
