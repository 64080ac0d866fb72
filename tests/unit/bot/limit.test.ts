import { describe, expect, it } from 'vitest';
import { countedAs } from '../../../src/bot/limit.ts';
import { actions, views } from '../../../src/templates/actions.ts';

describe('what an act counts as', () => {
  it.each([
    '/rollback stop sac-42',
    '/rollback STOP sac-42',
    'approve sac-42',
    'reject sac-42',
    'stop sac-42',
    'halt sac-42',
    'override sac-42',
    'approve',
  ])('%s: nothing, it is never limited', (what) => {
    expect(countedAs(what)).toEqual([]);
  });

  it.each([
    '/rollback sac v0.1.0',
    '/rollback sac v0.1.0 --dry-run',
    '/rollback drill sac',
    '/rollback undo sac-42',
    'undo sac-42',
    'put-back sac-42',
    '/rollback stopp sac-42',
  ])('%s: an action that asks for a rollback', (what) => {
    expect(countedAs(what)).toEqual(['actions', 'requests']);
  });

  it.each([
    '/rollback',
    '/rollback status',
    '/rollback versions sac',
    '/rollback stop',
    '/rollback unlock sac stuck',
    'plan sac-42',
    'halt-back sac-42',
  ])('%s: an action', (what) => {
    expect(countedAs(what)).toEqual(['actions']);
  });

  it('every button and modal counts as something, or is on the list of those that never do', () => {
    const free = [...Object.values(actions), ...Object.values(views)].filter((name) => countedAs(`${name} sac-1`).length === 0);
    expect([...new Set(free)].sort()).toEqual(['approve', 'halt', 'override', 'reject', 'stop']);
  });
});
