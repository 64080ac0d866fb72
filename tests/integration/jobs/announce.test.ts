import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { Message } from '../../../lab/workspace/model.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { slackDirectory } from '../../../src/channels/directory.ts';
import { openClient, type SlackChannel, SlackError, slackChannel } from '../../../src/channels/slack.ts';
import type { Fact } from '../../../src/domain/event.ts';
import { announce } from '../../../src/jobs/announce.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { Deliveries } from '../../../src/store/deliveries.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Outputs } from '../../../src/store/outputs.ts';
import { people, type Story, storyAt } from '../../helpers/story.ts';

let redis: Redis;
let workspace: Workspace;
const opened: OpenRedis[] = [];
beforeEach(async () => {
  [redis, workspace] = await Promise.all([startRedis(), startWorkspace({ rateLimits: false })]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await Promise.all([redis.stop(), workspace.stop()]);
});

const toStakeholders = { audience: 'Stakeholders', to: '#trading-status', template: 'completion', when: { withinMs: 0 } } as const;

/** What one process announces with: connections of its own. */
async function announcer(change: (slack: SlackChannel, store: OpenRedis) => SlackChannel = (slack) => slack): Promise<Context> {
  const store = await openRedis(redis.url);
  opened.push(store);
  const client = openClient(workspace.botToken, workspace.apiUrl);
  const parts: Partial<Context> = {
    log: new Log(store.store, Date.now, async () => undefined),
    outputs: new Outputs(store.store),
    deliveries: new Deliveries(store.store),
    slack: change(slackChannel(client), store),
    directory: slackDirectory(client, Date.now),
    logger: pino({ level: 'silent' }),
    now: Date.now,
    mask: (text) => text,
  };
  return parts as Context; // the announcer uses nothing else
}

/** Writes a story into the log of this Redis, and answers its name. */
async function told(context: Context, { events }: Pick<Story, 'events'>): Promise<string> {
  const facts = events.map(({ v: _v, seq: _seq, at: _at, ...fact }) => fact as Fact);
  const [requested, ...rest] = facts;
  if (requested?.type !== 'requested') throw new Error('a story begins with a request');
  const { type: _type, ...request } = requested;
  const { id } = await context.log.create({ ...request, by: people.requester, key: 'once' });
  await context.log.observe(id, '', rest);
  return id;
}

/** Announces until one of them, whoever has the lease, finds nothing more to say. */
const all = (contexts: readonly Context[], id: string): Promise<unknown> =>
  vi.waitFor(
    async () => {
      const again = await Promise.all(contexts.map((context) => announce(context, id)));
      if (again.every((ms) => ms !== undefined && ms < 60_000)) throw new Error(`more to say in ${again.join(', ')} ms`);
    },
    { timeout: 30_000, interval: 50 },
  );

/** The keys of all messages in the workspace, in the order in which they came. */
function keys(): string[] {
  const places = [...Object.values(CHANNELS), ...Object.values(PEOPLE).map((person) => workspace.directChannel(person))];
  const found = places.flatMap((place) => workspace.messages(place).flatMap((one) => [one, ...workspace.replies(place, one.ts)]));
  const unique = new Map<string, Message>(found.map((one) => [`${one.channel} ${one.ts}`, one]));
  return [...unique.values()].sort((a, b) => Number(a.ts) - Number(b.ts)).map((one) => String(one.metadata?.event_payload.message));
}

const repeated = (list: readonly string[]): string[] => list.filter((one, i) => list.indexOf(one) !== i);

describe('announcing', () => {
  it('two announcers at once: one message each', async () => {
    const both = [await announcer(), await announcer()];
    const id = await told(both[0] as Context, storyAt('complete'));
    await all(both, id);
    expect(repeated(keys())).toEqual([]);
    for (const key of ['card', 'phase-1', 'phase-5', 'proof', 'initial:#inc-trading', 'completion:#inc-trading', 'completion:#trading-status'])
      expect(keys()).toContain(key);
    expect(keys()[0]).toBe('card');
  });

  it('two announcers while Slack loses answers and fails: still one message each', async () => {
    const both = [await announcer(), await announcer()];
    const id = await told(both[0] as Context, storyAt('complete'));
    for (const kind of ['drop-reply', 'http500', 'drop-reply', 'http500', 'drop-reply'] as const) workspace.faults.next('chat.postMessage', { kind });
    workspace.faults.next('chat.postMessage', { kind: 'ratelimited', retryAfterS: 1 });
    await all(both, id);
    expect(repeated(keys())).toEqual([]);
    expect(keys()).toContain('completion:#trading-status');
  });

  it('one that dies between the post and its note of it: the next finds the message and does not repeat it', async () => {
    const dying = await announcer((slack, store) => ({
      ...slack,
      post: async (...args) => {
        await slack.post(...args);
        await store.close();
        throw new Error('killed');
      },
    }));
    const next = await announcer();
    const id = await told(next, storyAt('waiting'));
    await announce(dying, id).catch(() => undefined);
    expect(keys()).toEqual(['card']);
    const diedAt = performance.now();
    await all([next], id);
    console.log(`taken over ${Math.round(performance.now() - diedAt)} ms after the announcer died`);
    expect(keys()).toEqual(['card']);
    expect((await next.log.load(id))?.messages.card).toBeDefined();
  });

  it('what Slack does not take now is not asked for again before its time', async () => {
    const later = { to: '', retryAfterMs: 3000 };
    const context = await announcer((slack) => ({
      ...slack,
      post: async (channel, message, key, thread) => {
        if (message.to !== later.to) return slack.post(channel, message, key, thread);
        throw new SlackError('later', 'ratelimited', later.retryAfterMs);
      },
    }));
    const id = await told(context, storyAt('complete', 'sac', { outline: { announcements: [toStakeholders] } }));
    later.to = '#trading-status';
    const waitMs = await announce(context, id);
    expect(keys()).not.toContain('completion:#trading-status');
    expect(waitMs).toBeGreaterThanOrEqual(later.retryAfterMs);
  });

  it('a destination that is not there holds nothing else back', async () => {
    const context = await announcer();
    const story = storyAt('complete', 'sac', {
      outline: {
        announcements: [{ audience: 'Nobody', to: '#no-such-channel', template: 'completion', when: { withinMs: 0 } }, toStakeholders],
      },
    });
    const id = await told(context, story);
    await vi.waitFor(async () => {
      await announce(context, id);
      expect(keys()).toContain('completion:#trading-status');
    });
    expect(keys()).toContain('proof');
  });
});
