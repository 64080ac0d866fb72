import { h } from './dom.js';
import { control, image } from './elements.js';
import { richText } from './richtext.js';
import { label, textNodes } from './textobject.js';

const acting = (ctx, block) => ({ ...ctx, acts: true, block });

function section(block, ctx) {
  const text = block.text ? h('div', { class: 'text' }, textNodes(block.text)) : null;
  const fields = block.fields
    ? h(
        'div',
        { class: 'fields' },
        block.fields.map((field) => h('div', { class: 'field-text' }, textNodes(field))),
      )
    : null;
  const side = block.accessory ? h('div', { class: 'accessory' }, control(block.accessory, acting(ctx, block))) : null;
  return h('div', { class: side ? 'block section with-side' : 'block section' }, h('div', { class: 'section-main' }, text, fields), side);
}

function context(block) {
  const item = (element) => (element.type === 'image' ? image(element, 'tiny') : h('span', { class: 'context-text' }, textNodes(element)));
  return h('div', { class: 'block context' }, block.elements.map(item));
}

function input(block, ctx) {
  const id = `${ctx.key}-${block.block_id}`.replace(/[^\w-]/g, '_');
  const error = ctx.errors?.[block.block_id];
  const describedBy = error ? `${id}-error` : block.hint ? `${id}-hint` : undefined;
  const inner = { ...ctx, acts: block.dispatch_action === true, block, labelId: `${id}-label`, describedBy };
  const field = control(block.element, inner);
  if (error) (field.matches('.field') ? field : field.querySelector('.field, input'))?.setAttribute('aria-invalid', 'true');
  return h(
    'div',
    { class: error ? 'block input has-error' : 'block input', data: { blockId: block.block_id } },
    h('div', { class: 'input-label', id: `${id}-label` }, label(block.label), block.optional ? h('span', { class: 'muted' }, ' (optional)') : null),
    field,
    error ? h('div', { class: 'input-error', id: `${id}-error`, role: 'alert' }, error) : null,
    block.hint ? h('div', { class: 'muted small', id: `${id}-hint` }, label(block.hint)) : null,
  );
}

function picture(block) {
  return h('figure', { class: 'block picture' }, block.title ? h('figcaption', {}, label(block.title)) : null, image(block, 'image'));
}

const BLOCKS = {
  section,
  context,
  input,
  image: picture,
  header: (block) => h('h3', { class: 'block header' }, label(block.text)),
  divider: () => h('hr', { class: 'block' }),
  actions: (block, ctx) =>
    h(
      'div',
      { class: 'block actions' },
      block.elements.map((element) => control(element, acting(ctx, block))),
    ),
  rich_text: (block) => h('div', { class: 'block' }, richText(block)),
};

/** Blocks as nodes; `ctx` as control() takes it, and `errors` by block_id. */
export const blockNodes = (blocks, ctx) => blocks.map((block) => BLOCKS[block.type]?.(block, ctx) ?? null);
