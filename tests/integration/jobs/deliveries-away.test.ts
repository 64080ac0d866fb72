import { describe, expect, it } from 'vitest';
import type { Faults } from '../../../lab/workspace/faults.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import type { AnnouncementRule } from '../../../src/domain/system.ts';
import { announce } from '../../../src/jobs/announce.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { storyAt } from '../../helpers/story.ts';
import { goesOn, keyOf, repeated, Stage, told } from './announcing.ts';

const stage = Stage.forEach();
const minuteMs = 60_000;
const everyTenMinutes: AnnouncementRule = {
  audience: 'Stakeholders',
  to: '#trading-status',
  template: 'progress',
  when: { everyMs: 10 * minuteMs },
};
const atTheEnd: AnnouncementRule = { audience: 'Stakeholders', to: '#trading-status', template: 'completion', when: { withinMs: 0 } };
const withSchedule = { outline: { announcements: [everyTenMinutes, atTheEnd] } };
const status = CHANNELS['trading-status'];
const toldThere = (): string[] => stage.workspace.messages(status).map(keyOf);

/** Sets the clock to so many minutes after the start. */
async function sinceStart(context: Context, id: string, minutes: number): Promise<void> {
  const startedAt = (await context.log.load(id))?.startedAt ?? 0;
  stage.aheadMs = startedAt + minutes * minuteMs - Date.now();
}

const always = 100_000;
const away: [string, (faults: Faults) => void, (faults: Faults) => void][] = [
  ['is down', (faults) => faults.outage(true), (faults) => faults.outage(false)],
  ['fails at every call', (faults) => faults.next('*', { kind: 'http500' }, always), (faults) => faults.clear()],
  ['wants to be left alone', (faults) => faults.next('*', { kind: 'ratelimited', retryAfterS: 30 }, always), (faults) => faults.clear()],
  ['does not know our token', (faults) => faults.next('*', { kind: 'error', code: 'token_revoked' }, always), (faults) => faults.clear()],
];

describe.each(away)('Slack %s for more than an hour', (_what, begin, end) => {
  it('of six updates only the latest is sent, once, and it says that it is late; the card is true again', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('running', 'sac', withSchedule));
    await stage.all([context], id, 1300);
    begin(stage.workspace.faults);
    for (let minute = 5; minute <= 65; minute += 5) {
      await sinceStart(context, id, minute);
      expect(await announce(context, id)).toBeLessThanOrEqual(minuteMs); // nobody gives up, and nobody sleeps through its return
    }
    expect(toldThere()).toEqual([]);
    const cardBefore = stage.message('card').text;
    end(stage.workspace.faults);
    await sinceStart(context, id, 66); // what it was told to wait is over
    await stage.all([context], id, 1300);
    expect(toldThere()).toEqual([`progress-6:#trading-status`]);
    expect(stage.message('progress-6:#trading-status').text).toContain('This comes late: it was owed at');
    expect(stage.message('card').text).not.toBe(cardBefore);
    await sinceStart(context, id, 67);
    await stage.all([context], id, 1300);
    expect(toldThere()).toHaveLength(1);
    await sinceStart(context, id, 70);
    await stage.all([context], id, 1300);
    expect(toldThere()).toEqual([`progress-6:#trading-status`, `progress-7:#trading-status`]);
    expect(stage.message('progress-7:#trading-status').text).not.toContain('late');
  });

  it('what the end overtook is not sent; the end is told once, late, with the whole story in the thread', async () => {
    const context = await stage.announcer();
    const story = storyAt('running', 'sac', withSchedule);
    const id = await told(context, story);
    await stage.all([context], id, 1300);
    const from = story.events.length;
    begin(stage.workspace.faults);
    stage.aheadMs += 25 * minuteMs;
    await announce(context, id);
    await goesOn(context, id, rest(story.events.length), from);
    await announce(context, id);
    stage.aheadMs += 45 * minuteMs;
    await announce(context, id);
    end(stage.workspace.faults);
    stage.aheadMs += minuteMs;
    await stage.all([context], id);
    expect(toldThere()).toEqual(['completion:#trading-status']);
    expect(stage.message('completion:#trading-status').text).toContain('This comes late');
    expect(repeated(stage.keys())).toEqual([]);
    expect(stage.keys().filter((key) => /^(phase|proof|report)/.test(key))).toEqual([
      ...['phase-1', 'phase-2', 'phase-3', 'phase-4', 'phase-5', 'proof', 'report'],
    ]);
    expect(stage.message('card').text).toContain('complete');
    expect(stage.message('phase-1').text).toContain('done in');
  });
});

/** The same story to its end, after the step that was under way. */
function rest(count: number) {
  const story = storyAt('running', 'sac', withSchedule);
  expect(story.events).toHaveLength(count);
  return story.completed();
}

describe('an answer that is lost', () => {
  it('of an update that is overtaken before anybody knows whether it arrived: it is not sent again, and the next one is', async () => {
    const context = await stage.announcer();
    const id = await told(context, storyAt('running', 'sac', withSchedule));
    await stage.all([context], id, 1300);
    stage.aheadMs += 10 * minuteMs;
    stage.workspace.faults.next('chat.postMessage', { kind: 'drop-reply' });
    await announce(context, id);
    expect(toldThere()).toEqual(['progress-1:#trading-status']);
    stage.aheadMs += 10 * minuteMs;
    await stage.all([context], id, 1300);
    expect(toldThere()).toEqual(['progress-1:#trading-status', 'progress-2:#trading-status']);
  });
});
