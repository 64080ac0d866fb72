import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, decide } from '../../../src/domain/decide.ts';
import type { Actor, Event, Fact } from '../../../src/domain/event.ts';
import { fold } from '../../../src/domain/fold.ts';
import { next } from '../../../src/domain/next.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { holdsLock, isEnded, type State } from '../../../src/domain/state.ts';
import { digest, people, story, storyAt } from '../../helpers/story.ts';

const approve = (by: Actor, more: Partial<Extract<Command, { type: 'approve' }>> = {}): Command => ({
  type: 'approve',
  by,
  isApprover: true,
  digest,
  ...more,
});

describe('approve', () => {
  it('starts a waiting rollback in the same decision', () => {
    const waiting = storyAt('waiting');
    expect(decide(waiting.state(), approve(people.approver), waiting.now())).toEqual([
      { type: 'approved', by: people.approver, digest },
      { type: 'started' },
    ]);
  });

  it.each([
    ['the requester', 'waiting', approve(people.requester), 'own-request'],
    ['somebody who may not', 'waiting', approve(people.oncall, { isApprover: false }), 'not-allowed'],
    ['a click on an older plan', 'waiting', approve(people.approver, { digest: 'e'.repeat(64) }), 'superseded'],
    ['a click before the plan is there', 'reading', approve(people.approver), 'not-ready'],
    ['a second click', 'running', approve(people.approver), 'already-approved'],
    ['a second approver', 'running', approve(people.oncall), 'over'],
    ['a click after the rejection', 'rejected', approve(people.approver), 'over'],
    ['a click after the withdrawal', 'withdrawn', approve(people.approver), 'over'],
    ['a click after the expiry', 'expired', approve(people.approver), 'over'],
    ['a click after the end', 'complete', approve(people.oncall), 'over'],
  ] as const)('refuses %s', (_who, status, command, code) => {
    const told = storyAt(status);
    expect(decide(told.state(), command, told.now())).toMatchObject({ code });
  });

  it('refuses when the request has stood too long, although nobody has said so yet', () => {
    const waiting = storyAt('waiting').wait(31 * 60_000);
    expect(decide(waiting.state(), approve(people.approver), waiting.now())).toMatchObject({ code: 'expired' });
  });

  it('waits for as many different approvers as the policy wants', () => {
    const policy = { by: '@sac-leads', count: 2, requester: false, standsMs: 1_800_000 };
    const waiting = storyAt('waiting', 'sac', { outline: { policy } });
    expect(decide(waiting.state(), approve(people.approver), waiting.now())).toEqual([{ type: 'approved', by: people.approver, digest }]);
    const once = waiting.tell({ type: 'approved', by: people.approver, digest });
    expect(decide(once.state(), approve(people.approver), once.now())).toMatchObject({ code: 'already-approved' });
    expect(decide(once.state(), approve(people.oncall), once.now())).toHaveLength(2);
  });
});

describe('who may do the rest', () => {
  it.each([
    ['withdraw', 'waiting', { type: 'withdraw', by: people.requester }, undefined],
    ['withdraw by another', 'waiting', { type: 'withdraw', by: people.approver }, 'not-allowed'],
    ['withdraw of what runs', 'running', { type: 'withdraw', by: people.requester }, 'over'],
    ['reject by nobody in particular', 'waiting', { type: 'reject', by: people.oncall, isApprover: false, reason: '' }, 'not-allowed'],
    ['retry without trouble', 'running', { type: 'retry', by: people.approver, isApprover: true }, 'nothing-to-do'],
    ['retry by the requester', 'trouble', { type: 'retry', by: people.requester, isApprover: false }, undefined],
    ['retry by an outsider', 'trouble', { type: 'retry', by: people.oncall, isApprover: false }, 'not-allowed'],
    ['leave by an outsider', 'trouble', { type: 'leave', by: people.oncall, isApprover: false }, 'not-allowed'],
    ['expiry before its time', 'waiting', { type: 'expire' }, 'nothing-to-do'],
  ] as const)('%s', (_name, status, command, code) => {
    const told = storyAt(status);
    const decision = decide(told.state(), command, told.now());
    expect(isRefusal(decision) ? decision.code : undefined).toBe(code);
  });
});

/** Who might do what, at random: the right people and the wrong ones, old buttons and new. */
const anyone = fc.constantFrom(...Object.values(people));
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('approve' as const), by: anyone, isApprover: fc.boolean(), digest: fc.constantFrom(digest, 'e'.repeat(64)) }),
  fc.record({ type: fc.constant('reject' as const), by: anyone, isApprover: fc.boolean(), reason: fc.string() }),
  fc.record({ type: fc.constant('withdraw' as const), by: anyone }),
  fc.record({ type: fc.constant('retry' as const), by: anyone, isApprover: fc.boolean() }),
  fc.record({ type: fc.constant('leave' as const), by: anyone, isApprover: fc.boolean() }),
  fc.constant({ type: 'expire' as const }),
);

/** What a worker would observe next: well, badly, or with a host that is not new. */
function worked(state: State, isWell: boolean): Fact[] {
  const todo = next(state);
  switch (todo.do) {
    case 'start-phase':
      return [{ type: 'phase-started', phase: todo.phase }];
    case 'end-phase':
      return [{ type: 'phase-ended', phase: todo.phase }];
    case 'trouble':
      return [{ type: 'trouble', where: 'step', what: 'a step' }];
    case 'start-proof':
      return [{ type: 'proof-started' }];
    case 'steps': {
      const [run] = todo.runs;
      if (!run) return [];
      const attempt = (state.runs[run]?.attempt ?? 0) + 1;
      const result = { outcome: isWell ? ('done' as const) : ('failed' as const), durationMs: 1, outputBytes: 0 };
      return [
        { type: 'step-intended', run, attempt, bootId: 'b', storeId: 's' },
        { type: 'step-finished', run, attempt, result },
      ];
    }
    case 'prove': {
      const hosts = state.outline?.hosts ?? [];
      const proofs = hosts.map((host, i): Fact => ({ type: 'host-proven', host: host.name, verdict: isWell || i > 0 ? 'new' : 'old', findings: [] }));
      return [...proofs, isWell ? { type: 'completed' } : { type: 'trouble', where: 'proof', what: 'a host is old' }];
    }
    default:
      return [];
  }
}

type Move = { readonly command: Command } | { readonly work: boolean } | { readonly waitMs: number };
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ work: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }) }) },
  fc.record({ command: anyCommand }),
  fc.record({ waitMs: fc.nat(3_000_000) }),
);

describe('whatever people and workers do', () => {
  it('nothing happens that the promises forbid', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom('waiting' as const, 'running' as const), fc.array(anyMove, { maxLength: 150 }), (from, moves) => {
        const events: Event[] = [...storyAt(from).events];
        let state = fold('sac-42', events) as State;
        let now = state.at;
        const append = (facts: readonly Fact[]): void => {
          const added = facts.map((fact, i): Event => ({ v: 1, seq: state.seq + i + 1, at: now, ...fact }));
          const before = state;
          events.push(...added);
          state = fold('sac-42', added, state) as State;
          check(before, added, state);
        };
        for (const move of moves) {
          if ('waitMs' in move) now += move.waitMs;
          else if ('work' in move) append(worked(state, move.work));
          else {
            const decision = decide(state, move.command, now);
            if (isRefusal(decision)) expect(decision.message.length * decision.advice.length).toBeGreaterThan(0);
            else append(decision);
          }
        }
        expect(events.filter((event) => event.type === 'started').length).toBeLessThanOrEqual(1);
        expect(fold('sac-42', events)).toEqual(state);
        seen.add(state.status);
      }),
      { numRuns: 300 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(['waiting', 'running', 'trouble', 'rejected', 'withdrawn', 'expired']));
  });
});

function check(before: State, added: readonly Event[], after: State): void {
  for (const event of added) {
    if (event.type === 'approved') expect([event.digest, event.by.id === people.requester.id]).toEqual([after.digest, false]);
    if (event.type === 'step-intended') expect(before.status).toBe('running');
    if (event.type === 'completed') expect(Object.values(after.proofs).every((proof) => proof.verdict === 'new')).toBe(true);
  }
  if (isEnded(before)) expect(after.status).toBe(before.status);
  if (isEnded(after)) expect(holdsLock(after)).toBe(false);
}

describe('story', () => {
  it('a whole rollback goes through all phases in order to its proof', () => {
    const told = story('sac').requested().planned().started().proven().completed();
    expect(told.state().status).toBe('complete');
    expect(told.events.filter((event) => event.type === 'phase-ended').map((event) => event.phase)).toEqual([0, 1, 2, 3, 4]);
  });
});
