import fc from 'fast-check';
import type { StepResult } from '../../../src/domain/event.ts';
import { type Outline, type OutlinePhase, type OutlineStep, runKey } from '../../../src/domain/plan.ts';
import type { State, StepRun } from '../../../src/domain/state.ts';
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
    outcome: fc.constantFrom<StepResult['outcome'][]>('done', 'failed', 'errored', 'drifted', 'unknown'),
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
  .record({ result, startedAt: time, url: hostile, isOver: fc.boolean() })
  .map(({ result, startedAt, url, isOver }) => ({
    attempt: 2,
    status: isOver ? result.outcome : 'triggered',
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
    type: fc.constant('shell' as const),
    hosts: fc.subarray([...names]),
    sign: fc.record({ by: hostile, shown: few(hostile) }),
  });

const outline: fc.Arbitrary<Outline> = hosts.chain((all) =>
  fc
    .record({
      title: hostile,
      version: hostile,
      commits: few(fc.record({ commit: hostile, author: hostile, date: hostile, subject: hostile })),
      phases: fc.array(
        fc.record({ name: hostile, estimateMs: fc.nat(), steps: fc.array(step(all.slice(0, 8).map(({ name }) => name)), { maxLength: 4 }) }),
        {
          maxLength: 5,
        },
      ) as fc.Arbitrary<OutlinePhase[]>,
      by: hostile,
      audience: hostile,
      cannotUndo: few(hostile),
      warnings: few(hostile),
      afterwards: few(hostile),
      lastProvenAt: maybe(time),
      affected: maybe(fc.record({ ms: fc.nat(), measured: fc.nat({ max: 5 }) })),
    })
    .map(({ title, version, by, audience, ...rest }) => {
      const usual = storyAt('waiting').outline;
      const announcements = usual.announcements.map((rule) => ({ ...rule, audience }));
      return {
        ...usual,
        ...rest,
        title,
        announcements,
        hosts: all,
        target: { ...usual.target, version, commit: version },
        policy: { ...usual.policy, by },
      };
    }),
);

/** Any state that the types allow, with hostile text wherever a person or a host may have written it. */
export const anyState: fc.Arbitrary<{ state: State; now: number; output: string }> = fc
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
    now: time,
  })
  .map(({ status, outline, run, version, name, answers, numbers, reason, problems, finding, where, output, isProven, now }) => {
    const keys = outline.phases.flatMap((phase) =>
      phase.steps.flatMap((one) => (one.hosts.length > 0 ? one.hosts : ['bot']).map((host) => runKey(one.id, host))),
    );
    const signer = outline.phases[0]?.steps[0];
    const state: State = {
      ...storyAt(status).state(),
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
    return { state, now, output };
  });
