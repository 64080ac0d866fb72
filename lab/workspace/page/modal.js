import { blockNodes } from './blocks.js';
import { h, keepingFocus } from './dom.js';
import { act } from './server.js';
import { changed, state } from './store.js';
import { label } from './textobject.js';
import { toast } from './toasts.js';

const root = document.querySelector('#modals');
// What was typed so far, by view and action: it outlives a redrawing of the view.
const held = new Map();
let dialog;
let drawn = '';

const heldOf = (view) => {
  if (!held.has(view.id)) held.set(view.id, {});
  return held.get(view.id);
};

function contextOf(view) {
  const values = heldOf(view);
  return {
    key: `view ${view.id}`,
    errors: view.errors,
    hold: (element, value) => {
      values[element.action_id] = value;
    },
    held: (element) => values[element.action_id],
    act: (element, value) =>
      act('click-view', { viewId: view.id, actionId: element.action_id, value, values }).catch((error) => toast(error.message)),
    suggest: (element, typed) => act('suggest', { viewId: view.id, actionId: element.action_id, typed }),
  };
}

async function submit(view, button) {
  button.setAttribute('aria-busy', 'true');
  button.disabled = true;
  const answer = await act('submit', { viewId: view.id, values: heldOf(view) }).catch((error) => ({ ok: false, error: error.message }));
  button.disabled = false;
  button.removeAttribute('aria-busy');
  state.trouble = answer.error ? 'We had some trouble connecting. Try again?' : '';
  changed();
  if (answer.errors) requestAnimationFrame(() => dialog?.querySelector('[aria-invalid]')?.focus());
}

const close = (view, all) => act('close', { viewId: view.id, all }).catch((error) => toast(error.message));

function build(view) {
  const { payload } = view;
  const id = `modal-${view.id}`;
  const send = payload.submit ? h('button', { type: 'submit', class: 'button primary' }, label(payload.submit)) : null;
  const onSubmit = (event) => {
    event.preventDefault();
    if (send) submit(view, send);
  };
  const form = h(
    'form',
    { class: 'modal-form', noValidate: true, on: { submit: onSubmit } },
    h(
      'header',
      { class: 'modal-head' },
      h('h2', { id }, label(payload.title)),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', on: { click: () => close(view, true) } }, '✕'),
    ),
    state.trouble ? h('div', { class: 'trouble', role: 'alert' }, state.trouble) : null,
    h('div', { class: 'modal-body', tabIndex: 0 }, blockNodes(payload.blocks, contextOf(view))),
    h(
      'footer',
      { class: 'dialog-buttons' },
      h('button', { type: 'button', class: 'button', on: { click: () => close(view, false) } }, label(payload.close) || 'Cancel'),
      send,
    ),
  );
  const made = h('dialog', { class: 'dialog modal', 'aria-labelledby': id, data: { viewId: view.id, callbackId: payload.callback_id ?? '' } }, form);
  made.addEventListener('cancel', (event) => {
    event.preventDefault();
    close(view, false);
  });
  return made;
}

function firstField() {
  const field = dialog.querySelector('[autofocus], .modal-body .field, .modal-body input');
  // What is only to be read starts at its top; a button far down would take the reader there.
  (field ?? dialog.querySelector('.modal-form button[type="submit"]') ?? dialog.querySelector('.modal-body')).focus({ preventScroll: true });
}

/** Draws the topmost modal, or takes the last one away. */
export function drawModal() {
  const view = state.views.at(-1);
  const look = view ? JSON.stringify([view.id, view.hash, view.errors, state.trouble]) : '';
  if (look === drawn) return;
  const isSame = dialog?.dataset.viewId === view?.id;
  drawn = look;
  keepingFocus(() => {
    dialog?.remove();
    dialog = view ? build(view) : undefined;
    if (dialog) root.append(dialog);
    dialog?.showModal();
    if (dialog && !isSame) firstField();
  });
  if (!view) {
    held.clear();
    state.trouble = '';
  }
}
