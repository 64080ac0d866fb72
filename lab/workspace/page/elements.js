import { askConfirm } from './confirm.js';
import { h } from './dom.js';
import { externalSelect } from './externalselect.js';
import { state } from './store.js';
import { label } from './textobject.js';

// Every control gets what a test and the focus keeper find it by, and its name for screen readers.
const shared = (element, ctx) => ({
  data: { actionId: element.action_id, focusKey: `${ctx.key} ${element.action_id}` },
  autofocus: element.focus_on_load === true,
  'aria-describedby': ctx.describedBy,
});

const nameOf = (element, ctx) =>
  ctx.labelId ? { 'aria-labelledby': ctx.labelId } : { 'aria-label': label(element.placeholder) || element.action_id };

/** Runs an action from a control: asks first where the element says so, and shows that it is under way. */
async function run(element, ctx, value, control) {
  if (!(await askConfirm(element.confirm))) return false;
  control?.setAttribute('aria-busy', 'true');
  try {
    await ctx.act(element, value);
  } finally {
    control?.removeAttribute('aria-busy');
  }
  return true;
}

function button(element, ctx) {
  const open = element.url ? () => window.open(element.url, '_blank', 'noopener') : () => undefined;
  const onClick = ({ currentTarget }) => {
    if (currentTarget.getAttribute('aria-busy') === 'true') return;
    open();
    run(element, ctx, undefined, currentTarget);
  };
  const style = element.style ? ` ${element.style}` : '';
  return h(
    'button',
    { ...shared(element, ctx), type: 'button', class: `button${style}`, 'aria-label': element.accessibility_label, on: { click: onClick } },
    label(element.text),
  );
}

const optionNodes = (options, chosen) =>
  (options ?? []).map((option) => h('option', { value: option.value, selected: chosen.includes(option.value) }, label(option.text)));

// A select in a message acts when something is chosen; in an input block it only holds its value.
function onPick(element, ctx) {
  return async ({ currentTarget }) => {
    const many = currentTarget.multiple ? [...currentTarget.selectedOptions].map((option) => option.value) : currentTarget.value;
    ctx.hold?.(element, many);
    if (ctx.acts && many !== '' && !(await run(element, ctx, many, currentTarget))) currentTarget.value = '';
  };
}

function select(element, ctx) {
  const initial = element.initial_options ?? (element.initial_option ? [element.initial_option] : []);
  const chosen = [ctx.held?.(element) ?? initial.map((option) => option.value)].flat();
  const groups = element.option_groups?.map((group) => h('optgroup', { label: label(group.label) }, optionNodes(group.options, chosen)));
  const multiple = element.type.startsWith('multi_');
  const none = multiple
    ? null
    : h('option', { value: '', disabled: ctx.acts, hidden: ctx.acts, selected: chosen.length === 0 }, label(element.placeholder) || 'Choose…');
  return h(
    'select',
    { ...shared(element, ctx), ...nameOf(element, ctx), class: 'field', multiple, on: { change: onPick(element, ctx) } },
    none,
    groups ?? optionNodes(element.options, chosen),
  );
}

function usersSelect(element, ctx) {
  const people = [...state.people.values()].map((person) => ({
    value: person.id,
    text: { type: 'plain_text', text: `${person.realName} (@${person.name})` },
  }));
  const initial = [element.initial_users ?? element.initial_user ?? []].flat();
  const initialOptions = people.filter((option) => initial.includes(option.value));
  return select({ ...element, options: people, initial_options: initialOptions }, ctx);
}

function input(element, ctx, type, initial) {
  const value = ctx.held?.(element) ?? initial ?? '';
  const props = {
    ...shared(element, ctx),
    ...nameOf(element, ctx),
    class: 'field',
    placeholder: label(element.placeholder),
    maxLength: element.max_length,
  };
  const events = {
    input: ({ currentTarget }) => ctx.hold?.(element, currentTarget.value),
    change: ctx.acts ? onPick(element, ctx) : () => undefined,
  };
  if (element.multiline) return h('textarea', { ...props, rows: 4, value, on: events });
  return h('input', { ...props, type, value, on: events });
}

function options(element, ctx) {
  const isMany = element.type === 'checkboxes';
  const initial = element.initial_options ?? (element.initial_option ? [element.initial_option] : []);
  const chosen = [ctx.held?.(element) ?? initial.map((option) => option.value)].flat();
  const name = `${ctx.key} ${element.action_id}`;
  const group = h('div', { ...shared(element, ctx), ...nameOf(element, ctx), role: isMany ? 'group' : 'radiogroup', class: 'options' });
  const onChange = () => {
    const values = [...group.querySelectorAll('input:checked')].map((one) => one.value);
    const value = isMany ? values : values[0];
    ctx.hold?.(element, value);
    if (ctx.acts) run(element, ctx, value, group);
  };
  for (const option of element.options) {
    const box = h('input', {
      type: isMany ? 'checkbox' : 'radio',
      name,
      value: option.value,
      checked: chosen.includes(option.value),
      on: { change: onChange },
    });
    const description = option.description ? h('span', { class: 'muted small' }, label(option.description)) : null;
    group.append(h('label', { class: 'option' }, box, h('span', {}, label(option.text), description)));
  }
  return group;
}

function overflow(element, ctx) {
  const menu = h(
    'details',
    { class: 'menu', data: { actionId: element.action_id } },
    h('summary', { class: 'button', 'aria-label': 'More actions' }, '⋯'),
  );
  const choose = (option) => () => {
    menu.open = false;
    run(element, ctx, option.value, menu);
  };
  const item = (option) => h('button', { type: 'button', role: 'menuitem', on: { click: choose(option) } }, label(option.text));
  menu.append(h('div', { class: 'menu-items', role: 'menu' }, element.options.map(item)));
  menu.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') menu.open = false;
  });
  return menu;
}

/** An image of an app, never bigger than its place. */
export const image = (element, className) =>
  h('img', { class: className, src: element.image_url, alt: element.alt_text, loading: 'lazy', referrerPolicy: 'no-referrer' });

const ELEMENTS = {
  button,
  overflow,
  static_select: select,
  multi_static_select: select,
  external_select: externalSelect,
  users_select: usersSelect,
  multi_users_select: usersSelect,
  datepicker: (element, ctx) => input(element, ctx, 'date', element.initial_date),
  timepicker: (element, ctx) => input(element, ctx, 'time', element.initial_time),
  plain_text_input: (element, ctx) => input(element, ctx, 'text', element.initial_value),
  checkboxes: options,
  radio_buttons: options,
  image: (element) => image(element, 'thumb'),
};

/**
 * A control. `ctx` says where it is: `key` (unique to the place), `act(element, value)`, `suggest(element, typed)`, `acts` (it
 * acts at once), `hold(element, value)` and `held(element)` for inputs that wait for Submit, `labelId`.
 */
export const control = (element, ctx) => ELEMENTS[element.type]?.(element, ctx) ?? null;
