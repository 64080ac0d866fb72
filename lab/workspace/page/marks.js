import { dateText } from './dates.js';
import { h } from './dom.js';
import { state } from './store.js';

/** A link that opens elsewhere; an address that is not http(s) or mailto is shown as text only. */
export function link(address, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return label;
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label);
}

const pill = (text, isForMe) => h('span', { class: isForMe ? 'pill pill-me' : 'pill' }, text);

/** A person's mention. */
export function personPill(id) {
  const person = state.people.get(id);
  return pill(`@${person?.displayName ?? id}`, id === state.me);
}

/** A user group's mention. */
export function groupPill(id) {
  const group = state.groups.get(id);
  return pill(`@${group?.handle ?? id}`, group?.members.includes(state.me));
}

/** @here and its like. */
export const broadcastPill = (range) => pill(`@${range}`, true);

/** A channel's mention. */
export function channelPill(id) {
  const channel = state.channels.find((one) => one.id === id);
  return h('a', { class: 'pill', href: `#channel=${encodeURIComponent(id)}` }, `#${channel?.name ?? id}`);
}

/** A date in the reader's own time. */
export function dateMark(seconds, format, fallback, address) {
  const text = Number.isFinite(Number(seconds)) ? dateText(seconds, format) : fallback;
  const time = h('time', { title: fallback ?? '' }, text);
  return address ? link(address, text) : time;
}

/** What stands between `<` and `>` in mrkdwn. */
export function mark(inner, decode) {
  const bar = inner.indexOf('|');
  const [target, label] = bar < 0 ? [inner, undefined] : [inner.slice(0, bar), decode(inner.slice(bar + 1))];
  if (target.startsWith('@')) return personPill(target.slice(1));
  if (target.startsWith('#')) return channelPill(target.slice(1));
  if (target.startsWith('!subteam^')) return groupPill(target.slice(9));
  if (target.startsWith('!date^')) {
    const [, seconds, format, address] = target.split('^');
    return dateMark(seconds, format ?? '', label, address);
  }
  if (target.startsWith('!')) return broadcastPill(target.slice(1));
  return link(decode(target), label ?? decode(target));
}
