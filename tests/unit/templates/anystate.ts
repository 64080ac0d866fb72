import fc from 'fast-check';
import type { StepResult } from '../../../src/domain/event.ts';
import { type Outline, type OutlinePhase, type OutlineStep, type RunKey, runKey, type Undoes } from '../../../src/domain/plan.ts';
import { noRelease } from '../../../src/domain/release.ts';
import type { HaltState, State, StepRun } from '../../../src/domain/state.ts';
import { beginsAt, people, statuses, storyAt } from '../../helpers/story.ts';

/** Text as nobody should write it: markup, mentions, control signs, and much of it. */
export const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '<!here>',
    '@channel',
    '`'.repeat(7),
    '*x*',
    '\u202e',
    'a\nb',
    '&'.repeat(4000),
    'x'.repeat(5000),
    '\ud83d\ude00'.repeat(1600),
    '<https://x|y>',
  ),
);

const few = <T>(one: fc.Arbitrary<T>, maxLength = 6) =>
  fc.oneof({ weight: 9, arbitrary: fc.array(one, { maxLength }) }, { weight: 1, arbitrary: fc.array(one, { minLength: 40, maxLength: 50 }) });
const time = fc.integer({ min: 0, max: 1e10 }).map((ms) => beginsAt + ms);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });

const result: fc.Arbitrary<StepResult> = fc.record(
  {
    outcome: fc.constantFrom<StepResult['outcome'][]>('done', 'failed', 'errored', 'drifted', 'unknown', 'cut'),
    exitCode: fc.integer({ min: 0, max: 255 }),
    stage: fc.constantFrom<NonNullable<StepResult['stage']>[]>('guard', 'command', 'verify'),
    timedOut: fc.boolean(),
    durationMs: fc.integer({ min: 0, max: 1e9 }),
    outputBytes: fc.nat(),
    why: hostile,
    advice: hostile,
    values: fc.dictionary(hostile, hostile, { maxKeys: 30 }),
  },
  { requiredKeys: ['outcome', 'durationMs', 'outputBytes'] },
);

const run: fc.Arbitrary<StepRun> = fc
  .record({ result, startedAt: time, url: hostile, isOver: fc.boolean(), open: fc.constantFrom('triggered' as const, 'asked' as const) })
  .map(({ result, startedAt, url, isOver, open }) => ({
    attempt: 2,
    status: isOver ? result.outcome : open,
    startedAt,
    pipeline: { ref: '1', url },
    ...(isOver && { result, endedAt: startedAt + result.durationMs }),
  }));

const hosts = few(fc.record({ name: hostile, role: hostile, production: fc.boolean(), before: hostile }));

const step = (names: readonly string[]): fc.Arbitrary<OutlineStep> =>
  fc.record({
    // A step's id is in its button's value, which cannot be cut; the loader keeps it short.
    id: hostile.map((text) => text.slice(0, 60)),
    name: hostile,
    kind: fc.constantFrom('run', 'git.restore', 'check', 'measure'),
    type: fc.constantFrom('shell' as const, 'hand' as const, 'pipeline' as const),
    hosts: fc.subarray([...names]),
    sign: fc.record({ by: hostile, shown: few(hostile) }),
    cannotUndo: hostile,
    undoable: fc.boolean(),
  });

const undoes: fc.Arbitrary<Undoes> = fc.record({ rollback: hostile, scope: hostile, runs: fc.constant<RunKey[]>([]), whole: fc.boolean() });

/** What was halted where, and how: also on hosts that nobody knows, as after an edit of the system file. */
const halting = fc.record({ name: hostile, backName: hostile, warn: hostile, by: hostile, hosts: few(hostile) }).chain((offer) =>
  fc
    .record({
      way: fc.constantFrom('halt' as const, 'back' as const),
      ended: fc.subarray([...offer.hosts]),
      ok: fc.boolean(),
      why: hostile,
      at: time,
    })
    .map(({ way, ended, ok, why, at }) => {
      const hosts = Object.fromEntries(ended.map((host) => [host, { ok, at, why }]));
      const halted: HaltState = { way, by: people.oncall, at, seq: 2, hosts };
      return { offer, halted };
    }),
);

/** What is asked beside a version: all that turns one card into another. */
const asked = fc.record(
  {
    variant: fc.oneof(fc.constantFrom('normal', 'remove', 'recover', 'emergency', 'production-first', 'manual', 'record'), hostile),
    about: hostile,
    selected: hostile,
    byHand: fc.boolean(),
    undoes,
  },
  { requiredKeys: ['variant'] },
);

const outline: fc.Arbitrary<Outline> = hosts.chain((all) =>
  fc
    .record({
      title: hostile,
      version: fc.oneof({ weight: 4, arbitrary: hostile }, { weight: 1, arbitrary: fc.constant(noRelease.version) }),
      asked,
      commits: few(fc.record({ commit: hostile, author: hostile, date: hostile, subject: hostile })),
      phases: fc.array(
        fc.record({ name: hostile, estimateMs: fc.nat(), steps: fc.array(step(all.slice(0, 8).map(({ name }) => name)), { maxLength: 4 }) }),
        {
          maxLength: 5,
        },
      ) as fc.Arbitrary<OutlinePhase[]>,
      by: hostile,
      rights: fc.record({ next: hostile, override: hostile, remindMs: fc.nat({ max: 2_000_000 }), afterMs: fc.nat({ max: 2_000_000 }) }),
      audience: hostile,
      cannotUndo: few(hostile),
      warnings: few(hostile),
      afterwards: few(fc.oneof(fc.record({ what: hostile }), fc.record({ what: hostile, withinMs: fc.nat() }))),
      lastProvenAt: maybe(time),
      affected: maybe(fc.record({ ms: fc.nat(), measured: fc.nat({ max: 5 }) })),
    })
    .map(({ title, version, by, rights, audience, asked, ...rest }) => {
      const { next, override, remindMs, afterMs } = rights;
      const usual = storyAt('waiting').outline;
      const announcements = usual.announcements.map((rule) => ({ ...rule, audience }));
      return {
        ...usual,
        ...rest,
        ...asked,
        title,
        announcements,
        hosts: all,
        target: { ...usual.target, version, commit: version },
        policy: { ...usual.policy, by, override, remindMs, escalate: { afterMs, to: next } },
      };
    }),
);

/** Any state that the types allow, with hostile text wherever a person or a host may have written it. */
export const anyState: fc.Arbitrary<{ state: State; now: number; output: string; hands: Record<RunKey, string> }> = fc
  .record({
    status: fc.constantFrom(...statuses),
    outline,
    run,
    version: hostile,
    name: hostile,
    answers: fc.dictionary(fc.constantFrom('scenario', 'symptoms', 'impact', 'scope', 'lessons'), hostile),
    numbers: fc.dictionary(hostile, hostile, { maxKeys: 40 }),
    reason: hostile,
    problems: few(fc.record({ what: hostile, advice: hostile, host: hostile, step: hostile })),
    finding: fc.record({ what: hostile, found: hostile, expected: hostile, ok: fc.boolean(), identifies: fc.boolean() }),
    where: fc.constantFrom('step' as const, 'proof' as const),
    output: hostile,
    isProven: fc.boolean(),
    isRehearsed: fc.boolean(),
    halting: maybe(halting),
    alone: maybe(fc.record({ reason: hostile, note: maybe(hostile) })),
    differences: maybe(few(hostile)),
    recorded: few(hostile),
    now: time,
  })
  .map(({ status, outline, run, version, name, answers, numbers, reason, problems, finding, where, output, isProven, isRehearsed, ...more }) => {
    const { halting, alone, differences, recorded, now } = more;
    const reviewed = alone?.note === undefined ? {} : { review: { by: { ...people.approver, name }, at: now, note: alone.note } };
    const keys = outline.phases.flatMap((phase) =>
      phase.steps.flatMap((one) => (one.hosts.length > 0 ? one.hosts : ['bot']).map((host) => runKey(one.id, host))),
    );
    const signer = outline.phases[0]?.steps[0];
    const { undoes: _none, halted: _nobody, ...usual } = storyAt(status).state();
    const state: State = {
      ...usual,
      ...(outline.undoes && { undoes: outline.undoes }),
      ...(halting && { halt: halting.offer, halted: halting.halted }),
      ...(alone && { overrides: [{ by: { ...people.oncall, id: name, name }, at: now, reason: alone.reason, digest: '', ...reviewed }] }),
      ...(differences && { superseded: { digest: version, differences } }),
      drill: isRehearsed,
      variant: outline.variant,
      handedTo: reason,
      recorded,
      dropped: { [name]: reason },
      outline,
      version,
      title: outline.title,
      requester: { ...people.requester, id: name, name },
      answers,
      reason,
      problems,
      phases: outline.phases.map((_, i) => ({ startedAt: beginsAt, ...(i % 2 === 0 && { endedAt: beginsAt + 1000 }) })),
      runs: Object.fromEntries(keys.map((key) => [key, run])),
      proofs: isProven
        ? Object.fromEntries(
            outline.hosts.map((host) => [host.name, { verdict: 'unknown', findings: Array(5).fill(finding), trouble: reason, at: now }]),
          )
        : {},
      serving: Object.fromEntries(outline.hosts.map((host) => [host.name, { stoppedAt: beginsAt }])),
      signatures: [{ run: runKey(signer?.id ?? 'x', 'bot'), numbers, askedAt: now }],
      trouble: { where, what: reason, at: now },
    };
    return { state, now, output, hands: Object.fromEntries(keys.map((key) => [key, output])) };
  });
