import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/domain/command.ts';
import { decide } from '../../../src/domain/decide.ts';
import type { Actor, Event, Fact } from '../../../src/domain/event.ts';
import { fold } from '../../../src/domain/fold.ts';
import { next } from '../../../src/domain/next.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import { holdsLock, isEnded, type State } from '../../../src/domain/state.ts';
import { workOrders } from '../../../src/domain/work.ts';
import { newAttemptOf } from '../../../src/jobs/phase/intent.ts';
import { fullPolicy } from '../../helpers/persons.ts';
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

const change = (more: Partial<Extract<Command, { type: 'change' }>>): Command => ({
  type: 'change',
  by: people.requester,
  mayRequest: false,
  version: 'v0.0.9',
  variant: 'normal',
  scenario: '',
  ...more,
});

const offer = {
  name: 'Stop trading',
  backName: 'Resume trading',
  warn: 'Open positions stay open.',
  by: '#inc-trading',
  hosts: ['prod-1', 'prod-2'],
};
const halt = (way: 'halt' | 'back', mayHalt = true): Command => ({ type: 'halt', by: people.oncall, mayHalt, way });

describe('halt', () => {
  const at = (status: Parameters<typeof storyAt>[0]) => storyAt(status, 'sac', { request: { halt: offer } });
  it('needs no approval, is done once, and can be taken back, also when the request is over', () => {
    const told = at('waiting');
    const chosen = decide(told.state(), halt('halt'), told.now());
    expect(chosen).toEqual([{ type: 'halt-chosen', by: people.oncall, way: 'halt' }]);
    told.tell({ type: 'halt-chosen', by: people.oncall, way: 'halt' });
    expect(workOrders(told.state(), told.now()).map((order) => order.queue)).toContain('halt');
    for (const host of offer.hosts) told.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    expect(workOrders(told.state(), told.now()).map((order) => order.queue)).not.toContain('halt');
    expect(told.state().serving['prod-1']?.stoppedAt).toBeDefined();
    expect(decide(told.state(), halt('halt'), told.now())).toMatchObject({ code: 'nothing-to-do' });
    told.tell({ type: 'rejected', by: people.approver, reason: 'no' });
    expect(decide(told.state(), halt('back'), told.now())).toEqual([{ type: 'halt-chosen', by: people.oncall, way: 'back' }]);
  });

  it('is tried again where it failed', () => {
    const told = at('reading').tell({ type: 'halt-chosen', by: people.oncall, way: 'halt' });
    told.tell(
      { type: 'halt-ended', way: 'halt', host: 'prod-1', ok: false, why: 'away' },
      { type: 'halt-ended', way: 'halt', host: 'prod-2', ok: true },
    );
    expect(isRefusal(decide(told.state(), halt('halt'), told.now()))).toBe(false);
  });

  it('may be taken back again where that failed', () => {
    const told = at('waiting').tell({ type: 'halt-chosen', by: people.oncall, way: 'halt' });
    for (const host of offer.hosts) told.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    told.tell({ type: 'halt-chosen', by: people.oncall, way: 'back' }, { type: 'halt-ended', way: 'back', host: 'prod-1', ok: true });
    expect(decide(told.state(), halt('back'), told.now())).toMatchObject({ code: 'nothing-to-do' });
    told.tell({ type: 'halt-ended', way: 'back', host: 'prod-2', ok: false, why: 'away' });
    expect(decide(told.state(), halt('back'), told.now())).toEqual([{ type: 'halt-chosen', by: people.oncall, way: 'back' }]);
  });

  it.each([
    ['somebody who may not', at('waiting'), halt('halt', false), 'not-allowed'],
    ['while it runs', at('running'), halt('halt'), 'over'],
    ['back when nothing is halted', at('waiting'), halt('back'), 'nothing-to-do'],
    ['on a request that is over', at('expired'), halt('halt'), 'over'],
    ['where the system has none', storyAt('waiting'), halt('halt'), 'nothing-to-do'],
  ] as const)('is refused: %s', (_name, told, command, code) => expect(decide(told.state(), command, told.now())).toMatchObject({ code }));
});

it('another scenario reads the hosts anew before approval, and is not taken after it', () => {
  const asks = (answers: Record<string, string>): Command => ({ type: 'describe', by: people.requester, mayRequest: true, answers });
  const waiting = storyAt('waiting');
  expect(decide(waiting.state(), asks({ scenario: 'testing failure', impact: 'x' }), waiting.now())).toEqual([
    { type: 'described', by: people.requester, answers: { scenario: 'testing failure', impact: 'x' } },
    { type: 'changed', by: people.requester, version: 'v0.1.0', variant: 'normal' },
  ]);
  const running = storyAt('running');
  expect(decide(running.state(), asks({ scenario: 'testing failure', impact: 'x' }), running.now())).toEqual([
    { type: 'described', by: people.requester, answers: { impact: 'x' } },
  ]);
  const changed = storyAt('waiting').tell(
    { type: 'approved', by: people.approver, digest },
    { type: 'changed', by: people.requester, version: 'v0.0.9', variant: 'remove' },
  );
  expect(changed.state()).toMatchObject({ status: 'reading', version: 'v0.0.9', variant: 'remove', approvals: [] });
  expect(decide(changed.state(), approve(people.oncall), changed.now())).toMatchObject({ code: 'not-ready' });
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
    ['retry on a host that is well', 'trouble', { type: 'retry', by: people.approver, isApprover: true, host: 'prod-1' }, 'nothing-to-do'],
    ['retry on the host that failed', 'trouble', { type: 'retry', by: people.approver, isApprover: true, host: 'prod-2' }, undefined],
    ['change by the requester', 'waiting', change({}), undefined],
    ['change by an outsider', 'waiting', change({ by: people.oncall }), 'not-allowed'],
    ['change to the same', 'waiting', change({ version: 'v0.1.0' }), 'nothing-to-do'],
    ['change of what runs', 'running', change({}), 'over'],
    ['approval of a dry run', 'shown', approve(people.approver), 'over'],
    [
      'tick of a step that nobody was asked for',
      'running',
      { type: 'tick', by: people.approver, isApprover: true, run: '4@dev-1', ok: true },
      'nothing-to-do',
    ],
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
  fc.record({ type: fc.constant('retry' as const), by: anyone, isApprover: fc.boolean(), host: fc.constantFrom('prod-1', 'prod-2', 'dev-1') }),
  fc.record({
    type: fc.constant('change' as const),
    by: anyone,
    mayRequest: fc.boolean(),
    version: fc.constantFrom('v0.1.0', 'v0.0.9'),
    variant: fc.constantFrom('normal', 'remove'),
    scenario: fc.constantFrom('', 'testing failure'),
  }),
  fc.record({ type: fc.constant('halt' as const), by: anyone, mayHalt: fc.boolean(), way: fc.constantFrom('halt' as const, 'back' as const) }),
  fc.record({
    type: fc.constant('tick' as const),
    by: anyone,
    isApprover: fc.boolean(),
    run: fc.constantFrom('4@dev-1' as const, '11.3@prod-2' as const),
    ok: fc.boolean(),
  }),
  fc.record({ type: fc.constant('leave' as const), by: anyone, isApprover: fc.boolean() }),
  fc.record({
    type: fc.constant('override' as const),
    by: anyone,
    mayOverride: fc.boolean(),
    typed: fc.constantFrom('sac', 'SAC ', 'agentrader', ''),
    reason: fc.constantFrom('orders are lost', ' '),
    digest: fc.constantFrom(digest, 'e'.repeat(64)),
  }),
  fc.record({ type: fc.constant('review' as const), by: anyone, isApprover: fc.boolean(), note: fc.constantFrom('right', '') }),
  fc.record({ type: fc.constant('read-again' as const), by: anyone, isApprover: fc.boolean() }),
  fc.constant({ type: 'expire' as const }),
);

/** The usual plan, which somebody may start alone after five minutes. */
const overridable = { ...story('sac').outline, policy: fullPolicy };

/** What a worker would observe next: well, badly, or with a host that is not new. A step that is the first to change anything drifts instead. */
function worked(state: State, isWell: boolean): Fact[] {
  if (state.status === 'reading') return [{ type: 'planned', digest, outline: overridable }];
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
      const attempt = newAttemptOf(state, run);
      const result = {
        outcome: isWell ? ('done' as const) : run === '4@dev-1' ? ('drifted' as const) : ('failed' as const),
        durationMs: 1,
        outputBytes: 0,
      };
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
  fc.record({ waitMs: fc.oneof(fc.nat(3_000_000), fc.nat(400_000)) }),
);

const usual = { outline: { policy: fullPolicy } };
const reason = 'orders are lost';
const beginnings = [
  storyAt('waiting', 'sac', usual),
  storyAt('running', 'sac', usual),
  storyAt('waiting', 'sac', usual).started().failing('4@dev-1', { outcome: 'drifted', stage: 'guard' }),
  storyAt('waiting', 'sac', usual).tell({ type: 'overridden', by: people.oncall, digest, reason }, { type: 'started' }),
];

describe('whatever people and workers do', () => {
  it('nothing happens that the promises forbid', () => {
    const seen = new Set<string>();
    const property = fc.property(fc.constantFrom(...beginnings), fc.array(anyMove, { maxLength: 150 }), (begun, moves) => {
      const events: Event[] = [...begun.events];
      let state = fold('sac-42', events) as State;
      let now = state.at;
      seen.add(state.status);
      const append = (facts: readonly Fact[]): void => {
        const added = facts.map((fact, i): Event => ({ v: 1, seq: state.seq + i + 1, at: now, ...fact }));
        const before = state;
        events.push(...added);
        state = fold('sac-42', added, state) as State;
        check(before, added, state);
        for (const what of [state.status, ...added.map(({ type }) => type)]) seen.add(what);
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
      const count = (type: Fact['type']): number => events.filter((event) => event.type === type).length;
      expect(count('started')).toBeLessThanOrEqual(1 + count('read-again-chosen')); // one a plan
      expect(fold('sac-42', events)).toEqual(state);
    });
    fc.assert(property, { numRuns: 300 });
    fc.assert(property, { numRuns: 600, seed: 20261 }); // what must have been seen must not depend on luck
    const wanted = ['waiting', 'running', 'trouble', 'rejected', 'withdrawn', 'expired'];
    expect([...seen]).toEqual(expect.arrayContaining(wanted));
  });
});

function check(before: State, added: readonly Event[], after: State): void {
  for (const event of added) {
    if (event.type === 'approved') expect([event.digest, event.by.id === people.requester.id]).toEqual([after.digest, false]);
    if (event.type === 'step-intended') expect(before.status).toBe('running');
    if (event.type === 'overridden') expect([event.digest, before.status]).toEqual([after.digest, 'waiting']);
    if (event.type === 'reviewed') expect(before.overrides.some((one) => one.review === undefined && one.by.id !== event.by.id)).toBe(true);
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

describe('skip', () => {
  const policy = { by: '@sac-leads', count: 1, requester: false, standsMs: 1_800_000, skip: '@sac-oncall' };
  const trouble = () => storyAt('trouble', 'sac', { outline: { policy } });
  const skip = (more: Partial<Extract<Command, { type: 'skip' }>> = {}): Command => ({
    type: 'skip',
    by: people.oncall,
    maySkip: true,
    run: '11.3@prod-2',
    reason: 'started by hand',
    ...more,
  });

  it('passes the run over that did not end well, and goes on', () => {
    const told = trouble();
    const facts = decide(told.state(), skip(), told.now());
    expect(facts).toEqual([{ type: 'skip-chosen', by: people.oncall, run: '11.3@prod-2', reason: 'started by hand' }]);
    expect(told.tell(...(facts as Fact[])).state()).toMatchObject({ status: 'running', runs: { '11.3@prod-2': { status: 'skipped' } } });
  });

  it.each([
    ['a run that ended well', trouble(), skip({ run: '4@dev-1' }), 'nothing-to-do'],
    ['a run that was never begun', trouble(), skip({ run: '13@bot' }), 'nothing-to-do'],
    ['somebody whom the policy does not name', trouble(), skip({ maySkip: false }), 'not-allowed'],
    ['no reason', trouble(), skip({ reason: ' ' }), 'malformed'],
    [
      'a policy that names nobody',
      storyAt('trouble', 'sac', { outline: { policy: { ...policy, skip: undefined as never } } }),
      skip(),
      'not-allowed',
    ],
    ['a rollback that is not in trouble', storyAt('running', 'sac', { outline: { policy } }), skip(), 'nothing-to-do'],
  ] as const)('refuses %s', (_what, told, command, code) => {
    expect(decide(told.state(), command, told.now())).toMatchObject({ code });
  });
});

describe('stop', () => {
  const stop = (mayStop = true): Command => ({ type: 'stop', by: people.oncall, mayStop });

  it.each(['running', 'trouble', 'proving'] as const)('ends one that is %s', (status) => {
    const told = storyAt(status);
    expect(decide(told.state(), stop(), told.now())).toEqual([{ type: 'stop-chosen', by: people.oncall }]);
    expect(decide(told.state(), stop(false), told.now())).toMatchObject({ code: 'not-allowed' });
  });

  it.each(['waiting', 'stopping', 'stopped', 'complete', 'left'] as const)('has nothing to end in one that is %s', (status) => {
    const told = storyAt(status);
    expect(decide(told.state(), stop(), told.now())).toMatchObject({ code: 'nothing-to-do' });
  });
});
