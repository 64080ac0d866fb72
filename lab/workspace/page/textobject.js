import { h } from './dom.js';
import { mrkdwn, plain } from './mrkdwn.js';

/** A text object as nodes. */
export const textNodes = (text) =>
  text.type === 'mrkdwn' ? mrkdwn(text.text, text.verbatim === true) : [h('span', { class: 'plain' }, plain(text.text))];

/** A text object as one string, for labels of buttons and options. */
export const label = (text) => plain(text?.text ?? '');
