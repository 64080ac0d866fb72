import { fillIds } from './blockkit/fill.ts';
import { newId, timestamps } from './ids.ts';
import { mentionsIn } from './mentions.ts';
import type { Channel, Group, Json, Message, Metadata, Notice, Person, View } from './model.ts';

/** What changed in the workspace, as pages and tests are told. */
export type Change =
  | { kind: 'message'; message: Message }
  | { kind: 'changed'; message: Message }
  | { kind: 'deleted'; channel: string; ts: string; threadTs?: string }
  | { kind: 'ephemeral'; message: Message }
  | { kind: 'ephemeral-removed'; userId: string; channel: string; ts: string }
  | { kind: 'views'; userId: string }
  | { kind: 'notice'; notice: Notice }
  | { kind: 'connections'; count: number };

/** What is needed to post. `blocks` have passed the checks. */
export interface Draft {
  channel: string;
  user: string;
  isBot: boolean;
  text: string;
  blocks: Json[];
  threadTs?: string | undefined;
  isBroadcast?: boolean;
  metadata?: Metadata | undefined;
  parsesNames?: boolean;
  ephemeralTo?: string | undefined;
  typedCommand?: string | undefined;
}

/** What an edit sets; what is left out stays. */
export interface Edit {
  text?: string;
  blocks?: Json[];
  metadata?: Metadata;
  isEdited?: boolean;
}

/** Everything the workspace holds, in memory. Changing it tells the listeners. */
export class State {
  readonly people = new Map<string, Person>();
  readonly groups = new Map<string, Group>();
  readonly channels = new Map<string, Channel>();
  readonly messages: Message[] = [];
  readonly ephemerals: Message[] = [];
  readonly views = new Map<string, View>();
  readonly homes = new Map<string, View>();
  readonly notices: Notice[] = [];
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly nextTs = timestamps();

  constructor(people: readonly Person[], groups: readonly Group[], channels: readonly Channel[]) {
    for (const person of people) this.people.set(person.id, person);
    for (const group of groups) this.groups.set(group.id, structuredClone(group));
    for (const channel of channels) this.channels.set(channel.id, structuredClone(channel));
  }

  /** Calls `listener` at every change; the answer stops that. */
  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells the listeners. */
  tell(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }

  /** Adds a message, or an ephemeral one when the draft says to whom. */
  post(draft: Draft): Message {
    const { parsesNames, isBroadcast, threadTs, metadata, ephemeralTo, typedCommand, ...rest } = draft;
    const message: Message = {
      ...rest,
      blocks: fillIds(draft.blocks),
      ts: this.nextTs(),
      isBroadcast: isBroadcast ?? false,
      isEdited: false,
      isPinned: false,
      mentions: mentionsIn(draft.text, draft.blocks, parsesNames),
      reactions: [],
      ...(threadTs === undefined ? {} : { threadTs }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(ephemeralTo === undefined ? {} : { ephemeralTo }),
      ...(typedCommand === undefined ? {} : { typedCommand }),
    };
    (ephemeralTo === undefined ? this.messages : this.ephemerals).push(message);
    this.tell({ kind: ephemeralTo === undefined ? 'message' : 'ephemeral', message });
    return message;
  }

  /** Changes a message in place. */
  edit(message: Message, edit: Edit): void {
    const blocks = edit.blocks === undefined ? message.blocks : fillIds(edit.blocks);
    Object.assign(message, edit, { blocks, mentions: mentionsIn(edit.text ?? message.text, blocks) });
    this.tell({ kind: message.ephemeralTo === undefined ? 'changed' : 'ephemeral', message });
  }

  /** Removes a message of either kind. */
  remove(message: Message): void {
    const list = message.ephemeralTo === undefined ? this.messages : this.ephemerals;
    const index = list.indexOf(message);
    if (index >= 0) list.splice(index, 1);
    const { channel, ts, threadTs, ephemeralTo } = message;
    if (ephemeralTo !== undefined) this.tell({ kind: 'ephemeral-removed', userId: ephemeralTo, channel, ts });
    else this.tell({ kind: 'deleted', channel, ts, ...(threadTs === undefined ? {} : { threadTs }) });
  }

  /** The message with this ts, public or visible to `userId`. */
  find(channelId: string, ts: string, userId?: string): Message | undefined {
    const isIt = (one: Message) => one.channel === channelId && one.ts === ts;
    return this.messages.find(isIt) ?? this.ephemerals.find((one) => isIt(one) && one.ephemeralTo === userId);
  }

  /** The replies of a thread, oldest first, without its first message. */
  replies(channelId: string, ts: string): Message[] {
    return this.messages.filter((one) => one.channel === channelId && one.threadTs === ts && one.ts !== ts);
  }

  /** The conversation of these two, made when it is not there yet. */
  direct(userId: string, otherId: string): Channel {
    const members = [userId, otherId].sort();
    const found = [...this.channels.values()].find((one) => one.isDirect && members.every((id) => one.members.includes(id)));
    if (found) return found;
    const channel: Channel = { id: newId('D', 8), name: 'directmessage', topic: '', isPrivate: true, isArchived: false, isDirect: true, members };
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** Tells one person something that is not a message. */
  notify(userId: string, channelId: string, text: string): void {
    const notice: Notice = { userId, channelId, text, atMs: Date.now() };
    this.notices.push(notice);
    this.tell({ kind: 'notice', notice });
  }
}
