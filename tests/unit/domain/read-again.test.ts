import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/domain/command.ts';
import { decide } from '../../../src/domain/decide.ts';
import { isReadable } from '../../../src/domain/decisions/trouble.ts';
import type { Fact, StepResult } from '../../../src/domain/event.ts';
import { next } from '../../../src/domain/next.ts';
import type { OutlineStep, RunKey } from '../../../src/domain/plan.ts';
import type { Sh } from '../../../src/domain/sh.ts';
import { isReviewOwed } from '../../../src/domain/state.ts';
import type { PipelineWork, ShellWork } from '../../../src/domain/step.ts';
import { workOrders } from '../../../src/domain/work.ts';
import type { Hold } from '../../../src/jobs/phase/hold.ts';
import { attemptOf, newAttemptOf } from '../../../src/jobs/phase/intent.ts';
import { receiptKey } from '../../../src/jobs/phase/receipt.ts';
import { triggerPipeline } from '../../../src/jobs/phase/trigger.ts';
import { people, type Story, storyAt } from '../../helpers/story.ts';

const looking = (id: string, hosts: readonly string[]): OutlineStep => ({ id, name: id, kind: 'collect', type: 'shell', hosts });
const changing = (id: string, hosts: readonly string[], more: Partial<OutlineStep> = {}): OutlineStep => ({
  ...looking(id, hosts),
  kind: 'git.restore',
  undoable: true,
  ...more,
});

/** A look at both hosts, then a change on both side by side. */
function running(change: Partial<OutlineStep> = {}, request: Partial<Extract<Fact, { type: 'requested' }>> = {}): Story {
  const hosts = ['prod-1', 'prod-2'];
  const steps = [looking('1', hosts), changing('4', hosts, change)];
  const phases = [{ name: 'all', estimateMs: 0, steps }];
  const stages = steps.map(({ id }) => ({ phase: 0, hosts, steps: [id] }));
  const told = storyAt('waiting', 'sac', { outline: { phases, stages, announcements: [] }, request }).started();
  return told.work((state) => state.runs['1@prod-2']?.status === 'done');
}

const intended = (run: RunKey, attempt = 1): Fact => ({ type: 'step-intended', run, attempt, bootId: 'boot-1', storeId: 'store-1' });
const ended = (run: RunKey, result: Partial<StepResult>, attempt = 1): Fact => ({
  type: 'step-finished',
  run,
  attempt,
  result: { outcome: 'drifted', stage: 'guard', exitCode: 1, durationMs: 5, outputBytes: 0, ...result },
});
const trouble: Fact = { type: 'trouble', where: 'step', what: 'x' };
const retry: Fact = { type: 'retry-chosen', by: people.approver };
const again: Fact = { type: 'read-again-chosen', by: people.approver };

/** The first look has begun, on one host. */
const looked = (): Story => {
  const { outline } = running();
  return storyAt('waiting', 'sac', { outline }).started().tell({ type: 'phase-started', phase: 0 }, intended('1@prod-1'));
};

/** Both hosts have drifted before anything was changed. */
const drifted = (change: Partial<OutlineStep> = {}): Story =>
  running(change).tell(intended('4@prod-1'), intended('4@prod-2'), ended('4@prod-1', {}), ended('4@prod-2', {}), trouble);

const readAgain = (more: Partial<Extract<Command, { type: 'read-again' }>> = {}): Command => ({
  type: 'read-again',
  by: people.approver,
  isApprover: true,
  ...more,
});

describe('reading again', () => {
  it('is for hosts that have drifted, before anything was changed', () => {
    const told = drifted();
    expect(isReadable(told.state())).toBe(true);
    expect(decide(told.state(), readAgain(), told.now())).toEqual([again]);
    expect(decide(told.state(), readAgain({ by: people.requester, isApprover: false }), told.now())).toHaveLength(1);
    expect(decide(told.state(), readAgain({ by: people.oncall, isApprover: false }), told.now())).toMatchObject({ code: 'not-allowed' });
  });

  it.each<[string, () => Story]>([
    ['one host drifted and another failed', () => running().tell(...both({ outcome: 'failed', stage: 'command' }), trouble)],
    ['one host drifted and another is unknown', () => running().tell(...both({ outcome: 'unknown' }), trouble)],
    ['one host drifted and we lost sight of another', () => running().tell(...both({ outcome: 'errored' }), trouble)],
    ['one host drifted and another was changed', () => running().tell(...both({ outcome: 'done', stage: 'command', exitCode: 0 }), trouble)],
    [
      'a retry of a host that had drifted has failed',
      () => running().tell(...both({}), trouble, retry, intended('4@prod-1', 2), ended('4@prod-1', { outcome: 'failed' }, 2), trouble),
    ],
    [
      'an attempt before the one that drifted got past its guard',
      () =>
        running().tell(
          ...[intended('4@prod-1'), ended('4@prod-1', { outcome: 'failed', stage: 'command' }), trouble, retry],
          ...[intended('4@prod-1', 2), ended('4@prod-1', {}, 2), trouble],
        ),
    ],
    [
      'the same, and it has drifted twice since',
      () =>
        running().tell(
          ...[intended('4@prod-1'), ended('4@prod-1', { outcome: 'unknown' }), trouble, retry],
          ...[intended('4@prod-1', 2), ended('4@prod-1', {}, 2), trouble, retry],
          ...[intended('4@prod-1', 3), ended('4@prod-1', {}, 3), trouble],
        ),
    ],
    [
      'a pipeline ran, and its tag was moved since',
      () =>
        running({ type: 'pipeline' }).tell(
          ...[intended('4@prod-1'), { type: 'pipeline-triggered', run: '4@prod-1', attempt: 1, ref: '7', url: 'x' } as const],
          ...[ended('4@prod-1', { outcome: 'failed' }), trouble, retry, intended('4@prod-1', 2), ended('4@prod-1', {}, 2), trouble],
        ),
    ],
    ['a host was changed and then passed over', () => skipped()],
    ['a step that only looks has failed, and nothing was changed', () => looked().tell(ended('1@prod-1', { outcome: 'failed' }), trouble)],
    [
      'one host drifted and a step that only looks failed on another',
      () => looked().tell(intended('1@prod-2'), ended('1@prod-1', {}), ended('1@prod-2', { outcome: 'failed' }), trouble),
    ],
    ['hosts are found old by their proof', () => storyAt('proving').proven({ 'prod-1': 'old' }).tell({ type: 'trouble', where: 'proof', what: 'x' })],
  ])('is refused where %s', (_what, telling) => {
    const told = telling();
    expect(told.state().status).toBe('trouble');
    expect(isReadable(told.state())).toBe(false);
    expect(decide(told.state(), readAgain(), told.now())).toMatchObject({ code: 'over' });
  });

  it('is still offered after a retry that drifted too: nothing was changed by either', () => {
    const told = drifted().tell(retry, intended('4@prod-1', 2), intended('4@prod-2', 2), ended('4@prod-1', {}, 2), ended('4@prod-2', {}, 2), trouble);
    expect(isReadable(told.state())).toBe(true);
  });

  it('makes it as if it had never been approved: its approvals, phases, runs and trouble are gone, what was said stays said', () => {
    const told = drifted().tell({ type: 'message-posted', key: 'card', channel: 'C1', ts: '1' });
    const before = told.state();
    const { state } = { state: told.tell(again).state() };
    expect(state).toMatchObject({ status: 'reading', approvals: [], phases: [], phase: 0, runs: {}, proofs: {}, signatures: [], problems: [] });
    expect(state).toMatchObject({
      superseded: { digest: before.digest, differences: [] },
      spent: { '1@prod-1': 1, '1@prod-2': 1, '4@prod-1': 1, '4@prod-2': 1 },
    });
    for (const gone of ['digest', 'outline', 'plannedAt', 'startedAt', 'trouble', 'worker'] as const) expect(state).not.toHaveProperty(gone);
    expect([state.messages, state.token, state.requester]).toEqual([before.messages, before.token, before.requester]);
    expect([next(state), next(before)]).toEqual([{ do: 'nothing' }, { do: 'nothing' }]);
    expect(workOrders(state, told.now())).toContainEqual({ queue: 'plan', id: `sac-42.plan.${state.seq}`, rollback: 'sac-42' });
  });

  it('asks for approval of the new plan, and not of the old one', () => {
    const told = drifted().tell(again);
    const [older, newer] = [told.events.flatMap((event) => (event.type === 'planned' ? [event.digest] : []))[0] ?? '', 'e'.repeat(64)];
    const approving = (digest: string): Command => ({ type: 'approve', by: people.approver, isApprover: true, digest });
    expect(decide(told.state(), approving(older), told.now())).toMatchObject({ code: 'not-ready' });
    told.tell({ type: 'planned', digest: newer, outline: told.outline, differences: ['prod-1: HEAD is c now, and was b'] });
    expect(told.state()).toMatchObject({ status: 'waiting', superseded: { digest: older, differences: ['prod-1: HEAD is c now, and was b'] } });
    expect(decide(told.state(), approving(older), told.now())).toMatchObject({ code: 'superseded' });
    expect(decide(told.state(), approving(newer), told.now())).toEqual([
      { type: 'approved', by: people.approver, digest: newer },
      { type: 'started' },
    ]);
  });

  it('does not forget that it was started alone: that review stays owed, and the new plan needs its own approval', () => {
    const alone = { type: 'overridden', by: people.oncall, digest: 'd'.repeat(64), reason: 'orders are lost' } as const;
    const { outline } = running();
    const told = storyAt('waiting', 'sac', { outline }).tell(alone, { type: 'started' }, { type: 'phase-started', phase: 0 });
    told.tell(intended('1@prod-1'), intended('1@prod-2'), ended('1@prod-1', {}), ended('1@prod-2', {}), trouble, again);
    told.tell({ type: 'planned', digest: 'e'.repeat(64), outline });
    expect(isReviewOwed(told.state())).toBe(true);
    expect(told.state()).toMatchObject({ status: 'waiting', approvals: [], overrides: [{ reason: 'orders are lost' }] });
    const review: Command = { type: 'review', by: people.approver, isApprover: true, note: 'right' };
    expect(decide(told.state(), review, told.now())).toHaveLength(1);
    expect(decide(told.state(), { ...review, by: people.oncall }, told.now())).toMatchObject({ code: 'own-request' });
  });

  it('a change of the request forgets what was different: it is another plan altogether', () => {
    const told = drifted().tell(again).planned().tell({ type: 'changed', by: people.requester, version: 'v0.0.9', variant: 'normal' });
    expect(told.state()).not.toHaveProperty('superseded');
    expect(told.state().spent).toMatchObject({ '4@prod-1': 1 });
  });
});

/** One host drifted, the other ended so. */
const both = (other: Partial<StepResult>): Fact[] => [intended('4@prod-1'), intended('4@prod-2'), ended('4@prod-1', {}), ended('4@prod-2', other)];

/** A change that failed half way was passed over; then the other host drifted. */
function skipped(): Story {
  const told = running().tell(...both({ outcome: 'failed', stage: 'command' }), trouble);
  return told.tell({ type: 'skip-chosen', by: people.oncall, run: '4@prod-2', reason: 'done by hand' });
}

const work: ShellWork = { type: 'shell', guard: 'test a' as Sh, command: 'do b' as Sh, from: 'a', to: 'b', timeoutMs: 1000 };

describe('attempts', () => {
  const anew = (change: Partial<OutlineStep> = {}): Story => drifted(change).tell(again).planned().started();

  it('are never numbered twice, so that no receipt of an older plan can be attached to', () => {
    const told = anew();
    expect(attemptOf(told.state(), '4@prod-1')).toBe(2);
    const first = receiptKey(told.state(), '4@prod-1', 1, work);
    expect(receiptKey(told.state(), '4@prod-1', attemptOf(told.state(), '4@prod-1'), work)).not.toBe(first);
    told.tell(
      { type: 'phase-started', phase: 0 },
      intended('4@prod-1', 2),
      intended('4@prod-2', 2),
      ended('4@prod-1', {}, 2),
      ended('4@prod-2', {}, 2),
    );
    expect(told.tell(trouble, again).state().spent).toMatchObject({ '1@prod-1': 1, '4@prod-1': 2, '4@prod-2': 2 });
    expect(newAttemptOf(told.state(), '4@prod-2')).toBe(3);
    expect(newAttemptOf(told.state(), '9@constructor')).toBe(1);
    expect(newAttemptOf(told.state(), 'constructor' as RunKey)).toBe(1);
  });

  it('one that is resumed is the same, and a retry is the next', () => {
    const told = anew().tell({ type: 'phase-started', phase: 0 }, intended('4@prod-1', 2));
    expect(attemptOf(told.state(), '4@prod-1')).toBe(2);
    told.tell(ended('4@prod-1', {}, 2), trouble, retry);
    expect(attemptOf(told.state(), '4@prod-1')).toBe(3);
  });

  it('of a pipeline are not numbered twice either: an older run of it cannot be taken for this one', async () => {
    const told = anew({ type: 'pipeline' }).tell({ type: 'phase-started', phase: 0 });
    const facts: Fact[] = [];
    const keys: string[] = [];
    const service = { trigger: async (_order: unknown, key: string) => keys.push(key) && { ref: '8', url: 'x' }, find: async () => undefined };
    const log = { observe: async (_id: string, _token: string, more: readonly Fact[]) => facts.push(...more) && told.state() };
    const hold = { id: 'sac-42', token: '1', context: { log, pipelines: { url: service }, now: () => told.now() } } as unknown as Hold;
    const order = { via: 'url' } as PipelineWork['order'];
    await triggerPipeline(hold, told.state(), '4@prod-1', { type: 'pipeline', order, from: 'a', to: 'b', timeoutMs: 1 });
    expect(keys).toEqual(['sac-42.4@prod-1.2']);
    expect(facts.map((fact) => 'attempt' in fact && fact.attempt)).toEqual([2, 2]);
  });
});

it('is not for an undo: it holds the lock of what it puts back half done, and nobody else may start there', () => {
  const undoes = { rollback: 'sac-41', scope: 'all', runs: ['4@prod-1'] as const, whole: true };
  const drift = (told: Story): Story =>
    told.tell(intended('4@prod-1'), ended('4@prod-1', { outcome: 'drifted', stage: 'guard' }), { type: 'trouble', where: 'step', what: 'drift' });
  expect(isReadable(drift(running()).state())).toBe(true);
  expect(isReadable(drift(running({}, { undoes })).state())).toBe(false);
});
