import { h } from './dom.js';
import { emojiOf, withEmoji } from './emoji.js';
import { link, mark } from './marks.js';
import { signAt, signNode } from './signs.js';

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const decode = (text) => text.replace(/&(amp|lt|gt);/g, (entity) => ENTITIES[entity]);
const STYLES = { '*': 'strong', _: 'em', '~': 's' };
const isWord = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** A plain_text's content: emoji, nothing else. */
export const plain = (text) => withEmoji(decode(text));

/** mrkdwn as nodes: code blocks, quotes, hanging bullets, lines, and what stands in them. `isVerbatim`: addresses are no links. */
export function mrkdwn(text, isVerbatim = false) {
  return text.split(/```/).flatMap((part, index, parts) => {
    const isClosed = index < parts.length - 1;
    if (index % 2 === 1 && isClosed) return [h('pre', { class: 'code', tabIndex: 0 }, h('code', {}, decode(part.replace(/^\n|\n$/g, ''))))];
    return lines(index % 2 === 1 ? `\`\`\`${part}` : part, isVerbatim);
  });
}

function lines(text, isVerbatim) {
  const nodes = [];
  let quoted = [];
  const endQuote = () => {
    if (quoted.length > 0) nodes.push(h('blockquote', {}, quoted));
    quoted = [];
  };
  for (const line of text.replace(/^\n|\n$/g, '').split('\n')) {
    const quote = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (!quote) endQuote();
    (quote ? quoted : nodes).push(oneLine(quote ? quote[1] : line, isVerbatim));
  }
  endQuote();
  return text === '' ? [] : nodes;
}

// How a step went, as the app marks it: they hang like bullets, and have a colour.
const TONES = { '✓': 'good', '✗': 'bad', '▸': 'calm', '↻': 'calm', '?': 'warn', '○': 'muted' };

function oneLine(line, isVerbatim) {
  const bullet = /^(\s*)([•◦▪✓✗▸↻○?-]|\d+\.)\s+(.*)$/.exec(line);
  if (!bullet) return h('div', { class: line.trim() === '' ? 'line empty' : 'line' }, inline(line, isVerbatim));
  const tone = TONES[bullet[2]];
  const dot = h('span', { class: tone ? `dot sign ${tone}` : 'dot' }, `${bullet[2]} `);
  return h('div', { class: bullet[1] ? 'line bullet is-inner' : 'line bullet' }, dot, h('span', {}, inline(bullet[3], isVerbatim)));
}

/** One line's nodes. */
function inline(text, isVerbatim) {
  const nodes = [];
  let pending = '';
  const flush = () => {
    if (pending !== '') nodes.push(document.createTextNode(decode(pending)));
    pending = '';
  };
  for (let at = 0; at < text.length; ) {
    const found =
      codeAt(text, at) ??
      angleAt(text, at) ??
      styleAt(text, at, isVerbatim) ??
      emojiAt(text, at) ??
      (isVerbatim ? undefined : addressAt(text, at)) ??
      barAt(text, at) ??
      signAt(text, at);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      pending += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function codeAt(text, at) {
  if (text[at] !== '`') return undefined;
  const end = text.indexOf('`', at + 1);
  if (end <= at + 1) return undefined;
  return { node: h('code', { class: 'inline' }, decode(text.slice(at + 1, end))), end: end + 1 };
}

function angleAt(text, at) {
  if (text[at] !== '<') return undefined;
  const end = text.indexOf('>', at);
  if (end <= at + 1) return undefined;
  return { node: mark(text.slice(at + 1, end), decode), end: end + 1 };
}

function styleAt(text, at, isVerbatim) {
  const sign = text[at];
  const tag = STYLES[sign];
  if (!tag || isWord(text[at - 1]) || text[at + 1] === undefined || /\s/.test(text[at + 1])) return undefined;
  for (let end = text.indexOf(sign, at + 1); end > 0; end = text.indexOf(sign, end + 1)) {
    if (end === at + 1) return undefined;
    if (/\s/.test(text[end - 1]) || isWord(text[end + 1])) continue;
    return { node: h(tag, {}, inline(text.slice(at + 1, end), isVerbatim)), end: end + 1 };
  }
  return undefined;
}

function emojiAt(text, at) {
  const found = text[at] === ':' ? /^:([a-z0-9_+-]+):/.exec(text.slice(at)) : null;
  const sign = found ? emojiOf(found[1]) : undefined;
  return sign ? { node: signNode(sign, found[1].replaceAll('_', ' ')), end: at + found[0].length } : undefined;
}

/** `▓▓▓░░`: how far something is, drawn as a bar. */
function barAt(text, at) {
  const found = /[▓░]/.test(text[at]) ? /^(▓*)(░*)/.exec(text.slice(at)) : null;
  if (!found || found[0].length < 4) return undefined;
  const percent = Math.round((100 * found[1].length) / found[0].length);
  const fill = h('span', { class: 'progress-fill' });
  fill.style.width = `${percent}%`;
  return { node: h('span', { class: 'progress', role: 'img', 'aria-label': `${percent} %` }, fill), end: at + found[0].length };
}

function addressAt(text, at) {
  const found = text[at] === 'h' && !isWord(text[at - 1]) ? /^https?:\/\/[^\s<>`]*[^\s<>`.,;:!?)"']/.exec(text.slice(at)) : null;
  return found ? { node: link(decode(found[0]), decode(found[0])), end: at + found[0].length } : undefined;
}
