import { describe, expect, it, vi } from 'vitest';
import { SlackError } from '../../../src/channels/slack.ts';
import { announce } from '../../../src/jobs/announce.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { keys as redisKeys } from '../../../src/store/keys.ts';
import { people, storyAt } from '../../helpers/story.ts';
import { incident, keyOf, repeated, Stage, told, toStakeholders } from './announcing.ts';

const stage = Stage.forEach();
const keys = (): string[] => stage.keys();

describe('announcing', () => {
  it('two announcers at once: one message each', async () => {
    const both = [await stage.announcer(), await stage.announcer()];
    const id = await told(both[0] as Context, storyAt('complete'));
    await stage.all(both, id);
    expect(repeated(keys())).toEqual([]);
    for (const key of ['card', 'phase-1', 'phase-5', 'proof', 'initial:#inc-trading', 'completion:#inc-trading', 'completion:#trading-status'])
      expect(keys()).toContain(key);
    const inChannel = stage.workspace.messages(incident).map(keyOf);
    expect(inChannel).toEqual(['card', 'initial:#inc-trading', 'completion:#inc-trading']);
    expect(keys().filter((key) => key.startsWith('phase-'))).toEqual(['phase-1', 'phase-2', 'phase-3', 'phase-4', 'phase-5']);
  });

  it('two announcers while Slack loses answers and fails: still one message each', async () => {
    const both = [await stage.announcer(), await stage.announcer()];
    const id = await told(both[0] as Context, storyAt('complete'));
    for (const kind of ['drop-reply', 'http500', 'drop-reply', 'http500', 'drop-reply'] as const)
      stage.workspace.faults.next('chat.postMessage', { kind });
    stage.workspace.faults.next('chat.postMessage', { kind: 'ratelimited', retryAfterS: 1 });
    await stage.all(both, id);
    expect(repeated(keys())).toEqual([]);
    expect(keys()).toContain('completion:#trading-status');
  });

  it('one that dies between the post and its note of it: the next finds the message and does not repeat it', async () => {
    const dying = await stage.announcer((slack, store) => ({
      ...slack,
      post: async (...args) => {
        await slack.post(...args);
        await store.close();
        throw new Error('killed');
      },
    }));
    const next = await stage.announcer();
    const id = await told(next, storyAt('waiting'));
    await announce(dying, id).catch(() => undefined);
    expect(keys()).toEqual(['card']);
    expect(await (await stage.store()).pttl(redisKeys.shown(id))).toBeGreaterThan(0); // what it began is not kept for ever
    const diedAt = performance.now();
    await stage.all([next], id);
    console.log(`taken over ${Math.round(performance.now() - diedAt)} ms after the announcer died`);
    expect(keys()).toEqual(['card']);
    expect((await next.log.load(id))?.messages.card).toBeDefined();
  });

  it('what Slack does not take now is not asked for again before its time', async () => {
    const later = { to: '', retryAfterMs: 30_000, tries: 0 };
    const context = await stage.announcer((slack) => ({
      ...slack,
      post: async (channel, message, key, thread) => {
        if (message.to !== later.to) return slack.post(channel, message, key, thread);
        later.tries += 1;
        throw new SlackError('later', 'ratelimited', later.retryAfterMs);
      },
    }));
    const id = await told(context, storyAt('complete', 'sac', { outline: { announcements: [toStakeholders] } }));
    later.to = '#trading-status';
    expect(await announce(context, id)).toBeGreaterThan(20_000);
    await context.log.observe(id, '', [{ type: 'described', by: people.requester, answers: { lessons: 'none' } }]); // a job of its own announces this
    await announce(context, id);
    expect(later.tries).toBe(1);
    stage.aheadMs += later.retryAfterMs;
    await announce(context, id);
    expect(later.tries).toBe(2);
    expect(keys()).not.toContain('completion:#trading-status');
  });

  it('a destination that is not there holds nothing else back', async () => {
    const context = await stage.announcer();
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
