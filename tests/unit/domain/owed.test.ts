import { describe, expect, it } from 'vitest';
import { affectedMs, owed } from '../../../src/domain/owed.ts';
import type { AnnouncementRule } from '../../../src/domain/system.ts';
import { type Story, storyAt } from '../../helpers/story.ts';

const hourMs = 3_600_000;
const rule = (template: AnnouncementRule['template'], when: AnnouncementRule['when'], to = '#status'): AnnouncementRule => ({
  audience: 'Somebody',
  to,
  template,
  when,
});
const running = (...announcements: AnnouncementRule[]): Story => storyAt('waiting', 'sac', { outline: { announcements } }).started();
const due = (told: Story, atMs: number) => owed(told.state(), atMs).filter((item) => item.dueAt <= atMs);

describe('owed', () => {
  it('a scheduled update falls due once an interval; of those missed only the latest is owed', () => {
    const told = running(rule('progress', { everyMs: 4 * hourMs }));
    const startedAt = told.state().startedAt ?? 0;
    expect(due(told, startedAt + 4 * hourMs - 1)).toEqual([]);
    expect(due(told, startedAt + 4 * hourMs)).toMatchObject([{ key: 'progress-1:#status', template: 'progress' }]);
    expect(due(told, startedAt + 13 * hourMs)).toMatchObject([{ key: 'progress-3:#status' }]);
    const posted = told.tell({ type: 'message-posted', key: 'progress-3:#status', channel: 'C1', ts: '1' });
    expect(due(posted, startedAt + 13 * hourMs)).toEqual([]);
    expect(due(posted, startedAt + 16 * hourMs)).toMatchObject([{ key: 'progress-4:#status' }]);
  });

  it('nobody is brought up to date on what they have not heard of', () => {
    const told = running(rule('initial', { withinMs: 0 }), rule('progress', { everyMs: hourMs }));
    const later = (told.state().startedAt ?? 0) + hourMs;
    expect(due(told, later)).toEqual([]); // the announcing step has not come yet
    const heard = told.tell({ type: 'message-posted', key: 'initial:#status', channel: 'C1', ts: '1' });
    expect(due(heard, later).map((item) => item.key)).toEqual(['progress-1:#status']);
  });

  it('a completion with time to spare waits for the signature until its time is up', () => {
    const rules = [rule('completion', { withinMs: 24 * hourMs }, '#management'), rule('completion', { withinMs: 0 })];
    const done = storyAt('complete', 'sac', { outline: { announcements: rules } });
    const endedAt = done.state().endedAt ?? 0;
    const signature = done.state().signatures[0];
    expect(signature?.signedAt).toBeUndefined();
    expect(due(done, endedAt).map((item) => item.key)).toEqual(['completion:#status']);
    expect(due(done, endedAt + 24 * hourMs).map((item) => item.key)).toContain('completion:#management');
  });

  it('clients hear of it only when production was without for too long', () => {
    const told = running(rule('progress', { affectedOverMs: 2 * hourMs }, '#clients')).upTo('11.1@prod-1');
    expect(due(told, told.now() + 9 * hourMs)).toEqual([]);
    const stopped = told.tell({ type: 'step-finished', run: '11.1@prod-1', attempt: 1, result: { outcome: 'done', durationMs: 1, outputBytes: 0 } });
    expect(due(stopped, stopped.state().at + 2 * hourMs - 1)).toEqual([]);
    expect(due(stopped, stopped.state().at + 2 * hourMs)).toMatchObject([{ key: 'affected:#clients' }]);
    expect(affectedMs(stopped.state(), stopped.state().at + hourMs)).toBe(hourMs);
  });

  it('rules for one place that fall together become one message', () => {
    const told = running({ ...rule('initial', { withinMs: 0 }), audience: 'A' }, { ...rule('initial', { withinMs: 0 }), audience: 'B' }).upTo(
      '4@dev-1',
    );
    expect(due(told, told.now())).toMatchObject([{ key: 'initial:#status', audiences: ['A', 'B'] }]);
  });

  it('owes nothing before the start, and after it was left only the notice of failure', () => {
    expect(owed(storyAt('waiting').state(), Date.now())).toEqual([]);
    const left = storyAt('left');
    expect(new Set(owed(left.state(), left.now()).map((item) => item.template))).toEqual(new Set(['failed']));
  });
});
