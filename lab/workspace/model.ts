/** A JSON object whose fields have not been looked at yet. */
export type Json = Record<string, unknown>;

/** Somebody (or the bot) in the workspace. `name` is the handle without the @. */
export interface Person {
  id: string;
  name: string;
  displayName: string;
  realName: string;
  email: string;
  isBot?: boolean;
}

/** A user group; `handle` is without the @. */
export interface Group {
  id: string;
  handle: string;
  name: string;
  members: string[];
}

/** A channel or, when `isDirect`, the conversation of two people. */
export interface Channel {
  id: string;
  name: string;
  topic: string;
  isPrivate: boolean;
  isArchived: boolean;
  isDirect: boolean;
  members: string[];
}

/** Who a text would page. `groups` and `users` are ids. */
export interface Mentions {
  here: boolean;
  channel: boolean;
  everyone: boolean;
  users: string[];
  groups: string[];
}

/** Message metadata as Slack keeps it. */
export interface Metadata {
  event_type: string;
  event_payload: Json;
}

/** One message; `ephemeralTo` makes it visible to that person only. `blocks` carry the block_id and action_id that were generated. */
export interface Message {
  channel: string;
  ts: string;
  user: string;
  isBot: boolean;
  text: string;
  blocks: Json[];
  threadTs?: string;
  isBroadcast: boolean;
  isEdited: boolean;
  isPinned: boolean;
  metadata?: Metadata;
  mentions: Mentions;
  reactions: { name: string; users: string[] }[];
  ephemeralTo?: string;
  /** Where a slash command was answered in the channel, the command as it was typed. */
  typedCommand?: string;
}

/** A modal or Home view on somebody's screen. `payload` is the view as the app sent it. */
export interface View {
  id: string;
  userId: string;
  rootId: string;
  previousId: string | null;
  hash: string;
  payload: Json;
  errors: Record<string, string>;
}

/** Something the client tells one person that is not a message: a failed command, a click that did not arrive. */
export interface Notice {
  userId: string;
  channelId: string;
  text: string;
  atMs: number;
}
