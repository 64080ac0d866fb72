import { describe, expect, it } from 'vitest';
import { controlsOf } from '../../../lab/workspace/driver.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { announce } from '../../../src/jobs/announce.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { people, storyAt } from '../../helpers/story.ts';
import { goesOn, incident, keyOf, repeated, Stage, told, toStakeholders } from './announcing.ts';

const stage = Stage.forEach();
const hourMs = 3_600_000;
const options = { outline: { announcements: [toStakeholders] } };

/** A rollback that runs, with all told so far. */
async function running(context: Context): Promise<string> {
  const id = await told(context, storyAt('running', 'sac', options));
  await stage.all([context], id, 1300);
  expect(stage.keys()).toContain('phase-4');
  return id;
}

/** What happens from there to the end. */
async function toTheEnd(context: Context, id: string): Promise<void> {
  await goesOn(context, id, storyAt('running', 'sac', options).completed(), storyAt('running', 'sac', options).events.length);
}

const cards = () => stage.workspace.messages(incident).filter((one) => keyOf(one) === 'card');
/** The keys of a thread; not what is to be signed. */
const inThread = (ts: string) =>
  stage.workspace
    .replies(incident, ts)
    .map(keyOf)
    .filter((key) => !key.startsWith('signature'));

describe('a card that somebody deletes', () => {
  it('comes anew, its thread with it, the requester is told once, and all goes on there', async () => {
    const context = await stage.announcer();
    const id = await running(context);
    const old = stage.message('card');
    stage.workspace.delete(incident, old.ts);
    stage.aheadMs += 15_000;
    await stage.all([context], id, 1300);
    expect(cards()).toHaveLength(1);
    const [card] = cards();
    expect(card?.ts).not.toBe(old.ts);
    expect(inThread(card?.ts ?? '')).toEqual(['phase-1', 'phase-2', 'phase-3', 'phase-4']);
    expect(inThread(old.ts)).toEqual([]);
    expect(stage.toldRequester().map((one) => one.text)).toEqual([expect.stringMatching(/was deleted.*new one/s)]);
    await toTheEnd(context, id);
    stage.aheadMs += 2000;
    await stage.all([context], id);
    expect(stage.message('card')).toMatchObject({ ts: card?.ts, text: expect.stringContaining('complete') });
    expect(inThread(card?.ts ?? '')).toEqual(['phase-1', 'phase-2', 'phase-3', 'phase-4', 'phase-5', 'proof', 'report', 'audit']);
    expect(stage.message('phase-1').text).toContain('done in');
    expect(stage.toldRequester()).toHaveLength(1);
    expect(repeated(stage.keys())).toEqual([]);
  });

  it.each([
    ['the answer to the new one is lost', 'drop-reply'],
    ['Slack fails at the new one', 'http500'],
  ] as const)('%s: there is one all the same', async (_what, kind) => {
    const context = await stage.announcer();
    const id = await running(context);
    stage.workspace.delete(incident, stage.message('card').ts);
    stage.workspace.faults.next('chat.postMessage', { kind }, 2, incident);
    stage.aheadMs += 15_000;
    for (let i = 0; i < 6; i++) {
      await announce(context, id);
      stage.aheadMs += 5000;
    }
    await stage.all([context], id, 1300);
    expect(cards()).toHaveLength(1);
    expect(repeated(stage.keys())).toEqual([]);
    expect(inThread(cards()[0]?.ts ?? '')).toEqual(['phase-1', 'phase-2', 'phase-3', 'phase-4']);
    expect(stage.toldRequester()).toHaveLength(1);
  });

  it.each(['card', 'phase-2'])('the announcer dies between posting %s anew and its note of it: the next finds it', async (key) => {
    const dying = await stage.announcer((slack, store) => ({
      ...slack,
      post: async (...args) => {
        const posted = await slack.post(...args);
        if (args[1].key !== key) return posted;
        await store.close();
        throw new Error('killed');
      },
    }));
    const next = await stage.announcer();
    const id = await running(next);
    stage.workspace.delete(incident, stage.message('card').ts);
    stage.aheadMs += 15_000;
    await announce(dying, id).catch(() => undefined);
    expect(stage.keys().filter((one) => one === key)).toHaveLength(1);
    stage.aheadMs += 15_000;
    await stage.all([next], id, 1300);
    expect(cards()).toHaveLength(1);
    expect(repeated(stage.keys())).toEqual([]);
    expect(inThread(cards()[0]?.ts ?? '')).toEqual(['phase-1', 'phase-2', 'phase-3', 'phase-4']);
  });

  it('its loss is noticed by what should hang on it: that is not lost', async () => {
    const context = await stage.announcer();
    const id = await running(context);
    const { text } = stage.message('card');
    stage.aheadMs += 15_000;
    await announce(context, id);
    expect(stage.message('card').text).not.toBe(text); // it was just updated, and may not be again for a while
    stage.workspace.delete(incident, stage.message('card').ts);
    await toTheEnd(context, id);
    await announce(context, id);
    expect(stage.workspace.calls('chat.postMessage').some(({ error }) => error === 'thread_not_found')).toBe(true);
    await stage.all([context], id);
    expect(cards()).toHaveLength(1);
    expect(inThread(cards()[0]?.ts ?? '')).toEqual(expect.arrayContaining(['phase-1', 'phase-5', 'proof', 'report']));
    expect((await context.log.load(id))?.dropped).toEqual({});
    expect(repeated(stage.keys())).toEqual([]);
  });

  it('a part of the thread that is deleted comes anew in its place, and nobody is bothered', async () => {
    const context = await stage.announcer();
    const id = await running(context);
    stage.workspace.delete(incident, stage.message('phase-4').ts);
    stage.aheadMs += 15_000;
    await toTheEnd(context, id);
    await stage.all([context], id);
    expect(stage.message('phase-4').text).toContain('done in');
    expect(repeated(stage.keys())).toEqual([]);
    expect(stage.toldRequester()).toEqual([]);
  });
});

const lost: [string, string, () => void, () => void, RegExp][] = [
  ['the channel is archived', 'is_inactive', () => stage.workspace.archive(incident), () => stage.workspace.archive(incident, false), /Unarchive/],
  ['the bot is taken out', 'not_in_channel', () => stage.workspace.kick(incident), () => stage.workspace.invite(incident), /\/invite @rollback-bot/],
  [
    'messages may not be edited any more',
    'edit_window_closed',
    () => stage.workspace.faults.next('chat.update', { kind: 'error', code: 'edit_window_closed' }, 100_000),
    () => stage.workspace.faults.clear(),
    /edited for longer/,
  ],
];

describe.each(lost)('%s in the middle (%s)', (_what, code, begin, end, mend) => {
  it('the rest is told elsewhere, the requester once how to follow it; once it is mended the card is true again', async () => {
    const context = await stage.announcer();
    const id = await running(context);
    begin();
    for (let i = 0; i < 10; i++) {
      stage.aheadMs += 15_000;
      await announce(context, id);
    }
    expect(stage.toldRequester()).toHaveLength(1);
    const [said] = stage.toldRequester();
    expect(said?.text).toContain(code);
    expect(said?.text).toContain(`/rollback status ${id}`);
    expect(said?.text).toMatch(mend);
    await toTheEnd(context, id);
    for (let i = 0; i < 10; i++) {
      stage.aheadMs += 15_000;
      await announce(context, id);
    }
    expect(stage.keys()).toContain('completion:#trading-status');
    expect(stage.toldRequester()).toHaveLength(1);
    end();
    stage.aheadMs += 300_000;
    await stage.all([context], id);
    expect(cards().at(-1)?.text).toContain('complete');
    expect(stage.keys()).toEqual(expect.arrayContaining(['phase-1', 'phase-5', 'proof', 'report']));
    expect(stage.message('phase-4').text).toContain('done in');
    expect(repeated(stage.keys().filter((key) => key !== 'card'))).toEqual([]);
  });

  it('nobody mends it: it is asked for ever more seldom, given up a day after the end, and leaves nothing behind', async () => {
    const context = await stage.announcer();
    const id = await running(context);
    begin();
    await toTheEnd(context, id);
    let calls = 0;
    const asked = () => stage.workspace.calls().filter(({ method }) => method.startsWith('chat.')).length;
    for (let hours = 0; hours <= 25; hours += 1) {
      const before = asked();
      stage.aheadMs += hourMs;
      await announce(context, id);
      calls = asked() - before;
      if (hours === 20 && code !== 'edit_window_closed') expect(calls).toBeGreaterThan(0);
    }
    expect(await announce(context, id)).toBeUndefined();
    expect(calls).toBe(0);
    const store = await stage.store();
    const left = (await store.keys(`*${id}*`)).filter((key) => !key.includes(':log:'));
    const ttls = await Promise.all(left.map(async (key) => [key, await store.pttl(key)] as const));
    expect(ttls.filter(([key, ttl]) => ttl < 0 || key.includes(':delivering:'))).toEqual([]);
    end();
  });
});

describe('a card that may not be edited any more', () => {
  it('comes anew for a decision that it does not offer, and for the end; not for less', async () => {
    const context = await stage.announcer();
    const id = await running(context);
    stage.workspace.faults.next('chat.update', { kind: 'error', code: 'edit_window_closed' }, 100_000);
    const minutes = async (count: number) => {
      for (let i = 0; i < count * 2; i++) {
        stage.aheadMs += 30_000;
        await announce(context, id);
      }
    };
    await minutes(10);
    expect(cards()).toHaveLength(1);
    const result = { outcome: 'failed', exitCode: 1, stage: 'command', durationMs: 10, outputBytes: 0 } as const;
    await context.log.observe(id, '', [
      { type: 'step-finished', run: '11.3@prod-2', attempt: 1, result },
      { type: 'trouble', where: 'step', what: '11.3@prod-2 did not end well' },
    ]);
    await minutes(10);
    expect(cards()).toHaveLength(2);
    const newest = cards().at(-1);
    expect(controlsOf(newest ?? { blocks: [] }).map(({ actionId }) => actionId)).toContain('retry');
    expect(inThread(newest?.ts ?? '')).toEqual(expect.arrayContaining(['phase-1', 'phase-4']));
    await context.log.observe(id, '', [{ type: 'left', by: people.requester }]);
    await minutes(20);
    expect(cards()).toHaveLength(3);
    expect(repeated(stage.keys().filter((key) => key !== 'card'))).toEqual([]);
  });
});

describe('a card that cannot be posted at all', () => {
  it('the requester is told once; it appears once the bot is invited', async () => {
    stage.workspace.kick(incident);
    const context = await stage.announcer();
    const id = await told(context, storyAt('waiting'));
    for (let i = 0; i < 10; i++) {
      stage.aheadMs += 30_000;
      await announce(context, id);
    }
    expect(stage.toldRequester()).toHaveLength(1);
    expect(stage.toldRequester()[0]?.text).toMatch(/could not be posted.*channel_not_found.*\/invite/s);
    stage.workspace.invite(incident);
    stage.aheadMs += 300_000;
    await stage.all([context], id);
    expect(stage.workspace.messages(incident).map(keyOf)).toEqual(['card']);
    expect(stage.toldRequester()).toHaveLength(1);
  });

  it('nobody invites it, and the requester cannot be told either: that is named, and it ends', async () => {
    stage.workspace.archive(CHANNELS['inc-trading']);
    const context = await stage.announcer();
    const id = await told(context, storyAt('rejected'));
    stage.workspace.faults.next('chat.postMessage', { kind: 'error', code: 'account_deactivated' }, 1, people.requester.id);
    await announce(context, id);
    expect((await context.log.load(id))?.dropped).toEqual({ 'card-refused': `${people.requester.id}: account_deactivated` });
    stage.aheadMs += 24 * hourMs + 60_000;
    await announce(context, id);
    expect(await announce(context, id)).toBeUndefined();
  });
});
