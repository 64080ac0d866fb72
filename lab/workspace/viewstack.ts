import { checkView } from './blockkit/check.ts';
import { fillIds } from './blockkit/fill.ts';
import { isObject } from './blockkit/schema.ts';
import { newId, newSecret } from './ids.ts';
import type { Json, View } from './model.ts';
import { invalidArguments, SlackError } from './slackerror.ts';
import type { State } from './state.ts';

/** Slack keeps at most this many modals over one another. https://docs.slack.dev/surfaces/modals */
const MAX_STACK = 3;
const MAX_VIEW_BYTES = 250_000;

/** The view as it may be shown. @throws SlackError invalid_arguments with the faults, or view_too_large */
export function readView(value: unknown, types: readonly string[]): Json {
  const found = checkView(value, types);
  if (found.length > 0 || !isObject(value)) throw invalidArguments(found);
  if (JSON.stringify(value).length > MAX_VIEW_BYTES) throw new SlackError('view_too_large');
  return { ...value, blocks: fillIds(value.blocks as Json[]) };
}

const newHash = (): string => `${Math.floor(Date.now() / 1000)}.${newSecret(4)}`;

/** The modals on one person's screen, the lowest first. */
export const stackOf = (state: State, userId: string): View[] => [...state.views.values()].filter((view) => view.userId === userId);

function refuseUsedExternalId(state: State, payload: Json, except?: View): void {
  const id = payload.external_id;
  if (typeof id !== 'string' || id === '') return;
  for (const view of state.views.values()) if (view !== except && view.payload.external_id === id) throw new SlackError('duplicate_external_id');
}

/** Puts a view on a person's screen: alone, or over the one it was pushed from. @throws SlackError push_limit_reached, duplicate_external_id */
export function showView(state: State, userId: string, payload: Json, isPushed: boolean): View {
  refuseUsedExternalId(state, payload);
  const stack = stackOf(state, userId);
  if (isPushed && stack.length >= MAX_STACK) throw new SlackError('push_limit_reached');
  if (!isPushed) for (const view of stack) state.views.delete(view.id);
  const below = isPushed ? stack.at(-1) : undefined;
  const id = newId('V');
  const view: View = { id, userId, rootId: below?.rootId ?? id, previousId: below?.id ?? null, hash: newHash(), payload, errors: {} };
  state.views.set(id, view);
  state.tell({ kind: 'views', userId });
  return view;
}

/** Changes a view on the screen. @throws SlackError hash_conflict when `hash` is not the current one */
export function changeView(state: State, view: View, payload: Json, hash?: string): void {
  if (hash !== undefined && hash !== view.hash) throw new SlackError('hash_conflict');
  refuseUsedExternalId(state, payload, view);
  Object.assign(view, { payload, hash: newHash(), errors: {} });
  state.tell({ kind: 'views', userId: view.userId });
}

/** Takes a view off the screen, or every view when `all`. */
export function closeView(state: State, view: View, all = false): void {
  for (const one of all ? stackOf(state, view.userId) : [view]) state.views.delete(one.id);
  state.tell({ kind: 'views', userId: view.userId });
}

/** Publishes somebody's Home tab. @throws SlackError hash_conflict */
export function publishHome(state: State, userId: string, payload: Json, hash?: string): View {
  const old = state.homes.get(userId);
  if (hash !== undefined && old && hash !== old.hash) throw new SlackError('hash_conflict');
  const id = old?.id ?? newId('V');
  const view: View = { id, userId, rootId: id, previousId: null, hash: newHash(), payload, errors: {} };
  state.homes.set(userId, view);
  state.tell({ kind: 'views', userId });
  return view;
}
