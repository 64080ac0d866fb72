import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approversText, calls, callTimes, isEscalated, overridableAt } from '../../../src/domain/calls.ts';
import { wakeAt } from '../../../src/domain/owed.ts';
import type { ApprovePolicy } from '../../../src/domain/system.ts';
import { fullPolicy, leastPolicy } from '../../helpers/persons.ts';
import { people, type Story, statuses, storyAt } from '../../helpers/story.ts';

const waiting = (policy: ApprovePolicy = fullPolicy): Story => storyAt('waiting', 'sac', { outline: { policy } });
const plannedAt = (told: Story): number => told.state().plannedAt ?? 0;
const minutes = (count: number): number => count * 60_000;

describe('who is called because a request waits', () => {
  it('the approvers again after two minutes, the next one after five', () => {
    const told = waiting();
    expect(calls(told.state())).toEqual([
      { kind: 'remind', to: '@sac-leads', at: plannedAt(told) + minutes(2) },
      { kind: 'escalate', to: '@next', at: plannedAt(told) + minutes(5) },
    ]);
    expect(overridableAt(told.state())).toBe(plannedAt(told) + minutes(5));
    expect(callTimes(told.state())).toEqual([2, 5, 5].map((count) => plannedAt(told) + minutes(count)));
  });

  it('with the least policy nobody is called next, and nothing is offered', () => {
    const told = waiting(leastPolicy);
    expect(calls(told.state()).map(({ kind }) => kind)).toEqual(['remind']);
    expect(overridableAt(told.state())).toBeUndefined();
    expect(isEscalated(told.state(), told.now() + minutes(29))).toBe(false);
  });

  it('an override is offered with nobody to call, and never without a time', () => {
    const { escalate: _none, ...never } = fullPolicy;
    expect(overridableAt(waiting({ ...fullPolicy, escalate: { afterMs: 1000 } }).state())).toBeDefined();
    expect(overridableAt(waiting(never).state())).toBeUndefined();
  });

  it('the next one may approve from their time on, to the millisecond, and is named from then on', () => {
    const told = waiting();
    const at = plannedAt(told) + minutes(5);
    expect([isEscalated(told.state(), at - 1), isEscalated(told.state(), at)]).toEqual([false, true]);
    expect([approversText(told.state(), at - 1), approversText(told.state(), at)]).toEqual(['@sac-leads', '@sac-leads or @next']);
    const same = waiting({ ...fullPolicy, escalate: { afterMs: 1000, to: '@sac-leads' } });
    expect(approversText(same.state(), same.now() + 1000)).toBe('@sac-leads');
  });

  it.each(statuses.filter((status) => status !== 'waiting'))('nobody while it is %s', (status) => {
    const told = storyAt(status, 'sac', { outline: { policy: fullPolicy } });
    expect([calls(told.state()), callTimes(told.state()), isEscalated(told.state(), Number.MAX_SAFE_INTEGER)]).toEqual([[], [], false]);
  });

  it('times begin anew with every plan: after a change, and after reading again', () => {
    const told = waiting().wait(minutes(10));
    expect(isEscalated(told.state(), told.now())).toBe(true);
    told.tell({ type: 'changed', by: people.requester, version: 'v0.0.9', variant: 'normal' });
    expect(calls(told.state())).toEqual([]);
    told.planned();
    expect(isEscalated(told.state(), told.now())).toBe(false);
    expect(calls(told.state())[0]?.at).toBe(plannedAt(told) + minutes(2));
    const drifted = storyAt('waiting', 'sac', { outline: { policy: fullPolicy } })
      .wait(minutes(10))
      .started();
    drifted.failing('4@dev-1', { outcome: 'drifted', stage: 'guard' }).tell({ type: 'read-again-chosen', by: people.approver }).planned();
    expect(drifted.state().status).toBe('waiting');
    expect([isEscalated(drifted.state(), drifted.now()), overridableAt(drifted.state())]).toEqual([false, plannedAt(drifted) + minutes(5)]);
  });

  it('an approval of two that are needed does not end the calls', () => {
    const told = waiting({ ...fullPolicy, count: 2 }).tell({ type: 'approved', by: people.approver, digest: 'd'.repeat(64) });
    expect(calls(told.state())).toHaveLength(2);
  });

  const anyPolicy = fc
    .record({ standsMs: fc.integer({ min: 1, max: 100 }), remindMs: fc.integer({ min: 0, max: 150 }), afterMs: fc.integer({ min: 0, max: 150 }) })
    .map(({ standsMs, remindMs, afterMs }): ApprovePolicy => ({ ...fullPolicy, standsMs, remindMs, escalate: { afterMs, to: '@next' } }));

  it('whatever the times are: nobody before their time, nobody and no override once it has expired', () => {
    let [offered, never] = [0, 0];
    const property = fc.property(anyPolicy, fc.integer({ min: 0, max: 200 }), (policy, laterMs) => {
      const told = waiting(policy);
      const [state, now] = [told.state(), plannedAt(told) + laterMs];
      const expiresAt = plannedAt(told) + policy.standsMs;
      for (const { kind, at } of calls(state)) {
        expect(at).toBe(plannedAt(told) + (kind === 'remind' ? (policy.remindMs ?? 0) : (policy.escalate?.afterMs ?? 0)));
        expect(at).toBeLessThan(expiresAt);
      }
      const from = overridableAt(state);
      if (from === undefined) never++;
      else offered++;
      expect(from === undefined).toBe((policy.escalate?.afterMs ?? 0) >= policy.standsMs);
      expect(callTimes(state).every((at) => at < expiresAt)).toBe(true);
      if (isEscalated(state, now)) expect(now).toBeGreaterThanOrEqual(plannedAt(told) + (policy.escalate?.afterMs ?? 0));
      // Somebody looks again at every time that is still to come, and at the end.
      const to = [...callTimes(state).filter((at) => at > now), expiresAt];
      expect(wakeAt(state, now, expiresAt)).toBe(Math.min(...to));
    });
    fc.assert(property, { numRuns: 300, seed: 5 });
    expect(Math.min(offered, never)).toBeGreaterThan(20);
  });
});
