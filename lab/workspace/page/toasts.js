import { h } from './dom.js';

const SHOWN_MS = 7000;

/** Tells the person something for a while. */
export function toast(text) {
  const one = h('div', { class: 'toast' }, text);
  document.querySelector('#toasts').append(one);
  setTimeout(() => one.remove(), SHOWN_MS);
}
