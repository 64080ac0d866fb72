import { act } from './server.js';
import { changed, state } from './store.js';

function remember() {
  const parts = { channel: state.current, ...(state.thread ? { thread: state.thread } : {}) };
  history.replaceState(null, '', `${location.pathname}${location.search}#${new URLSearchParams(parts)}`);
}

/** Goes to a channel. */
export function openChannel(channelId) {
  Object.assign(state, { current: channelId, thread: null, tab: 'messages' });
  document.body.classList.remove('shows-sidebar');
  remember();
  changed();
}

/** Goes to the direct messages with the bot, made when they are not there yet. */
export async function openBot() {
  const { channel } = await act('direct', {});
  if (!state.channels.some((one) => one.id === channel.id)) state.channels.push(channel);
  openChannel(channel.id);
}

/** Opens a thread at the side. */
export function openThread(channelId, ts) {
  Object.assign(state, { current: channelId, thread: ts });
  remember();
  changed();
  requestAnimationFrame(() => document.querySelector('#thread .composer-box')?.focus());
}

/** Closes the thread and gives the focus back to where it was opened. */
export function closeThread() {
  const ts = state.thread;
  state.thread = null;
  remember();
  changed();
  requestAnimationFrame(() => document.querySelector(`[data-focus-key="thread ${ts}"]`)?.focus());
}

/** Goes where the address says: #channel=C…&thread=…&ts=… (the message to show); else to #inc-trading or the first channel. */
export function openFromAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const named = state.channels.find((one) => one.id === wanted.get('channel') || one.name === wanted.get('channel'));
  const channel = named ?? state.channels.find((one) => one.name === 'inc-trading') ?? state.channels.find((one) => !one.isDirect);
  state.current = channel?.id ?? '';
  state.thread = (named && wanted.get('thread')) || null;
  state.tab = 'messages';
  state.target = (named && wanted.get('ts')) || '';
  changed();
}
