import type { App } from '@slack/bolt';
import { onDecisions } from '../../src/bot/actions/decisions.ts';
import { onModals } from '../../src/bot/actions/modals.ts';
import { onCommand } from '../../src/bot/command.ts';
import { onSubmissions } from '../../src/bot/views/submissions.ts';
import type { View } from '../../src/domain/message.ts';
import type { World } from './world.ts';

/** What a person got to see after they acted. */
export interface Heard {
  /** Private answers and direct messages. */
  readonly said: string[];
  /** Modals that were opened or turned. */
  readonly opened: View[];
  /** Acknowledgements, each with how much had been said before it. */
  readonly acks: number[];
  /** How many listeners felt meant. */
  listeners: number;
}

type Arguments = Readonly<Record<string, unknown>>;
type Listener = (given: Arguments) => Promise<void>;

interface Constraints {
  readonly type: string;
  readonly action_id?: RegExp;
  readonly callback_id?: string;
}

/** The bot's own listeners, registered as in Bolt, and called with payloads as Slack sends them. No network. */
export class Desk {
  readonly #commands: Listener[] = [];
  readonly #actions: { readonly constraints: Constraints; readonly listener: Listener }[] = [];
  readonly #views: { readonly constraints: Constraints; readonly listener: Listener }[] = [];

  constructor(world: World) {
    const app = {
      command: (_name: string, listener: Listener) => this.#commands.push(listener),
      action: (constraints: Constraints, listener: Listener) => this.#actions.push({ constraints, listener }),
      view: (constraints: Constraints, listener: Listener) => this.#views.push({ constraints, listener }),
    } as unknown as App;
    onCommand(app, world.context);
    onDecisions(app, world.context);
    onModals(app, world.context);
    onSubmissions(app, world.context);
  }

  /** `/rollback TEXT`, typed by a user in the incident channel or elsewhere. */
  command(userId: string, text: string, channel: string): Promise<Heard> {
    const command = {
      command: '/rollback',
      text,
      user_id: userId,
      user_name: userId,
      trigger_id: 'T1',
      channel_id: channel,
      channel_name: 'inc-trading',
    };
    return this.#call(this.#commands, { command, body: command, payload: command });
  }

  /** A click on a button; `value` is undefined where the payload has none. */
  click(userId: string, actionId: string, value: string | undefined, inModal: boolean): Promise<Heard> {
    const action = { type: 'button', action_id: actionId, block_id: 'b', ...(value !== undefined && { value }) };
    const body = { type: 'block_actions', user: { id: userId }, trigger_id: 'T1', actions: [action], ...(inModal && { view: { id: 'V1' } }) };
    const meant = this.#actions.filter(({ constraints }) => constraints.action_id?.test(actionId) === true);
    return this.#call(
      meant.map(({ listener }) => listener),
      { action, payload: action, body },
    );
  }

  /** A modal's Submit, with what its private_metadata and its inputs are said to hold. */
  submit(userId: string, callbackId: string, metadata: unknown, values: unknown): Promise<Heard> {
    const view = { id: 'V1', type: 'modal', callback_id: callbackId, private_metadata: metadata, state: { values }, blocks: [] };
    const body = { type: 'view_submission', user: { id: userId }, view };
    const meant = this.#views.filter(({ constraints }) => constraints.callback_id === callbackId);
    return this.#call(
      meant.map(({ listener }) => listener),
      { view, payload: view, body },
    );
  }

  async #call(listeners: readonly Listener[], given: Arguments): Promise<Heard> {
    const heard: Heard = { said: [], opened: [], acks: [], listeners: listeners.length };
    const open = async ({ view }: { view: View }): Promise<void> => void heard.opened.push(view);
    const client = {
      views: { open, update: open },
      chat: { postMessage: async ({ text }: { text: string }) => void heard.said.push(text) },
    };
    const more = {
      ack: async () => void heard.acks.push(heard.said.length + heard.opened.length),
      respond: async ({ text }: { text: string }) => void heard.said.push(text),
      client,
    };
    for (const listener of listeners) await listener({ ...given, ...more });
    return heard;
  }
}
