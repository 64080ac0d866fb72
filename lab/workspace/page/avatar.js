import { h } from './dom.js';
import { state } from './store.js';

const hues = [168, 205, 262, 318, 22, 42, 95, 240];
const hueOf = (id) => hues[[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % hues.length];

/** A person's picture: their initials on a colour of their own; the bot's sign for the bot. */
export function avatar(userId) {
  const person = state.people.get(userId);
  if (person?.isBot) return h('img', { class: 'avatar', src: 'icon.svg', alt: '' });
  const initials = (person?.realName ?? '?')
    .split(' ')
    .map((word) => word[0])
    .join('')
    .slice(0, 2);
  const element = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials);
  element.style.setProperty('--hue', String(hueOf(userId)));
  return element;
}

/** The name people see. */
export const nameOf = (userId) => {
  const person = state.people.get(userId);
  return person?.isBot ? person.name : (person?.realName ?? userId);
};
