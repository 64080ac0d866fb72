import { blockNodes } from './blocks.js';
import { composer } from './composer.js';
import { dateOf, dayName } from './dates.js';
import { fill, h, reconcile, stickToEnd } from './dom.js';
import { messageNode, signature } from './message.js';
import { act } from './server.js';
import { changed, currentChannel, state, timeline } from './store.js';
import { toast } from './toasts.js';
import { markRead } from './unread.js';

const root = document.querySelector('#channel');
const NEAR_END_PX = 80;
let drawn = '';
let list;
let top;
let home;

const toggleSidebar = () => document.body.classList.toggle('shows-sidebar');

function tab(name, words) {
  const select = () => {
    state.tab = name;
    changed();
  };
  return h('button', { type: 'button', role: 'tab', 'aria-selected': String(state.tab === name), class: 'tab', on: { click: select } }, words);
}

function header(channel) {
  const name = channel.isDirect ? 'rollback-bot' : `# ${channel.name}`;
  const about = channel.isDirect ? 'Direct messages with the app' : channel.topic;
  const people = channel.isDirect ? null : h('span', { class: 'muted small members' }, `${channel.members.length} members`);
  const tabs = channel.isDirect && state.home ? h('div', { role: 'tablist', class: 'tabs' }, tab('messages', 'Messages'), tab('home', 'Home')) : null;
  return [
    h('button', { type: 'button', class: 'icon-button only-narrow', 'aria-label': 'Show channels', on: { click: toggleSidebar } }, '☰'),
    h('div', { class: 'channel-title' }, h('h2', {}, name), h('span', { class: 'muted small topic' }, about)),
    tabs,
    people,
  ];
}

function frame(channel) {
  top = h('header', { class: 'bar' });
  list = h('div', { class: 'messages', role: 'log', 'aria-label': 'Messages', 'aria-live': 'polite', tabIndex: 0 });
  stickToEnd(list, NEAR_END_PX);
  home = h('div', { class: 'home', role: 'tabpanel', hidden: true });
  const name = channel.isDirect ? 'rollback-bot' : `#${channel.name}`;
  const foot = channel.isArchived
    ? h('p', { class: 'archived-note' }, 'This channel is archived.')
    : composer({ channel: channel.id }, `Message ${name}`);
  fill(root, top, list, home, foot);
}

// Days stand between the messages as items of their own.
function withDays(items) {
  let last = '';
  return items.flatMap((item) => {
    const day = dayName(dateOf(item.ts));
    const isNew = day !== last;
    last = day;
    return isNew ? [{ day, ts: item.ts }, item] : [item];
  });
}

const keyOf = (item) => (item.day ? `day ${item.day}` : item.notice ? `notice ${item.ts}` : item.ts);
const nodeOf = (item) => (item.day ? h('div', { class: 'day', role: 'separator' }, h('span', {}, item.day)) : messageNode(item, 'channel'));

function drawHome() {
  const isShown = state.tab === 'home' && currentChannel()?.isDirect === true && state.home !== null;
  home.hidden = !isShown;
  list.hidden = isShown;
  const foot = root.querySelector('.composer');
  if (foot) foot.hidden = isShown;
  if (!isShown || home.signature === state.home.hash) return;
  home.signature = state.home.hash;
  const where = { viewId: state.home.id };
  const ctx = {
    key: 'home',
    act: (element, value) => act('click-view', { ...where, actionId: element.action_id, value }).catch((error) => toast(error.message)),
    suggest: (element, typed) => act('suggest', { ...where, actionId: element.action_id, typed }),
  };
  fill(home, blockNodes(state.home.payload.blocks, ctx));
}

function empty(channel) {
  const words = channel.isDirect
    ? 'Nothing here yet. Try “/rollback help”.'
    : `This is the start of #${channel.name}. Type “/rollback” to see what the app can do.`;
  return h('div', { class: 'empty', data: { key: 'empty' } }, words);
}

/** Draws the channel one is in. */
export function drawChannel() {
  const channel = currentChannel();
  if (!channel) return;
  const look = `${state.me} ${channel.id} ${channel.isArchived}`;
  const isNew = look !== drawn;
  if (isNew) frame(channel);
  drawn = look;
  fill(top, header(channel));
  const items = withDays(timeline(channel.id));
  const isAtEnd = isNew || list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  reconcile(list, items, keyOf, signature, nodeOf);
  if (items.length === 0) fill(list, empty(channel));
  drawHome();
  if (isAtEnd) list.scrollTop = list.scrollHeight;
  const newest = items.at(-1)?.ts;
  if (newest && document.visibilityState === 'visible' && markRead(state.me, channel.id, newest)) changed();
}
