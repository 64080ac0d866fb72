import { click, clickInView, clickOn, suggest } from './acts/click.ts';
import { command, openHome, say } from './acts/command.ts';
import type { Desk, Outcome } from './acts/desk.ts';
import type { Given } from './acts/pick.ts';
import { close, submit } from './acts/submit.ts';
import type { ApiCall } from './api.ts';
import { textsOf } from './blockkit/texts.ts';
import { interactive } from './blockkit/unique.ts';
import type { Channel, Json, Message, Notice, View } from './model.ts';
import { BOT } from './people/people.ts';
import type { Change } from './state.ts';
import { stackOf } from './viewstack.ts';

/** A button (or select) of a message, as a test asks for it. */
export interface Control {
  actionId: string;
  type: string;
  label: string;
  value: string | undefined;
  style: string | undefined;
}

/** The controls of a message, in order. */
export const controlsOf = (message: Pick<Message, 'blocks'>): Control[] =>
  message.blocks.flatMap((block) =>
    interactive(block).map(({ element }) => ({
      actionId: String(element.action_id),
      type: String(element.type),
      label: textsOf(element.text ?? element.placeholder)[0]?.text ?? '',
      value: typeof element.value === 'string' ? element.value : undefined,
      style: typeof element.style === 'string' ? element.style : undefined,
    })),
  );

/** All that a person reads in a message: the texts of its blocks, or its text when there are none. */
export const wordsOf = (message: Pick<Message, 'blocks' | 'text'>): string =>
  message.blocks.length === 0
    ? message.text
    : textsOf(message.blocks)
        .map((part) => part.text)
        .join('\n');

/** What tests do in the workspace: act as people, and look. Everything it returns is a copy. */
export class Driver {
  private readonly desk: Desk;
  private readonly apiCalls: readonly ApiCall[];

  constructor(desk: Desk, apiCalls: readonly ApiCall[]) {
    this.desk = desk;
    this.apiCalls = apiCalls;
  }

  /** Types a slash command: `/rollback sac v0.1.0`, or only `sac v0.1.0`. */
  command(userId: string, channelId: string, text: string): Promise<Outcome> {
    return command(this.desk, userId, channelId, text);
  }

  /** Says something; in a thread when `threadTs` is given. */
  say(userId: string, channelId: string, text: string, threadTs?: string): Message | undefined {
    return structuredClone(say(this.desk, userId, channelId, text, threadTs));
  }

  /** Clicks a button of a message, or chooses `value` in a select of it. */
  click(userId: string, channelId: string, ts: string, actionId: string, value?: Given): Promise<Outcome> {
    return click(this.desk, userId, channelId, ts, actionId, value);
  }

  /** Clicks a button of a message as it was when this copy was taken: an old card. */
  clickOld(userId: string, message: Message, actionId: string, value?: Given): Promise<Outcome> {
    return clickOn(this.desk, userId, message, actionId, value);
  }

  /** Clicks a button, or chooses `value`, in a modal or on the Home tab. */
  clickView(userId: string, viewId: string, actionId: string, value?: Given, values?: Record<string, Given>): Promise<Outcome> {
    return clickInView(this.desk, userId, viewId, actionId, value, values);
  }

  /** Types into an external select; the options the app offers. */
  suggest(userId: string, where: { viewId: string } | { channelId: string; ts: string }, actionId: string, typed: string): Promise<Json[]> {
    return suggest(this.desk, userId, where, actionId, typed);
  }

  /** Submits a modal; `values` by block_id or action_id. */
  submit(viewId: string, userId: string, values: Record<string, Given> = {}): Promise<Outcome> {
    return submit(this.desk, viewId, userId, values);
  }

  /** Closes a modal, or all of them, by hand. */
  close(viewId: string, userId: string, all = false): Promise<Outcome> {
    return close(this.desk, viewId, userId, all);
  }

  /** Deletes a message, as its author or an administrator does. */
  delete(channelId: string, ts: string): void {
    const { state } = this.desk;
    const message = state.find(channelId, ts);
    if (message) state.remove(message);
  }

  /** Archives a channel, or brings it back. */
  archive(channelId: string, isArchived = true): void {
    this.channel(channelId).isArchived = isArchived;
  }

  /** Takes somebody out of a channel: the bot, unless a person is named. */
  kick(channelId: string, userId: string = BOT.userId): void {
    const channel = this.channel(channelId);
    channel.members = channel.members.filter((one) => one !== userId);
  }

  /** Takes somebody into a channel: the bot, unless a person is named. */
  invite(channelId: string, userId: string = BOT.userId): void {
    this.kick(channelId, userId);
    this.channel(channelId).members.push(userId);
  }

  /** Makes these people, and nobody else, a user group: `sac-leads`. */
  regroup(handle: string, members: readonly string[]): void {
    const found = [...this.desk.state.groups.values()].find((group) => group.handle === handle);
    if (!found) throw new Error(`No user group "${handle}" in the workspace.`);
    found.members = [...members];
  }

  private channel(channelId: string): Channel {
    const found = this.desk.state.channels.get(channelId);
    if (!found) throw new Error(`No channel "${channelId}" in the workspace.`);
    return found;
  }

  /** Opens the bot's Home tab. */
  openHome(userId: string): void {
    openHome(this.desk, userId);
  }

  /** The id of a person's direct messages with the bot. */
  directChannel(userId: string): string {
    return this.desk.state.direct(BOT.userId, userId).id;
  }

  /** The messages of a channel itself, oldest first: no replies but those broadcast, no ephemeral ones. */
  messages(channelId: string): Message[] {
    return structuredClone(this.desk.state.messages.filter((one) => one.channel === channelId && (one.threadTs === undefined || one.isBroadcast)));
  }

  /** One message as it is now. */
  message(channelId: string, ts: string): Message | undefined {
    return structuredClone(this.desk.state.messages.find((one) => one.channel === channelId && one.ts === ts));
  }

  /** The replies of a thread, oldest first. */
  replies(channelId: string, ts: string): Message[] {
    return structuredClone(this.desk.state.replies(channelId, ts));
  }

  /** What only this person sees, oldest first. */
  ephemerals(userId: string): Message[] {
    return structuredClone(this.desk.state.ephemerals.filter((one) => one.ephemeralTo === userId));
  }

  /** What the client told this person: failed commands, clicks that did not arrive. */
  notices(userId: string): Notice[] {
    return structuredClone(this.desk.state.notices.filter((one) => one.userId === userId));
  }

  /** The modals on this person's screen, the topmost last. */
  views(userId: string): View[] {
    return structuredClone(stackOf(this.desk.state, userId));
  }

  /** This person's Home tab. */
  home(userId: string): View | undefined {
    return structuredClone(this.desk.state.homes.get(userId));
  }

  /** Every call of the Web API so far, with its error if it was refused. */
  calls(method?: string): ApiCall[] {
    return structuredClone(this.apiCalls.filter((one) => method === undefined || one.method === method));
  }

  /** Calls `listener` at every change of this kind; the answer stops that. */
  on<K extends Change['kind']>(kind: K, listener: (change: Extract<Change, { kind: K }>) => void): () => void {
    return this.desk.state.listen((change) => {
      if (change.kind === kind) listener(change as Extract<Change, { kind: K }>);
    });
  }

  /**
   * Waits until `look` gives something (not undefined, null or false), looking again at every change.
   *
   * @throws Error after `timeoutMs` (10,000), naming `what`
   */
  waitFor<T>(look: () => T | undefined | null | false, what = 'what the test waits for', timeoutMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        stop();
        clearTimeout(timer);
        finish();
      };
      const attempt = () => {
        try {
          const value = look();
          if (value !== undefined && value !== null && value !== false) settle(() => resolve(value));
        } catch (error) {
          settle(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      const stop = this.desk.state.listen(attempt);
      const timer = setTimeout(() => settle(() => reject(new Error(`Waited ${timeoutMs} ms for ${what}, in vain.`))), timeoutMs);
      attempt();
    });
  }
}
