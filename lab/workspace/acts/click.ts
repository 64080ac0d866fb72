import { isObject } from '../blockkit/schema.ts';
import { interactive } from '../blockkit/unique.ts';
import type { Json, Message, View } from '../model.ts';
import { messageActionPayload, suggestionPayload, viewActionPayload } from '../payloads.ts';
import { messageJson, viewJson } from '../slackjson.ts';
import { channelOf, type Desk, delivered, type Outcome, personOf, viewOf } from './desk.ts';
import { type Given, pick, stateOf } from './pick.ts';

interface Found {
  element: Json;
  blockId: string;
}

function elementIn(blocks: Json[], actionId: string, where: string): Found {
  const all = blocks.flatMap((block) => interactive(block).map(({ element }) => ({ element, blockId: String(block.block_id) })));
  const found = all.find(({ element }) => element.action_id === actionId);
  if (found) return found;
  const offered = all.map(({ element }) => String(element.action_id)).join(', ');
  throw new Error(`No action "${actionId}" in ${where}. It offers: ${offered === '' ? 'none' : offered}.`);
}

function actionOf({ element, blockId }: Found, picked: Json): Json {
  const ownFields = element.type === 'button' ? { text: element.text, ...(element.style === undefined ? {} : { style: element.style }) } : {};
  return { action_id: element.action_id, block_id: blockId, ...ownFields, ...picked, type: element.type, action_ts: (Date.now() / 1000).toFixed(6) };
}

/** The message this person sees at this place, ephemeral ones included. */
export function messageFor(desk: Desk, userId: string, channelId: string, ts: string): Message {
  const message = desk.state.find(channelId, ts, userId);
  if (!message) throw new Error(`No message ${ts} in ${channelId} that ${userId} can see.`);
  return message;
}

/** Clicks a button or chooses in a select of a message; `given` is the value chosen. A failure is shown to the person. */
export async function click(desk: Desk, userId: string, channelId: string, ts: string, actionId: string, given?: Given): Promise<Outcome> {
  return clickOn(desk, userId, messageFor(desk, userId, channelId, ts), actionId, given);
}

/** The same on a copy of a message kept from earlier: a click on a card that has changed meanwhile. */
export async function clickOn(desk: Desk, userId: string, message: Message, actionId: string, given?: Given): Promise<Outcome> {
  const { channel: channelId, ts } = message;
  const [person, channel] = [personOf(desk.state, userId), channelOf(desk.state, channelId, userId)];
  const found = elementIn(message.blocks, actionId, `message ${ts}`);
  const responseUrl = desk.origin() + desk.urls.issue({ kind: 'action', channel: channelId, userId, source: desk.state.find(channelId, ts, userId) });
  const ids = { trigger: desk.triggers.issue(userId), responseUrl };
  const action = actionOf(found, pick(found.element, given, desk.suggested));
  const sending = desk.app.deliver('interactive', messageActionPayload(desk.state, person, channel, message, action, ids));
  const outcome = await delivered(sending, () => ({ ok: true }));
  if (!outcome.ok) desk.state.notify(userId, channelId, `That did not reach the app (${outcome.error ?? ''}). Try again.`);
  return outcome;
}

/** Clicks inside a modal or on the Home tab; `values` is what its inputs hold. */
export async function clickInView(
  desk: Desk,
  userId: string,
  viewId: string,
  actionId: string,
  given?: Given,
  values: Record<string, Given> = {},
): Promise<Outcome> {
  const [person, view] = [personOf(desk.state, userId), viewOf(desk.state, viewId, userId)];
  const blocks = view.payload.blocks as Json[];
  const found = elementIn(blocks, actionId, `view ${viewId}`);
  const action = actionOf(found, pick(found.element, given, desk.suggested));
  const state = stateOf(blocks, given === undefined ? values : { ...values, [actionId]: given }, desk.suggested);
  const sending = desk.app.deliver('interactive', viewActionPayload(person, view, state, action, desk.triggers.issue(userId, viewId)));
  return delivered(sending, () => ({ ok: true }));
}

/** Types into an external select, of a message or of a view: the options the app offers. */
export async function suggest(
  desk: Desk,
  userId: string,
  where: { viewId: string } | { channelId: string; ts: string },
  actionId: string,
  typed: string,
): Promise<Json[]> {
  const person = personOf(desk.state, userId);
  const place: View | Message = 'viewId' in where ? viewOf(desk.state, where.viewId, userId) : messageFor(desk, userId, where.channelId, where.ts);
  const blocks = 'payload' in place ? (place.payload.blocks as Json[]) : place.blocks;
  const found = elementIn(blocks, actionId, 'this place');
  const payload = suggestionPayload(person, suggestionPlace(desk, place), found.element, found.blockId, typed);
  const answer = await desk.app.deliver('interactive', payload);
  const options = Array.isArray(answer.options) ? answer.options.filter(isObject) : [];
  desk.suggested.set(actionId, options);
  return options;
}

function suggestionPlace(desk: Desk, place: View | Message): Json {
  if ('payload' in place) return { view: viewJson(place), container: { type: 'view', view_id: place.id } };
  const channel = desk.state.channels.get(place.channel);
  return {
    container: { type: 'message', message_ts: place.ts, channel_id: place.channel, is_ephemeral: place.ephemeralTo !== undefined },
    channel: { id: place.channel, name: channel?.name ?? '' },
    message: messageJson(desk.state, place),
  };
}
