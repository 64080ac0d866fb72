import { h } from './dom.js';
import { emojiOf } from './emoji.js';

// Signs that say how something stands are drawn as coloured letters: they look the same everywhere, also where no emoji font is installed.
const SIGNS = {
  '✅': ['✔', 'good'],
  '✔️': ['✔', 'good'],
  '❌': ['✘', 'bad'],
  '⚠️': ['⚠', 'warn'],
  '🟢': ['●', 'good'],
  '🟡': ['●', 'warn'],
  '🟠': ['●', 'warn'],
  '🔴': ['●', 'bad'],
  '🔵': ['●', 'calm'],
  '⚪': ['○', 'calm'],
  '↩️': ['↩', 'calm'],
  '➡️': ['→', 'calm'],
  '📌': ['⚑', 'calm'],
  '⏳': ['◔', 'calm'],
  '⌛': ['◕', 'calm'],
  '🚨': ['⚠', 'bad'],
  '🛑': ['■', 'bad'],
  '⛔': ['⊘', 'bad'],
  '⏪': ['«', 'calm'],
};

const PATTERN = new RegExp(`^(${Object.keys(SIGNS).join('|')})`, 'u');

/** An emoji as a node with its name for screen readers. */
export function signNode(emoji, name) {
  const [letter, tone] = SIGNS[emoji] ?? [emoji, ''];
  return h('span', { class: tone ? `sign ${tone}` : 'sign', role: 'img', 'aria-label': name }, `${letter}${tone ? '\uFE0E' : ''}`);
}

/** The node for `:name:`, or that text where the page does not know it. */
export const namedSign = (name) => (emojiOf(name) ? signNode(emojiOf(name), name.replaceAll('_', ' ')) : document.createTextNode(`:${name}:`));

/** The sign that stands at this place of a text, with where it ends. */
export function signAt(text, at) {
  const found = PATTERN.exec(text.slice(at, at + 4));
  return found ? { node: signNode(found[1], found[1]), end: at + found[1].length } : undefined;
}
