import { h } from './dom.js';
import { act } from './server.js';
import { state } from './store.js';
import { toast } from './toasts.js';

const history = [];

const isCommand = (text) => text.startsWith('/');

async function send(box, where) {
  const text = box.value.trim();
  if (text === '') return;
  box.value = '';
  box.dispatchEvent(new Event('input'));
  history.push(text);
  const name = isCommand(text) && !where.threadTs ? 'command' : 'say';
  await act(name, { channel: where.channel, text, threadTs: where.threadTs }).catch((error) => {
    toast(error.message);
    box.value ||= text;
  });
}

function hint(where) {
  if (where.threadTs) return h('div', { class: 'command-hint', hidden: true }, 'Slash commands do not work in threads. Go back to the channel.');
  const fillIn =
    (name) =>
    ({ currentTarget }) => {
      const box = currentTarget.closest('.composer').querySelector('.composer-box');
      box.value = `${name} `;
      box.focus();
      box.dispatchEvent(new Event('input'));
    };
  const usage = 'system version · status · versions system · help';
  const one = (name) =>
    h(
      'button',
      { type: 'button', class: 'hint-item', on: { mousedown: (event) => event.preventDefault(), click: fillIn(name) } },
      h('code', {}, name),
      h('span', { class: 'muted' }, usage),
    );
  return h('div', { class: 'command-hint', hidden: true }, state.commands.map(one));
}

function wire(box, hints, where) {
  let at = 0;
  box.addEventListener('input', () => {
    at = 0;
    const first = box.value.split(' ')[0];
    const fits = state.commands.some((name) => name.startsWith(first) || (where.threadTs && first.startsWith(name)));
    hints.hidden = !(isCommand(box.value) && fits);
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  });
  box.addEventListener('blur', () => {
    hints.hidden = true;
  });
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send(box, where);
    } else if (event.key === 'Tab' && !hints.hidden && !box.value.includes(' ') && !where.threadTs) {
      event.preventDefault();
      hints.querySelector('button')?.click();
    } else if (event.key === 'Escape') hints.hidden = true;
    else if (event.key === 'ArrowUp' && history.length > 0 && (box.value === '' || at > 0)) {
      event.preventDefault();
      at = Math.min(history.length, at + 1);
      box.value = history[history.length - at];
    }
  });
}

/** The box one writes in: of a channel, or of a thread when `where.threadTs` is set. Enter sends, Shift+Enter is a new line. */
export function composer(where, placeholder) {
  const testid = where.threadTs ? 'thread-composer' : 'composer';
  const box = h('textarea', {
    class: 'composer-box',
    id: testid,
    rows: 1,
    placeholder,
    'aria-label': placeholder,
    data: { testid, focusKey: testid },
    enterKeyHint: 'send',
  });
  const hints = hint(where);
  const button = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send', data: { testid: where.threadTs ? 'thread-send' : 'send' } }, '➤');
  wire(box, hints, where);
  const onSubmit = (event) => {
    event.preventDefault();
    send(box, where);
  };
  return h('form', { class: 'composer', on: { submit: onSubmit } }, hints, h('div', { class: 'composer-row' }, box, button));
}
