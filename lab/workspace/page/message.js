import { avatar, nameOf } from './avatar.js';
import { blockNodes } from './blocks.js';
import { ago, clock, dateOf } from './dates.js';
import { h } from './dom.js';
import { openThread } from './go.js';
import { mrkdwn } from './mrkdwn.js';
import { act } from './server.js';
import { namedSign, signNode } from './signs.js';
import { namesMe, state } from './store.js';
import { toast } from './toasts.js';

function contextOf(message, place) {
  const where = { channel: message.channel, ts: message.ts };
  return {
    key: `${place} ${message.ts}`,
    act: (element, value) => act('click', { ...where, actionId: element.action_id, value }).catch((error) => toast(error.message)),
    suggest: (element, typed) => act('suggest', { ...where, actionId: element.action_id, typed }),
  };
}

const edited = (message) => (message.isEdited ? h('span', { class: 'muted small edited' }, ' (edited)') : null);

function content(message, place) {
  if (message.blocks.length > 0) return h('div', { class: 'content' }, blockNodes(message.blocks, contextOf(message, place)), edited(message));
  return h('div', { class: 'content' }, h('div', { class: 'block text' }, mrkdwn(message.text)), edited(message));
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const one = ({ name, users }) =>
    h('span', { class: 'reaction', title: `${users.map(nameOf).join(', ')} reacted with :${name}:` }, namedSign(name), ` ${users.length}`);
  return h('div', { class: 'reactions' }, message.reactions.map(one));
}

function threadLine(message, place) {
  if (place === 'thread' || message.ephemeralTo || message.threadTs) return null;
  const count = message.replyCount ?? 0;
  const open = () => openThread(message.channel, message.ts);
  if (count === 0) return h('button', { type: 'button', class: 'reply-button', on: { click: open } }, 'Reply in thread');
  const faces = (message.replyUsers ?? []).slice(0, 3).map(avatar);
  const words = h('span', { class: 'thread-count' }, `${count} ${count === 1 ? 'reply' : 'replies'}`);
  return h(
    'button',
    { type: 'button', class: 'thread-line', on: { click: open }, data: { focusKey: `thread ${message.ts}` } },
    faces,
    words,
    h('span', { class: 'muted' }, `Last ${ago(message.lastReplyTs)}`),
  );
}

function head(message) {
  const isBot = state.people.get(message.user)?.isBot === true;
  const date = dateOf(message.ts);
  return h(
    'div',
    { class: 'message-head' },
    h('span', { class: 'name' }, nameOf(message.user)),
    isBot ? h('span', { class: 'badge' }, 'App') : null,
    h('time', { class: 'muted small', dateTime: date.toISOString(), title: date.toLocaleString('en-GB') }, clock(date)),
    message.isPinned ? h('span', { class: 'muted small' }, signNode('📌', ''), ' Pinned') : null,
  );
}

const dismiss = (message) => () => act('dismiss', { ts: message.ts });

function privately(message) {
  if (!message.ephemeralTo) return null;
  return h(
    'div',
    { class: 'privately small' },
    'Only visible to you',
    h('button', { type: 'button', class: 'text-button', on: { click: dismiss(message) } }, 'Dismiss message'),
  );
}

const typed = (message) =>
  message.typedCommand ? h('div', { class: 'muted small typed' }, 'In answer to ', h('code', { class: 'inline' }, message.typedCommand)) : null;

/** A message, or a notice of the client, as it stands in a channel or (`place` 'thread') in a thread. */
export function messageNode(message, place) {
  if (message.notice)
    return h('div', { class: 'notice', role: 'alert' }, h('span', { class: 'notice-sign', 'aria-hidden': 'true' }, '!'), message.notice);
  const classes = [
    'message',
    message.ephemeralTo ? 'is-private' : '',
    !message.ephemeralTo && namesMe(message) && message.user !== state.me ? 'names-me' : '',
  ];
  return h(
    'article',
    { class: classes.join(' '), data: { ts: message.ts, user: message.user }, 'aria-label': `${nameOf(message.user)}, ${clock(dateOf(message.ts))}` },
    avatar(message.user),
    h(
      'div',
      { class: 'message-body' },
      privately(message),
      head(message),
      typed(message),
      content(message, place),
      reactions(message),
      threadLine(message, place),
    ),
  );
}

/** What a message's look depends on. */
export const signature = (message) => JSON.stringify(message);
