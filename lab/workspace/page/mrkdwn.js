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

/** mrkdwn as nodes: code blocks, quotes, hanging bullets, lines, and what stands in them. */
export function mrkdwn(text) {
  return text.split(/```/).flatMap((part, index, parts) => {
    const isClosed = index < parts.length - 1;
    if (index % 2 === 1 && isClosed) return [h('pre', { class: 'code', tabIndex: 0 }, h('code', {}, decode(part.replace(/^\n|\n$/g, ''))))];
    return lines(index % 2 === 1 ? `\`\`\`${part}` : part);
  });
}

function lines(text) {
  const nodes = [];
  let quoted = [];
  const endQuote = () => {
    if (quoted.length > 0) nodes.push(h('blockquote', {}, quoted));
    quoted = [];
  };
  for (const line of text.replace(/^\n|\n$/g, '').split('\n')) {
    const quote = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (!quote) endQuote();
    (quote ? quoted : nodes).push(oneLine(quote ? quote[1] : line));
  }
  endQuote();
  return text === '' ? [] : nodes;
}

function oneLine(line) {
  const bullet = /^(\s*)([•◦▪-]|\d+\.)\s+(.*)$/.exec(line);
  if (bullet) return h('div', { class: 'line bullet' }, h('span', { class: 'dot' }, `${bullet[2]} `), h('span', {}, inline(bullet[3])));
  return h('div', { class: line.trim() === '' ? 'line empty' : 'line' }, inline(line));
}

/** One line's nodes. */
function inline(text) {
  const nodes = [];
  let pending = '';
  const flush = () => {
    if (pending !== '') nodes.push(document.createTextNode(decode(pending)));
    pending = '';
  };
  for (let at = 0; at < text.length; ) {
    const found = codeAt(text, at) ?? angleAt(text, at) ?? styleAt(text, at) ?? emojiAt(text, at) ?? addressAt(text, at) ?? signAt(text, at);
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

function styleAt(text, at) {
  const sign = text[at];
  const tag = STYLES[sign];
  if (!tag || isWord(text[at - 1]) || text[at + 1] === undefined || /\s/.test(text[at + 1])) return undefined;
  for (let end = text.indexOf(sign, at + 1); end > 0; end = text.indexOf(sign, end + 1)) {
    if (end === at + 1) return undefined;
    if (/\s/.test(text[end - 1]) || isWord(text[end + 1])) continue;
    return { node: h(tag, {}, inline(text.slice(at + 1, end))), end: end + 1 };
  }
  return undefined;
}

function emojiAt(text, at) {
  const found = text[at] === ':' ? /^:([a-z0-9_+-]+):/.exec(text.slice(at)) : null;
  const sign = found ? emojiOf(found[1]) : undefined;
  return sign ? { node: signNode(sign, found[1].replaceAll('_', ' ')), end: at + found[0].length } : undefined;
}

function addressAt(text, at) {
  const found = text[at] === 'h' && !isWord(text[at - 1]) ? /^https?:\/\/[^\s<>`]*[^\s<>`.,;:!?)"']/.exec(text.slice(at)) : null;
  return found ? { node: link(decode(found[0]), decode(found[0])), end: at + found[0].length } : undefined;
}
