import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/domain/command.ts';
import { decide } from '../../../src/domain/decide.ts';
import type { Fact } from '../../../src/domain/event.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { isReviewOwed } from '../../../src/domain/state.ts';
import { isClosable } from '../../../src/domain/work.ts';
import { fullPolicy, persons } from '../../helpers/persons.ts';
import { digest, people, type Story, storyAt } from '../../helpers/story.ts';

const by = persons.overrider.actor;
const waiting = (): Story => storyAt('waiting', 'sac', { outline: { policy: fullPolicy, announcements: [] } });
const late = (): Story => waiting().wait(300_000);
const override = (more: Partial<Extract<Command, { type: 'override' }>> = {}): Command => ({
  type: 'override',
  by,
  mayOverride: true,
  typed: 'sac',
  reason: 'orders are lost',
  digest,
  ...more,
});
const started = (reason = 'orders are lost', who = by): Fact[] => [{ type: 'overridden', by: who, digest, reason }, { type: 'started' }];

describe('override', () => {
  it('starts a rollback that nobody has answered for, in the same decision, with who and why', () => {
    const told = late();
    expect(decide(told.state(), override(), told.now())).toEqual(started());
    told.tell(...started());
    expect(told.state()).toMatchObject({ status: 'running', approvals: [], overrides: [{ by, reason: 'orders are lost' }] });
    expect(isReviewOwed(told.state())).toBe(true);
  });

  it('is for the requester too where the policy names them: it is told to all and reviewed', () => {
    const told = late();
    expect(decide(told.state(), override({ by: people.requester }), told.now())).toEqual(started('orders are lost', people.requester));
  });

  it('takes the name as people type it, and nothing but it', () => {
    const told = late();
    for (const typed of ['sac', ' sac ', 'SAC', 'Sac\n']) expect(isRefusal(decide(told.state(), override({ typed }), told.now()))).toBe(false);
    for (const typed of ['', 'sa', 'sacs', 'SAC agent', 'agentrader', 's a c', 'sac-42', '<!here>'])
      expect(decide(told.state(), override({ typed }), told.now()), typed).toMatchObject({ code: 'malformed' });
  });

  it('keeps the reason without what stands around it', () => {
    const told = late();
    expect(decide(told.state(), override({ reason: '  orders\nare lost ' }), told.now())).toEqual(started('orders\nare lost'));
  });

  it.each([
    ['a millisecond too early', waiting().wait(300_000 - 1), override(), 'not-ready'],
    ['somebody whom the policy does not name', late(), override({ mayOverride: false }), 'not-allowed'],
    ['another name', late(), override({ typed: 'agentrader' }), 'malformed'],
    ['no reason', late(), override({ reason: ' \n ' }), 'malformed'],
    ['a modal of an older plan', late(), override({ digest: 'e'.repeat(64) }), 'superseded'],
    ['a modal that names no plan', late(), override({ digest: '' }), 'superseded'],
    ['one that has expired, although nobody has said so yet', waiting().wait(1_800_000), override(), 'expired'],
    ['one that runs already', late().tell(...started()), override(), 'over'],
    ['one that was rejected', storyAt('rejected', 'sac', { outline: { policy: fullPolicy } }).wait(300_000), override(), 'over'],
    ['one that is read again', late().tell({ type: 'changed', by: people.requester, version: 'v0.0.9', variant: 'normal' }), override(), 'not-ready'],
  ] as const)('refuses %s', (_what, told, command, code) => {
    expect(decide(told.state(), command, told.now())).toMatchObject({ code });
  });

  it('is refused to everybody where the policy names nobody, whatever was looked up', () => {
    const { override: _nobody, ...policy } = fullPolicy;
    const told = storyAt('waiting', 'sac', { outline: { policy } }).wait(300_000);
    const refusal = decide(told.state(), override(), told.now());
    expect(refusal).toMatchObject({ code: 'not-allowed', message: 'The policy of sac lets nobody start a rollback alone.' });
  });

  it('never before its time and never after expiry, whenever it is tried', () => {
    const property = fc.property(fc.integer({ min: 0, max: 2_400_000 }), (laterMs) => {
      const told = waiting();
      const decision = decide(told.state(), override(), (told.state().plannedAt ?? 0) + laterMs);
      const code = isRefusal(decision) ? decision.code : 'started';
      expect(code).toBe(laterMs < 300_000 ? 'not-ready' : laterMs < 1_800_000 ? 'started' : 'expired');
    });
    fc.assert(property, { examples: [[299_999], [300_000], [1_799_999], [1_800_000]] });
  });
});

const review = (more: Partial<Extract<Command, { type: 'review' }>> = {}): Command => ({
  type: 'review',
  by: people.approver,
  isApprover: true,
  note: 'it was right',
  ...more,
});

describe('the review of an override', () => {
  const done = (): Story =>
    late()
      .tell(...started())
      .completed();

  it('is closed once, by an approver, with a sentence', () => {
    const told = done();
    const facts = decide(told.state(), review({ note: ' it was right ' }), told.now());
    expect(facts).toEqual([{ type: 'reviewed', by: people.approver, note: 'it was right' }]);
    told.tell(...(facts as Fact[]));
    expect(isReviewOwed(told.state())).toBe(false);
    expect(told.state().status).toBe('complete');
    expect(told.state().overrides[0]).toMatchObject({ by, reason: 'orders are lost', review: { by: people.approver, note: 'it was right' } });
    expect(decide(told.state(), review({ by: people.oncall }), told.now())).toMatchObject({
      code: 'nothing-to-do',
      message: 'approver has closed the review of sac-42 already.',
    });
  });

  it.each([
    ['who started it, also when they approve otherwise', review({ by }), 'own-request'],
    ['somebody who does not approve', review({ isApprover: false }), 'not-allowed'],
    ['no sentence', review({ note: ' ' }), 'malformed'],
  ] as const)('is not closed: %s', (_what, command, code) => {
    const told = done();
    expect(decide(told.state(), command, told.now())).toMatchObject({ code });
  });

  it('is owed by nothing that was approved', () => {
    const told = storyAt('complete');
    expect(decide(told.state(), review(), told.now())).toMatchObject({ code: 'nothing-to-do' });
  });

  it('keeps the rollback on the list until it is closed, however long that takes', () => {
    const told = done().wait(30 * 86_400_000);
    expect(isClosable(told.state(), told.now())).toBe(false);
    told.tell({ type: 'reviewed', by: people.approver, note: 'it was right' });
    expect(isClosable(told.state(), told.now())).toBe(true);
  });

  it('is owed whatever became of the rollback', () => {
    for (const end of [{ type: 'stop-chosen', by }, { type: 'stopped' }] as const) {
      const told = late().tell(...started(), end);
      expect(isReviewOwed(told.state())).toBe(true);
      expect(isRefusal(decide(told.state(), review(), told.now()))).toBe(false);
    }
  });
});
