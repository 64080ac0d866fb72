import { interactive } from './blockkit/unique.ts';
import { newId } from './ids.ts';
import type { Channel, Json, Message, Person, View } from './model.ts';
import { BOT, TEAM } from './people/people.ts';
import { messageJson, viewJson } from './slackjson.ts';
import type { State } from './state.ts';

const APP = { api_app_id: BOT.appId, token: 'legacy-verification-token' };
const team = { team: { id: TEAM.id, domain: TEAM.domain }, enterprise: null, is_enterprise_install: false };
const userOf = (person: Person): Json => ({ id: person.id, username: person.name, name: person.name, team_id: TEAM.id });
const nameOf = (channel: Channel): string => (channel.isDirect ? 'directmessage' : channel.name);

/** A slash command's payload. https://docs.slack.dev/interactivity/implementing-slash-commands */
export function commandPayload(person: Person, channel: Channel, command: string, text: string, ids: { trigger: string; responseUrl: string }): Json {
  return {
    ...APP,
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: channel.id,
    channel_name: nameOf(channel),
    user_id: person.id,
    user_name: person.name,
    command,
    text,
    is_enterprise_install: 'false',
    response_url: ids.responseUrl,
    trigger_id: ids.trigger,
  };
}

/** A click in a message. An ephemeral message is not sent along, as with Slack. */
export function messageActionPayload(
  state: State,
  person: Person,
  channel: Channel,
  message: Message,
  action: Json,
  ids: { trigger: string; responseUrl: string },
): Json {
  const isEphemeral = message.ephemeralTo !== undefined;
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
  return {
    type: 'block_actions',
    ...APP,
    ...team,
    user: userOf(person),
    container: { type: 'message', message_ts: message.ts, channel_id: channel.id, is_ephemeral: isEphemeral, ...thread },
    trigger_id: ids.trigger,
    channel: { id: channel.id, name: nameOf(channel) },
    ...(isEphemeral ? {} : { message: messageJson(state, message, true) }),
    state: { values: valuesWith(message.blocks, action) },
    response_url: ids.responseUrl,
    actions: [action],
  };
}

/** A click in a modal or on the Home tab. */
export function viewActionPayload(person: Person, view: View, values: Json, action: Json, trigger: string): Json {
  return {
    type: 'block_actions',
    ...APP,
    ...team,
    user: userOf(person),
    container: { type: 'view', view_id: view.id },
    trigger_id: trigger,
    view: viewJson(view, values),
    actions: [action],
  };
}

/** A modal's Submit. */
export const submissionPayload = (person: Person, view: View, values: Json, trigger: string): Json => ({
  type: 'view_submission',
  ...APP,
  ...team,
  user: userOf(person),
  trigger_id: trigger,
  view: viewJson(view, values),
  response_urls: [],
});

/** A modal closed by hand, where the app asked to be told. */
export const closedPayload = (person: Person, view: View, isCleared: boolean): Json => ({
  type: 'view_closed',
  ...APP,
  ...team,
  user: userOf(person),
  view: viewJson(view),
  is_cleared: isCleared,
});

/** Typing in an external_select: in a message or in a view. */
export function suggestionPayload(person: Person, where: Json, element: Json, blockId: string, value: string): Json {
  return { type: 'block_suggestion', ...APP, ...team, user: userOf(person), ...where, action_id: element.action_id, block_id: blockId, value };
}

/** An Events API event. */
export const eventPayload = (event: Json): Json => ({
  token: APP.token,
  team_id: TEAM.id,
  api_app_id: BOT.appId,
  event,
  type: 'event_callback',
  event_id: newId('Ev'),
  event_time: Math.floor(Date.now() / 1000),
  authorizations: [{ enterprise_id: null, team_id: TEAM.id, user_id: BOT.userId, is_bot: true, is_enterprise_install: false }],
});

// In messages Slack sends the state of the selects and pickers, never of buttons.
function valuesWith(blocks: Json[], action: Json): Json {
  const values: Json = {};
  for (const block of blocks) {
    for (const { element } of interactive(block)) {
      if (element.type === 'button' || element.type === 'overflow' || element.action_id !== action.action_id) continue;
      values[String(block.block_id)] = { [String(element.action_id)]: { type: element.type, ...pickedFields(action) } };
    }
  }
  return values;
}

function pickedFields(action: Json): Json {
  return Object.fromEntries(Object.entries(action).filter(([key]) => key.startsWith('selected_') || key === 'value'));
}
