import { h } from './dom.js';
import { label } from './textobject.js';

const QUIET_MS = 150;
let count = 0;

/** A select whose options the app gives while one types: a text box with a list under it, worked by mouse or arrow keys. */
export function externalSelect(element, ctx) {
  count += 1;
  const id = `external-${count}`;
  const list = h('ul', { id, role: 'listbox', class: 'listbox', hidden: true });
  const box = h('input', {
    class: 'field',
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    'aria-expanded': 'false',
    'aria-controls': id,
    'aria-autocomplete': 'list',
    placeholder: label(element.placeholder) || 'Type to search…',
    value: label(element.initial_option?.text),
    data: { actionId: element.action_id, focusKey: `${ctx.key} ${element.action_id}` },
    ...(ctx.labelId ? { 'aria-labelledby': ctx.labelId } : { 'aria-label': label(element.placeholder) || element.action_id }),
  });
  wire(box, list, element, ctx);
  return h('div', { class: 'combobox' }, box, list);
}

function wire(box, list, element, ctx) {
  let timer;
  let options = [];
  let active = -1;
  const show = (isOpen) => {
    list.hidden = !isOpen;
    box.setAttribute('aria-expanded', String(isOpen));
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, at) => {
      item.setAttribute('aria-selected', String(at === index));
    });
    box.setAttribute('aria-activedescendant', list.children[index]?.id ?? '');
  };
  const choose = (option) => {
    box.value = label(option.text);
    show(false);
    ctx.hold?.(element, option.value);
    if (ctx.acts) ctx.act(element, option.value);
  };
  const draw = () => {
    const item = (option, index) =>
      h('li', { id: `${list.id}-${index}`, role: 'option', 'aria-selected': 'false', on: { mousedown: () => choose(option) } }, label(option.text));
    list.replaceChildren(...(options.length > 0 ? options.map(item) : [h('li', { class: 'muted' }, 'Nothing found')]));
    show(true);
    mark(options.length > 0 ? 0 : -1);
  };
  const ask = async () => {
    options = await ctx.suggest(element, box.value).catch(() => []);
    draw();
  };
  box.addEventListener('input', () => {
    clearTimeout(timer);
    if (box.value.length >= (element.min_query_length ?? 3)) timer = setTimeout(ask, QUIET_MS);
  });
  box.addEventListener('focus', () => {
    if ((element.min_query_length ?? 3) === 0) ask();
  });
  box.addEventListener('blur', () => show(false));
  box.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    if (event.key === 'ArrowDown') mark(Math.min(options.length - 1, active + 1));
    else if (event.key === 'ArrowUp') mark(Math.max(0, active - 1));
    else if (event.key === 'Enter' && options[active]) choose(options[active]);
    else if (event.key === 'Escape') show(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
