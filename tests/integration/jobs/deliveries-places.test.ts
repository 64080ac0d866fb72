import { describe, expect, it, vi } from 'vitest';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { SlackError } from '../../../src/channels/slack.ts';
import type { AnnouncementRule } from '../../../src/domain/system.ts';
import { announce } from '../../../src/jobs/announce.ts';
import { people, storyAt } from '../../helpers/story.ts';
import { incident, keyOf, repeated, Stage, told } from './announcing.ts';

const stage = Stage.forEach();
const rule = (to: string, template: AnnouncementRule['template'] = 'completion'): AnnouncementRule => ({
  audience: to.slice(1),
  to,
  template,
  when: { withinMs: 0 },
});
const everywhere = { outline: { announcements: [rule('#management'), rule('#trading-status'), rule('#client-notices')] } };
const { management, 'trading-status': status, 'client-notices': clients } = CHANNELS;

describe('one destination in trouble', () => {
  it.each(['#management', '#inc-trading'])('%s hangs: all others are served at once, also what happens meanwhile', async (to) => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('complete', 'sac', everywhere));
    const hanging: string = CHANNELS[to.slice(1) as 'management' | 'inc-trading'];
    stage.workspace.faults.next('chat.postMessage', { kind: 'hang' }, 1, hanging);
    await context.directory.destination(to); // the directory is known from before, as in a bot that runs
    const beganAt = performance.now();
    const first = announce(context, id);
    const others = [management, status, clients].filter((channel) => channel !== hanging);
    for (const channel of others)
      await stage.workspace.waitFor(() => stage.workspace.messages(channel).some((one) => keyOf(one).startsWith('completion')), channel, 3000);
    const tookMs = performance.now() - beganAt;
    console.log(`${to} hangs for 5 s: the others were told within ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(2500);
    if (hanging !== incident) {
      await context.log.observe(id, '', [{ type: 'described', by: people.requester, answers: { lessons: 'Keep the old release at hand' } }]);
      await stage.all([context], id, 200);
      const isReported = () => stage.messages().some((one) => keyOf(one) === 'report' && one.text.includes('Keep the old release at hand'));
      await stage.workspace.waitFor(isReported, 'the report', 3000);
    }
    expect(performance.now() - beganAt).toBeLessThan(4500); // and it hangs still
    await first;
    await stage.all([context], id);
    expect(stage.keys()).toContain(`completion:${to === '#inc-trading' ? '#management' : to}`);
    expect(repeated(stage.keys())).toEqual([]);
  });

  it('is asked for nothing before the time it named, whatever happens meanwhile; then it gets all, in order', async () => {
    const context = await stage.announcer();
    const story = storyAt('running', 'sac', { outline: { announcements: [rule('#trading-status', 'initial'), rule('#trading-status')] } });
    const id = await told(context, story);
    stage.workspace.faults.next('chat.postMessage', { kind: 'ratelimited', retryAfterS: 600 }, 1, status);
    await announce(context, id);
    for (let i = 0; i < 5; i++) {
      await context.log.observe(id, '', [{ type: 'described', by: people.requester, answers: { note: String(i) } }]);
      await announce(context, id);
    }
    expect(stage.posts(status)).toHaveLength(1);
    await context.log.observe(id, '', [{ type: 'proof-started' }, { type: 'completed' }]);
    stage.aheadMs += 500_000;
    await announce(context, id);
    expect(stage.posts(status)).toHaveLength(1);
    stage.aheadMs += 101_000;
    await stage.all([context], id);
    expect(stage.workspace.messages(status).map(keyOf)).toEqual(['initial:#trading-status', 'completion:#trading-status']);
  });

  it('what failed is not overtaken by what comes after it in the same place', async () => {
    const context = await stage.announcer();
    const rules = { outline: { announcements: [rule('#trading-status', 'initial'), rule('#trading-status')] } };
    const id = await told(context, storyAt('complete', 'sac', rules));
    stage.workspace.faults.next('chat.postMessage', { kind: 'http500' }, 2, status);
    stage.workspace.faults.next('chat.postMessage', { kind: 'hang' }, 1, status);
    await stage.all([context], id);
    expect(stage.workspace.messages(status).map(keyOf)).toEqual(['initial:#trading-status', 'completion:#trading-status']);
  });

  it('nor when failing took longer than the wait after it', async () => {
    let tries = 0;
    const context = await stage.announcer((slack) => ({
      ...slack,
      post: async (channel, message, key, thread) => {
        if (message.key !== 'initial:#trading-status' || tries++ > 0) return slack.post(channel, message, key, thread);
        setImmediate(() => (stage.aheadMs += 60_000)); // the wait is over before anybody looks again
        throw new SlackError('unknown', 'request_failed', 1000);
      },
    }));
    const rules = { outline: { announcements: [rule('#trading-status', 'initial'), rule('#trading-status')] } };
    const id = await told(context, storyAt('complete', 'sac', rules));
    await stage.all([context], id);
    expect(tries).toBe(2);
    expect(stage.workspace.messages(status).map(keyOf)).toEqual(['initial:#trading-status', 'completion:#trading-status']);
  });

  it('what Slack refuses for good is dropped and shown on the card, and holds back nothing after it', async () => {
    const context = await stage.announcer();
    const rules = { outline: { announcements: [rule('#trading-status', 'initial'), rule('#trading-status')] } };
    const id = await told(context, storyAt('complete', 'sac', rules));
    stage.workspace.faults.next('chat.postMessage', { kind: 'error', code: 'invalid_blocks' }, 1, status);
    await stage.all([context], id);
    expect(stage.workspace.messages(status).map(keyOf)).toEqual(['completion:#trading-status']);
    expect(stage.message('card').text).toContain('Not delivered, tell them yourselves: #trading-status: invalid_blocks');
  });

  it('a part of the thread that Slack refuses for what is in it: the thread goes on, and the card names it', async () => {
    let isFirst = true;
    const refusing = await stage.announcer((slack) => ({
      ...slack,
      post: async (channel, message, key, thread) => {
        if (message.key === 'phase-2' && isFirst)
          stage.workspace.faults.next('chat.postMessage', { kind: 'error', code: 'invalid_blocks' }, 1, incident);
        isFirst &&= message.key !== 'phase-2';
        return slack.post(channel, message, key, thread);
      },
    }));
    const id = await told(refusing, storyAt('complete'));
    await stage.all([refusing], id);
    for (const key of ['phase-3', 'proof', 'report', 'completion:#inc-trading']) expect(stage.keys()).toContain(key);
    expect(stage.keys()).not.toContain('phase-2');
    expect(stage.message('card').text).toContain('#inc-trading: invalid_blocks');
  });

  it('too many updates: posts go out all the same', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('running'));
    await stage.all([context], id, 1300);
    stage.workspace.faults.next('chat.update', { kind: 'ratelimited', retryAfterS: 30 });
    await context.log.observe(id, '', [{ type: 'trouble', where: 'bot', what: 'a made-up trouble' }]);
    stage.aheadMs += 2000;
    await announce(context, id);
    expect(stage.keys().some((key) => key.startsWith('trouble-'))).toBe(true);
    expect(stage.message('card').text).not.toContain('needs a decision');
    const updates = stage.workspace.calls('chat.update').length;
    await announce(context, id);
    expect(stage.workspace.calls('chat.update')).toHaveLength(updates);
    stage.aheadMs += 30_000;
    await vi.waitFor(async () => {
      await announce(context, id);
      expect(stage.message('card').text).toContain('needs a decision');
    });
  });
});
