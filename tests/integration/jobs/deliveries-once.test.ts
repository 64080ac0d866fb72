import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../lab/workspace/faults.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { announce } from '../../../src/jobs/announce.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { keys as redisKeys } from '../../../src/store/keys.ts';
import { people, storyAt } from '../../helpers/story.ts';
import { goesOn, incident, keyOf, repeated, Stage, told, toStakeholders } from './announcing.ts';

const stage = Stage.forEach();
const status = CHANNELS['trading-status'];
const options = { outline: { announcements: [toStakeholders] } };

/** What the whole story says, each once. */
const whole = [
  'card',
  'phase-1',
  'phase-2',
  'phase-3',
  'phase-4',
  'phase-5',
  'proof',
  'report',
  'audit',
  'signature:12.4@bot',
  'completion:#trading-status',
];

/** Numbers between 0 and 1 that follow from the seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const kinds: readonly Fault[] = [
  { kind: 'http500' },
  { kind: 'drop-reply' },
  { kind: 'ratelimited', retryAfterS: 2 },
  { kind: 'error', code: 'internal_error' },
];
const methods = ['chat.postMessage', 'chat.postMessage', 'chat.update', 'conversations.history', 'conversations.replies', 'users.conversations'];

describe('each message once', () => {
  it.each([1, 2, 3, 4, 5, 6])('seed %i: two announcers, a third that dies, and a Slack that fails in every way', async (seed) => {
    const random = numbers(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const diesAt = 1 + Math.floor(random() * 8);
    let posts = 0;
    const dying = await stage.announcer((slack, store) => ({
      ...slack,
      post: async (...args) => {
        posts += 1;
        const isBefore = posts === diesAt && random() < 0.5;
        const posted = isBefore ? undefined : await slack.post(...args);
        if (posts < diesAt && posted) return posted;
        await store.close();
        throw new Error('killed');
      },
    }));
    const both = [await stage.announcer(), await stage.announcer()] as const;
    const [first] = both;
    const story = storyAt('running', 'sac', options);
    const id = await told(first, story);
    for (let i = 0; i < 12; i++) stage.workspace.faults.next(pick(methods), pick(kinds));
    await announce(dying, id).catch(() => undefined);
    for (let i = 0; i < 4; i++) {
      stage.aheadMs += 4000;
      await Promise.all(both.map((context) => announce(context, id)));
    }
    await goesOn(first, id, storyAt('running', 'sac', options).completed(), story.events.length);
    for (let i = 0; i < 6; i++) stage.workspace.faults.next(pick(methods), pick(kinds));
    await stage.all(both, id);
    expect(repeated(stage.keys())).toEqual([]);
    expect(stage.keys().toSorted()).toEqual(whole.toSorted());
    expect(stage.message('card').text).toContain('complete');
    const [card] = stage.workspace.messages(incident);
    const phases = stage.workspace.replies(incident, card?.ts ?? '').map(keyOf);
    expect(phases.filter((key) => key.startsWith('phase-'))).toEqual(['phase-1', 'phase-2', 'phase-3', 'phase-4', 'phase-5']);
  });

  it('Slack does late what timed out here: it is waited for, and found', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('complete', 'sac', options));
    stage.workspace.faults.next('chat.postMessage', { kind: 'late', afterMs: 7000 }, 1, status);
    const timedOut = (await announce(context, id)) ?? 0;
    expect(timedOut).toBeGreaterThan(3000);
    await announce(context, id); // another event's job does not ask sooner
    await stage.workspace.waitFor(() => stage.workspace.messages(status)[0], 'the late message', 5000);
    stage.aheadMs += 5000;
    await stage.all([context], id);
    expect(stage.workspace.messages(status).map(keyOf)).toEqual(['completion:#trading-status']);
  });

  it.each(['before', 'after'])('an announcer that was frozen %s its post wakes up when another has posted: one of the two goes', async (when) => {
    const store = await stage.store();
    let other: Context | undefined;
    let id = '';
    const frozen = await stage.announcer((slack) => ({
      ...slack,
      post: async (...args) => {
        if (args[1].to !== '#trading-status') return slack.post(...args);
        const posted = when === 'after' ? await slack.post(...args) : undefined;
        await store.del(redisKeys.delivering(`${id}:#trading-status`)); // its time is over
        if (other) await stage.all([other], id);
        return posted ?? slack.post(...args);
      },
    }));
    other = await stage.announcer();
    id = await told(frozen, storyAt('complete', 'sac', options));
    await announce(frozen, id);
    await stage.all([frozen, other], id);
    expect(stage.workspace.messages(status).map(keyOf)).toEqual(['completion:#trading-status']);
    const { channel, ts } = stage.message('completion:#trading-status');
    expect((await other.log.load(id))?.messages['completion:#trading-status']).toMatchObject({ channel, ts });
  });

  it('one that lost its place before it posts, posts nothing', async () => {
    const store = await stage.store();
    let id = '';
    const context = await stage.announcer((slack) => ({
      ...slack,
      find: async (...args) => {
        const found = await slack.find(...args);
        await store.set(redisKeys.delivering(`${id}:#trading-status`), 'somebody else');
        return found;
      },
    }));
    id = await told(context, storyAt('complete', 'sac', options));
    stage.workspace.faults.next('chat.postMessage', { kind: 'http500' }, 1, status);
    await announce(context, id);
    stage.aheadMs += 5000;
    expect(await announce(context, id)).toBe(250);
    expect(stage.posts(status)).toHaveLength(1);
    expect(await store.get(redisKeys.delivering(`${id}:#trading-status`))).toBe('somebody else');
  });

  it('what was noted in the log and not yet as shown is not posted again, nor looked for', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('running'));
    await stage.all([context], id, 1300);
    await context.deliveries.setShown(id, 'card', 'posting');
    await context.deliveries.setShown(id, 'phase-2', 'posting');
    await stage.all([context], id, 1300);
    expect(repeated(stage.keys())).toEqual([]);
    expect(stage.workspace.calls('conversations.history')).toEqual([]);
    expect(stage.workspace.calls('conversations.replies')).toEqual([]);
  });

  it('where it cannot be looked for, it is not repeated: it is named, and the card that can be looked for later is found', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('waiting', 'sac', options));
    stage.workspace.faults.next('chat.postMessage', { kind: 'drop-reply' }, 1, incident);
    await announce(context, id);
    stage.workspace.kick(incident);
    for (let i = 0; i < 5; i++) {
      stage.aheadMs += 300_000;
      await announce(context, id);
    }
    stage.workspace.invite(incident);
    stage.aheadMs += 300_000;
    await stage.all([context], id);
    expect(stage.workspace.messages(incident).map(keyOf)).toEqual(['card']);
    expect(stage.posts(incident)).toHaveLength(1);
  });

  it.each([
    ['behind', -3_000_000],
    ['ahead', 3_000_000],
  ])("our clock is %s of Slack's: a lost answer is found all the same", async (_what, aheadMs) => {
    stage.aheadMs = aheadMs;
    const context = await stage.announcer();
    const id = await told(context, storyAt('waiting'));
    stage.workspace.faults.next('chat.postMessage', { kind: 'drop-reply' }, 1, incident);
    await stage.all([context], id);
    expect(stage.workspace.messages(incident).map(keyOf)).toEqual(['card']);
    expect(stage.posts(incident)).toHaveLength(1);
  });

  it('a clock that goes back an hour stops nothing', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('running'));
    stage.aheadMs = 3_600_000;
    stage.workspace.faults.next('chat.update', { kind: 'ratelimited', retryAfterS: 5 });
    await stage.all([context], id, 1300);
    await announce(context, id);
    stage.aheadMs = 0;
    await context.log.observe(id, '', [{ type: 'trouble', where: 'bot', what: 'a made-up trouble' }]);
    await announce(context, id);
    expect(stage.message('card').text).toContain('needs a decision');
  });

  it('a person is told directly once, too, when the answer is lost', async () => {
    const context = await stage.announcer();
    const rule = { ...toStakeholders, to: '@pm' };
    const id = await told(context, storyAt('complete', 'sac', { outline: { announcements: [rule] } }));
    stage.workspace.faults.next('chat.postMessage', { kind: 'drop-reply' }, 1, 'U0PRIYARA');
    await stage.all([context], id);
    expect(stage.workspace.messages(stage.workspace.directChannel('U0PRIYARA')).map(keyOf)).toEqual(['completion:@pm']);
    expect(stage.toldRequester()).toEqual([]);
    expect(people.requester.id).not.toBe('U0PRIYARA');
  });
});
