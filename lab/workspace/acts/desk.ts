import type { Channel, Json, Person, View } from '../model.ts';
import { BOT } from '../people/people.ts';
import type { ResponseUrls } from '../responseurls.ts';
import { DeliveryError, type EnvelopeType } from '../socket/envelope.ts';
import type { SocketHub } from '../socket/hub.ts';
import type { State } from '../state.ts';
import type { Triggers } from '../triggers.ts';

/** How what people do gets to the app. */
export interface Delivery {
  /** Sends it, and gives what was acknowledged with it. @throws DeliveryError */
  deliver(type: EnvelopeType, payload: Json): Promise<Json>;
}

/** What people's actions need. */
export interface Desk {
  state: State;
  hub: SocketHub;
  /** The socket's hub, or signed requests where the app has a request URL. */
  app: Delivery;
  triggers: Triggers;
  urls: ResponseUrls;
  /** The address of the page, without a slash at its end. */
  origin(): string;
  /** The slash commands the app has. */
  commands: readonly string[];
  /** The events the app subscribes to. */
  events: readonly string[];
  /** What external selects offered lately, by action_id. */
  suggested: Map<string, Json[]>;
}

/** How an action ended: whether the app acknowledged it, and if not what the person was shown. */
export interface Outcome {
  ok: boolean;
  error?: string;
  /** For a submitted view: what is wrong, by block_id. */
  errors?: Record<string, string>;
}

/** The person, or a clear refusal: tests name people by id. */
export function personOf(state: State, userId: string): Person {
  const person = state.people.get(userId);
  if (!person) throw new Error(`No person "${userId}" in the workspace. People: ${[...state.people.keys()].join(', ')}.`);
  return person;
}

/** The channel, which this person must be in. */
export function channelOf(state: State, channelId: string, userId: string): Channel {
  const channel = state.channels.get(channelId);
  if (!channel) throw new Error(`No channel "${channelId}" in the workspace. Channels: ${[...state.channels.keys()].join(', ')}.`);
  if (!channel.members.includes(userId)) throw new Error(`${userId} is not a member of #${channel.name}.`);
  return channel;
}

/** The modal on this person's screen. */
export function viewOf(state: State, viewId: string, userId: string): View {
  const view = state.views.get(viewId) ?? [...state.homes.values()].find((one) => one.id === viewId);
  if (!view || view.userId !== userId) throw new Error(`No view "${viewId}" on the screen of ${userId}.`);
  return view;
}

/** Waits for the acknowledgement; what did not arrive becomes an outcome. */
export async function delivered(sending: Promise<Json>, then: (payload: Json) => Outcome): Promise<Outcome> {
  try {
    return then(await sending);
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return { ok: false, error: error.code };
  }
}

/** Sends an event when the app subscribes to it; nobody waits for it. */
export function emit(desk: Desk, subscription: string, payload: Json): void {
  if (!desk.events.includes(subscription)) return;
  desk.app.deliver('events_api', payload).catch(() => undefined);
}

/** True in the bot's own conversations, where an app may always answer. */
export const isWithBot = (channel: Channel): boolean => channel.isDirect && channel.members.includes(BOT.userId);
