import pino from 'pino';
import { afterEach, beforeEach, vi } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { Message } from '../../../lab/workspace/model.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { slackDirectory } from '../../../src/channels/directory.ts';
import { openClient, type SlackChannel, slackChannel } from '../../../src/channels/slack.ts';
import type { Fact } from '../../../src/domain/event.ts';
import { announce } from '../../../src/jobs/announce.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { Deliveries } from '../../../src/store/deliveries.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Outputs } from '../../../src/store/outputs.ts';
import { testJournal } from '../../helpers/sealing.ts';
import { people, type Story } from '../../helpers/story.ts';

export const incident = CHANNELS['inc-trading'];
export const toStakeholders = { audience: 'Stakeholders', to: '#trading-status', template: 'completion', when: { withinMs: 0 } } as const;

/** What announcing needs around it: a Redis and a workspace for each test of a file, and a clock that is set. */
export class Stage {
  redis!: Redis;
  workspace!: Workspace;
  /** How far the clock is ahead of the real one, in milliseconds. */
  aheadMs = 0;
  readonly #opened: OpenRedis[] = [];

  /** Starts and ends it around every test of the file. */
  static forEach(): Stage {
    const stage = new Stage();
    beforeEach(async () => {
      stage.aheadMs = 0;
      [stage.redis, stage.workspace] = await Promise.all([startRedis(), startWorkspace({ rateLimits: false })]);
    });
    afterEach(async () => {
      await Promise.all(stage.#opened.splice(0).map((one) => one.close()));
      await Promise.all([stage.redis.stop(), stage.workspace.stop()]);
    });
    return stage;
  }

  readonly now = (): number => Date.now() + this.aheadMs;

  /** What one process announces with: connections of its own. */
  async announcer(change: (slack: SlackChannel, store: OpenRedis) => SlackChannel = (slack) => slack): Promise<Context> {
    const store = await openRedis(this.redis.url);
    this.#opened.push(store);
    const client = openClient(this.workspace.botToken, this.workspace.apiUrl);
    const parts: Partial<Context> = {
      log: new Log(store.store, testJournal(store.store, this.now), this.now, async () => undefined),
      outputs: new Outputs(store.store),
      deliveries: new Deliveries(store.store),
      slack: change(slackChannel(client), store),
      directory: slackDirectory(client, this.now),
      logger: pino({ level: 'silent' }),
      now: this.now,
      mask: (text) => text,
    };
    return parts as Context; // the announcer uses nothing else
  }

  /** A connection of the test's own. */
  async store(): Promise<OpenRedis['store']> {
    const opened = await openRedis(this.redis.url);
    this.#opened.push(opened);
    return opened.store;
  }

  /**
   * Announces as workers do, again and again when asked for, with the clock set forward instead of waiting; until nobody wants to look again within
   * `withinMs`. What runs has a clock that moves on every 15 s: less than that, then.
   */
  async all(contexts: readonly Context[], id: string, withinMs = 14_000): Promise<void> {
    await vi.waitFor(
      async () => {
        const again = await Promise.all(contexts.map((context) => announce(context, id)));
        const soon = again.filter((ms) => ms !== undefined && ms < withinMs) as number[];
        if (soon.length === 0) return;
        this.aheadMs += Math.min(...soon);
        throw new Error(`more to say in ${soon.join(', ')} ms`);
      },
      { timeout: 40_000, interval: 20 },
    );
  }

  /** All messages in the workspace that carry a key, in the order in which they came. */
  messages(): Message[] {
    const places = [...Object.values(CHANNELS), ...Object.values(PEOPLE).map((person) => this.workspace.directChannel(person))];
    const found = places.flatMap((place) => this.workspace.messages(place).flatMap((one) => [one, ...this.workspace.replies(place, one.ts)]));
    const unique = new Map<string, Message>(found.map((one) => [`${one.channel} ${one.ts}`, one]));
    return [...unique.values()].filter((one) => one.metadata).sort((a, b) => Number(a.ts) - Number(b.ts));
  }

  /** Their keys. */
  keys(): string[] {
    return this.messages().map(keyOf);
  }

  /** The message of this key; throws when there is none. */
  message(key: string): Message {
    const found = this.messages().find((one) => keyOf(one) === key);
    if (!found) throw new Error(`no ${key} among ${this.keys().join(', ')}`);
    return found;
  }

  /** What the requester was told directly. */
  toldRequester(): Message[] {
    return this.workspace.messages(this.workspace.directChannel(people.requester.id));
  }

  /** When this message was asked to be posted there, in milliseconds since 1970. */
  posts(channel: string): number[] {
    return this.workspace
      .calls('chat.postMessage')
      .filter(({ args }) => args.channel === channel)
      .map(({ atMs }) => atMs);
  }
}

export const keyOf = (message: Message): string => String(message.metadata?.event_payload.message);
export const repeated = (list: readonly string[]): string[] => list.filter((one, i) => list.indexOf(one) !== i);

/** What of a story happened since another part of it, without the marks of its own log. */
const factsOf = ({ events }: Pick<Story, 'events'>, from = 0): Fact[] =>
  events.slice(from).map(({ v: _v, seq: _seq, at: _at, ...fact }) => fact as Fact);

/** Writes a story into the log of this Redis, and answers its name. */
export async function told(context: Context, story: Pick<Story, 'events'>, key = 'once'): Promise<string> {
  const [requested, ...rest] = factsOf(story);
  if (requested?.type !== 'requested') throw new Error('a story begins with a request');
  const { type: _type, ...request } = requested;
  const { id } = await context.log.create({ ...request, by: people.requester, key });
  if (rest.length > 0) await context.log.observe(id, '', rest);
  return id;
}

/** Writes into the log what happens in a story from its event `from` on. */
export async function goesOn(context: Context, id: string, story: Pick<Story, 'events'>, from: number): Promise<void> {
  await context.log.observe(id, '', factsOf(story, from));
}
