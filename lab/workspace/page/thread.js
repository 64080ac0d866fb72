import { composer } from './composer.js';
import { fill, h, reconcile, stickToEnd } from './dom.js';
import { closeThread } from './go.js';
import { messageNode, signature } from './message.js';
import { currentChannel, state, thread } from './store.js';

const root = document.querySelector('#thread');
const NEAR_END_PX = 80;
let drawn = '';
let list;
let count = 0;

function frame(channel) {
  list = h('div', { class: 'messages', role: 'log', 'aria-label': 'Thread', 'aria-live': 'polite', tabIndex: 0 });
  stickToEnd(list, NEAR_END_PX);
  const name = channel.isDirect ? 'rollback-bot' : `#${channel.name}`;
  const close = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close thread', on: { click: closeThread } }, '✕');
  const bar = h(
    'header',
    { class: 'bar' },
    h('div', { class: 'channel-title' }, h('h2', {}, 'Thread'), h('span', { class: 'muted small topic' }, name)),
    close,
  );
  const foot = channel.isArchived ? null : composer({ channel: channel.id, threadTs: state.thread }, 'Reply…');
  fill(root, bar, list, foot);
}

// The first message and the number of replies, then the replies.
function items() {
  const [first, ...replies] = thread(state.current, state.thread);
  if (!first) return [];
  const words = `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`;
  return [first, ...(replies.length > 0 ? [{ divider: words, ts: 'divider' }] : []), ...replies];
}

const nodeOf = (item) => (item.divider ? h('div', { class: 'day', role: 'separator' }, h('span', {}, item.divider)) : messageNode(item, 'thread'));

/** Draws the open thread, or hides its place. */
export function drawThread() {
  const channel = currentChannel();
  const isOpen = state.thread !== null && channel !== undefined;
  root.hidden = !isOpen;
  document.body.classList.toggle('shows-thread', isOpen);
  if (!isOpen) {
    drawn = '';
    return;
  }
  const look = `${state.me} ${channel.id} ${state.thread}`;
  const isNew = look !== drawn;
  if (isNew) frame(channel);
  drawn = look;
  const all = items();
  reconcile(list, all, (item) => item.ts, signature, nodeOf);
  if (isNew || all.length > count) list.scrollTop = list.scrollHeight;
  count = all.length;
}

root.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.defaultPrevented) closeThread();
});
