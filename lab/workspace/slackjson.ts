import type { Channel, Group, Json, Message, Person, View } from './model.ts';
import { BOT, TEAM } from './people/people.ts';
import type { State } from './state.ts';

const epochS = 1_700_000_000;

function threadFields(state: State, message: Message): Json {
  if (message.threadTs !== undefined) return { thread_ts: message.threadTs, ...(message.isBroadcast ? { subtype: 'thread_broadcast' } : {}) };
  const replies = state.replies(message.channel, message.ts);
  if (replies.length === 0) return {};
  const users = [...new Set(replies.map((one) => one.user))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users,
    latest_reply: replies.at(-1)?.ts,
  };
}

/** A message as Slack's methods return it. */
export function messageJson(state: State, message: Message, withMetadata = false): Json {
  return {
    type: 'message',
    user: message.user,
    text: message.text,
    ts: message.ts,
    team: TEAM.id,
    ...(message.isBot ? { bot_id: BOT.botId, app_id: BOT.appId } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.isEdited ? { edited: { user: message.user, ts: message.ts } } : {}),
    ...(message.reactions.length > 0 ? { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) } : {}),
    ...(message.isPinned ? { pinned_to: [message.channel] } : {}),
    ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
    ...threadFields(state, message),
  };
}

/** A user as users.info returns it. */
export function personJson(person: Person): Json {
  return {
    id: person.id,
    team_id: TEAM.id,
    name: person.name,
    real_name: person.realName,
    deleted: false,
    is_bot: person.isBot === true,
    is_app_user: false,
    tz: 'Etc/UTC',
    tz_label: 'Coordinated Universal Time',
    tz_offset: 0,
    profile: { real_name: person.realName, display_name: person.displayName, ...(person.email === '' ? {} : { email: person.email }) },
  };
}

/** A conversation as conversations.info returns it. */
export function channelJson(channel: Channel): Json {
  const shared = { id: channel.id, created: epochS, is_archived: channel.isArchived, is_im: channel.isDirect };
  if (channel.isDirect) return { ...shared, user: channel.members.find((id) => id !== BOT.userId) ?? BOT.userId };
  return {
    ...shared,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_mpim: false,
    is_private: channel.isPrivate,
    is_general: channel.name === 'general',
    is_member: channel.members.includes(BOT.userId),
    num_members: channel.members.length,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** A user group as usergroups.list returns it. */
export function groupJson(group: Group, withUsers: boolean): Json {
  return {
    id: group.id,
    team_id: TEAM.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    description: '',
    date_delete: 0,
    user_count: group.members.length,
    ...(withUsers ? { users: group.members } : {}),
  };
}

/** A view as views.open returns it and payloads carry it. */
export function viewJson(view: View, values: Json = {}): Json {
  return {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    ...view.payload,
    id: view.id,
    team_id: TEAM.id,
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId,
    app_id: BOT.appId,
    app_installed_team_id: TEAM.id,
    bot_id: BOT.botId,
    state: { values },
  };
}
