import { h } from './dom.js';
import { label, textNodes } from './textobject.js';

let count = 0;

/** Asks what a `confirm` object asks; true when the person says yes. Esc and the second button say no. */
export function askConfirm(confirm) {
  if (!confirm) return Promise.resolve(true);
  count += 1;
  return new Promise((resolve) => {
    const dialog = build(confirm, `confirm-${count}`);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function build(confirm, id) {
  const close = (answer) => ({ click: ({ target }) => target.closest('dialog').close(answer) });
  return h(
    'dialog',
    { class: 'dialog confirm', 'aria-labelledby': `${id}-title`, 'aria-describedby': `${id}-text`, role: 'alertdialog' },
    h('h2', { id: `${id}-title` }, label(confirm.title)),
    h('div', { id: `${id}-text`, class: 'confirm-text' }, textNodes(confirm.text)),
    h(
      'div',
      { class: 'dialog-buttons' },
      h('button', { type: 'button', class: 'button', on: close('no') }, label(confirm.deny)),
      h(
        'button',
        { type: 'button', class: `button ${confirm.style === 'danger' ? 'danger' : 'primary'}`, autofocus: true, on: close('yes') },
        label(confirm.confirm),
      ),
    ),
  );
}
