import { avatar } from './avatar.js';
import { fill, h, keepingFocus } from './dom.js';
import { openBot, openChannel, openFromAddress } from './go.js';
import { become } from './server.js';
import { state, unread } from './store.js';

const root = document.querySelector('#sidebar');
let drawn = '';

function switcher() {
  const people = [...state.people.values()].filter((person) => !person.isBot);
  const option = (person) => h('option', { value: person.id, selected: person.id === state.me }, person.realName);
  const onChange = async ({ currentTarget }) => {
    await become(currentTarget.value);
    if (!state.channels.some((channel) => channel.id === state.current)) openFromAddress();
  };
  return h(
    'div',
    { class: 'me' },
    avatar(state.me),
    h(
      'label',
      { class: 'me-label' },
      h('span', { class: 'small' }, `You are (@${state.people.get(state.me)?.name ?? ''})`),
      h('select', { class: 'me-select', data: { testid: 'user-switch', focusKey: 'me' }, on: { change: onChange } }, people.map(option)),
    ),
  );
}

function entry(channel) {
  const isBot = channel.isDirect;
  const name = isBot ? 'rollback-bot' : channel.name;
  const { count, isForMe } = unread(channel.id);
  const isCurrent = channel.id === state.current;
  const badge =
    count > 0 && !isCurrent
      ? h('span', { class: isForMe ? 'count count-me' : 'count', 'aria-label': `${count} unread${isForMe ? ', for you' : ''}` }, String(count))
      : null;
  const label = h('span', { class: 'entry-name' }, name);
  const sign = isBot
    ? h('img', { class: 'entry-face', src: 'icon.svg', alt: '' })
    : h('span', { class: 'hash', 'aria-hidden': 'true' }, channel.isPrivate ? '🔒' : '#');
  return h(
    'button',
    {
      type: 'button',
      class: ['entry', isCurrent ? 'is-current' : '', badge ? 'is-unread' : '', channel.isArchived ? 'is-archived' : ''].join(' '),
      'aria-current': isCurrent ? 'page' : undefined,
      data: { channel: name, focusKey: `channel ${name}` },
      on: { click: () => (isBot ? openBot() : openChannel(channel.id)) },
    },
    sign,
    label,
    channel.isArchived ? h('span', { class: 'small' }, 'archived') : null,
    badge,
  );
}

function connection() {
  const isOn = state.connections > 0;
  const words = !state.isLive ? 'Page is reconnecting…' : isOn ? 'The app is connected' : 'The app is not connected';
  return h(
    'div',
    { class: isOn && state.isLive ? 'link-state on' : 'link-state', role: 'status' },
    h('span', { class: 'lamp', 'aria-hidden': 'true' }),
    words,
  );
}

/** Draws the side bar: who one is, the channels, whether the app is there. */
export function drawSidebar() {
  const channels = state.channels.filter((channel) => !channel.isDirect);
  const direct = state.channels.find((channel) => channel.isDirect) ?? { id: '', name: '', isDirect: true };
  const look = JSON.stringify([state.me, state.current, state.connections, state.isLive, state.channels.map((one) => [one.id, unread(one.id)])]);
  if (look === drawn) return;
  drawn = look;
  const forMe = state.channels.filter((channel) => channel.id !== state.current && unread(channel.id).isForMe).length;
  document.title = forMe > 0 ? `(${forMe}) Local workspace` : 'Local workspace';
  keepingFocus(() =>
    fill(
      root,
      h(
        'div',
        { class: 'brand' },
        h('img', { src: 'icon.svg', alt: '', class: 'brand-sign' }),
        h('div', {}, h('h1', {}, 'Local workspace'), connection()),
      ),
      h('nav', { 'aria-label': 'Channels' }, h('h2', { class: 'nav-title' }, 'Channels'), channels.map(entry)),
      h('nav', { 'aria-label': 'Direct messages' }, h('h2', { class: 'nav-title' }, 'Direct messages'), entry(direct)),
      switcher(),
    ),
  );
}
