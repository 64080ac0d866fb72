/**
 * Makes an element. `props`: `class`, `on` (listeners by event), `data` (data-*), properties of the element where it has them,
 * attributes else. Children that are strings become text, never markup; null and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'class') element.className = value;
  else if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  else if (name === 'data') for (const [key, one] of Object.entries(value)) element.dataset[key] = one;
  else if (name === 'role' || name.includes('-') || !(name in element)) element.setAttribute(name, value === true ? '' : String(value));
  else element[name] = value;
}

/** Adds children to an element: nodes, strings, lists of those. */
export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replaces all children. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** Runs `change`, then gives the focus back to the control that had it, where a new one took its place. */
export function keepingFocus(change) {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement ? focused.dataset.focusKey : undefined;
  const selection = focused && 'selectionStart' in focused ? [focused.selectionStart, focused.selectionEnd] : undefined;
  change();
  if (key === undefined || document.activeElement === focused) return;
  const next = document.querySelector(`[data-focus-key="${CSS.escape(key)}"]`);
  next?.focus({ preventScroll: true });
  if (selection?.[0] !== null && selection && next && 'setSelectionRange' in next) trySelect(next, selection);
}

function trySelect(input, [from, to]) {
  try {
    input.setSelectionRange(from, to);
  } catch {
    // Date and number inputs have no selection.
  }
}

/** Keeps a list that is read at its end there when it gets another size: a phone's keyboard comes, a thread opens beside it. */
export function stickToEnd(list, nearPx) {
  let isAtEnd = true;
  list.addEventListener('scroll', () => {
    isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < nearPx;
  });
  new ResizeObserver(() => {
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }).observe(list);
}

/** Keeps `container`'s children in step with `items`: a child is made anew only when its signature changed. */
export function reconcile(container, items, keyOf, signatureOf, build) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const [key, signature] = [keyOf(item), signatureOf(item)];
    const kept = old.get(key);
    if (kept && kept.signature === signature) return kept;
    const made = build(item);
    made.dataset.key = key;
    made.signature = signature;
    return made;
  });
  const isSame = wanted.length === container.children.length && wanted.every((node, index) => container.children[index] === node);
  if (!isSame) keepingFocus(() => container.replaceChildren(...wanted));
}
