import { h } from './dom.js';
import { broadcastPill, channelPill, dateMark, groupPill, link, personPill } from './marks.js';
import { namedSign } from './signs.js';

const WRAPS = { bold: 'strong', italic: 'em', strike: 's', underline: 'u', code: 'code' };

const RUNS = {
  text: (run) => document.createTextNode(run.text),
  link: (run) => link(run.url, run.text ?? run.url),
  user: (run) => personPill(run.user_id),
  usergroup: (run) => groupPill(run.usergroup_id),
  channel: (run) => channelPill(run.channel_id),
  broadcast: (run) => broadcastPill(run.range),
  emoji: (run) => namedSign(run.name),
  date: (run) => dateMark(run.timestamp, run.format, run.fallback, run.url),
};

function one(run) {
  const node = RUNS[run.type]?.(run) ?? document.createTextNode('');
  const styles = Object.keys(WRAPS).filter((name) => run.style?.[name]);
  return styles.reduce((inner, name) => h(WRAPS[name], name === 'code' ? { class: 'inline' } : {}, inner), node);
}

const runs = (elements) => elements.map(one);

const PARTS = {
  rich_text_section: (part) => h('div', { class: 'line' }, runs(part.elements)),
  rich_text_preformatted: (part) => h('pre', { class: 'code', tabIndex: 0 }, h('code', {}, runs(part.elements))),
  rich_text_quote: (part) => h('blockquote', {}, runs(part.elements)),
  rich_text_list: (part) =>
    h(
      part.style === 'ordered' ? 'ol' : 'ul',
      { class: `indent-${part.indent ?? 0}` },
      part.elements.map((item) => h('li', {}, runs(item.elements))),
    ),
};

/** A rich_text block. */
export const richText = (block) =>
  h(
    'div',
    { class: 'rich' },
    block.elements.map((part) => PARTS[part.type]?.(part)),
  );
