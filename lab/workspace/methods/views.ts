import type { Args } from '../args.ts';
import type { Json, View } from '../model.ts';
import { invalidArguments, SlackError } from '../slackerror.ts';
import { viewJson } from '../slackjson.ts';
import type { State } from '../state.ts';
import { changeView, publishHome, readView, showView } from '../viewstack.ts';
import { personById } from './lookup.ts';
import { type Context, type Method, TIER } from './method.ts';

function viewArgument(args: Args, types: readonly string[]): Json {
  const value = args.json('view', 'invalid_arguments');
  if (value === undefined) throw invalidArguments(['missing required field: view']);
  return readView(value, types);
}

// Slack does not say which is looked at first; here the trigger is, and a bad view uses it up: the stricter of the two.
function open(args: Args, { state, triggers }: Context): Json {
  const trigger = triggers.exchange(args.need('trigger_id'));
  return { view: viewJson(showView(state, trigger.userId, viewArgument(args, ['modal']), false)) };
}

function push(args: Args, { state, triggers }: Context): Json {
  const trigger = triggers.exchange(args.need('trigger_id'));
  const payload = viewArgument(args, ['modal']);
  if (trigger.viewId === undefined || !state.views.has(trigger.viewId)) throw new SlackError('not_found');
  return { view: viewJson(showView(state, trigger.userId, payload, true)) };
}

function viewOf(state: State, args: Args): View {
  const [id, externalId] = [args.text('view_id'), args.text('external_id')];
  if (id === undefined && externalId === undefined) throw invalidArguments(['missing required field: view_id']);
  const found = [...state.views.values()].find((one) => (id === undefined ? one.payload.external_id === externalId : one.id === id));
  if (!found) throw new SlackError('not_found');
  return found;
}

function update(args: Args, { state }: Context): Json {
  const payload = viewArgument(args, ['modal']);
  const view = viewOf(state, args);
  changeView(state, view, payload, args.text('hash'));
  return { view: viewJson(view) };
}

function publish(args: Args, { state }: Context): Json {
  const person = personById(state, args.need('user_id'));
  return { view: viewJson(publishHome(state, person.id, viewArgument(args, ['home']), args.text('hash'))) };
}

const views = { token: 'bot', perMinute: TIER.four } as const;

/** The views.* methods. */
export const viewMethods: Record<string, Method> = {
  'views.open': { ...views, run: open },
  'views.push': { ...views, run: push },
  'views.update': { ...views, run: update },
  'views.publish': { ...views, run: publish },
};
