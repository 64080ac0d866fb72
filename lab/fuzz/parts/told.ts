import fc from 'fast-check';
import type { Event, Fact } from '../../../src/domain/event.ts';
import { fold } from '../../../src/domain/fold.ts';
import type { KeptOutput } from '../../../src/domain/output.ts';
import type { Finding } from '../../../src/domain/proof.ts';
import type { State, Status } from '../../../src/domain/state.ts';
import { Output } from '../../../src/hosts/output.ts';
import { MaskedOutput, streamMasker } from '../../../src/mask.ts';
import { planView } from '../../../src/templates/views.ts';
import { digest, people, story, storyAt } from '../../../tests/helpers/story.ts';
import { mustReadWell } from '../after.ts';
import { anyBytes, hostile } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { faultsOfView, mustBeFine } from '../said.ts';
import { now, planOf, users } from '../world.ts';

/** Where hosts, people and repositories get a word in: from a status on, the facts that then say it. */
const tales: Readonly<Record<string, { readonly from: Status; readonly facts: (one: Tale, state: State) => readonly Fact[] }>> = {
  unplannable: {
    from: 'reading',
    facts: ({ a, b, c }) => [
      {
        type: 'unplannable',
        problems: [
          { what: a, advice: b, host: c, step: b },
          { what: b, advice: '' },
        ],
      },
    ],
  },
  failed: { from: 'running', facts: failed },
  cut: { from: 'running', facts: (one, state) => [...failed(one, state), { type: 'left', by: people.approver }] },
  proof: { from: 'proving', facts: proven },
  alone: {
    from: 'waiting',
    facts: ({ a, b, c }) => [
      { type: 'overridden', by: { id: 'U0NOORHAD', name: b, via: 'slack' }, digest, reason: a },
      { type: 'started' },
      { type: 'reviewed', by: { id: 'U0ADAOKAF', name: c, via: 'cli' }, note: a },
    ],
  },
  drifted: {
    from: 'running',
    facts: ({ a, b, c }, { outline }) => [
      { type: 'read-again-chosen', by: { id: b, name: c, via: 'slack' } },
      ...(outline ? [{ type: 'planned', digest: 'e'.repeat(64), outline, differences: [a, b, c] } as const] : []),
    ],
  },
  recorded: { from: 'complete', facts: ({ a, b, c }) => [{ type: 'recorded', lines: [a, b, c] }] },
  signed: { from: 'complete', facts: ({ a, b }) => [{ type: 'described', by: people.requester, answers: { lessons: a, symptoms: b } }] },
  rejected: { from: 'waiting', facts: ({ a, b }) => [{ type: 'rejected', by: { id: a, name: b, via: 'slack' }, reason: a }] },
  halted: {
    from: 'waiting',
    facts: ({ a, b }) => [
      { type: 'halt-chosen', by: { id: 'U0RILEYCH', name: b, via: 'slack' }, way: 'halt' },
      { type: 'halt-ended', way: 'halt', host: a, ok: false, why: b },
    ],
  },
  dropped: { from: 'running', facts: ({ a, b }) => [{ type: 'message-dropped', key: a, why: b }] },
  described: {
    from: 'waiting',
    facts: ({ a, b, c }) => [{ type: 'described', by: people.requester, answers: { symptoms: a, impact: b, scope: c, [a]: b } }],
  },
};

interface Tale {
  readonly a: string;
  readonly b: string;
  readonly c: string;
}

/** The run that is under way, and how it ends: badly, with whatever its host said. */
function failed({ a, b, c }: Tale, state: State): readonly Fact[] {
  const [run = '1@bot'] = (Object.keys(state.runs) as (keyof State['runs'])[]).filter((key) => state.runs[key]?.status === 'running');
  const result = {
    outcome: 'failed',
    exitCode: 1,
    stage: 'command',
    durationMs: 1,
    outputBytes: 9,
    why: a,
    advice: b,
    values: { [c]: a, [b]: c },
  } as const;
  return [
    { type: 'step-finished', run, attempt: 1, result },
    { type: 'trouble', where: 'step', what: c },
  ];
}

function proven({ a, b, c }: Tale, state: State): readonly Fact[] {
  const finding: Finding = { what: c, found: a, expected: b, ok: false, identifies: true, ill: b, version: a };
  const hosts = (state.outline?.hosts ?? []).map(
    ({ name }): Fact => ({ type: 'host-proven', host: name, verdict: 'unknown', findings: [finding, finding], trouble: c }),
  );
  return [...hosts, { type: 'trouble', where: 'proof', what: a }];
}

/** What came from a host, as the product takes it in. */
function taken(bytes: Buffer, leftOutBytes: number): KeptOutput {
  const masked = new MaskedOutput(streamMasker(['a secret that is not there'])());
  const output = new Output((text, left) => masked.add(text, left));
  output.take(0, bytes);
  output.leaveOut(leftOutBytes);
  output.take(output.offset, bytes);
  output.end();
  return masked.end();
}

/** The same story with hostile names from its very beginning: what a repository and a system file call things. */
const named = ({ a, b, c }: Tale, status: Status): State => {
  const outline = story('sac').outline;
  const phases = outline.phases.map((phase) => ({ ...phase, name: a, steps: phase.steps.map((step) => ({ ...step, name: b })) }));
  const commits = [{ commit: 'c'.repeat(40), author: a, date: b, subject: c }];
  const changed = { title: a, phases, commits, warnings: [b], cannotUndo: [c], target: { ...outline.target, subject: b } };
  return storyAt(status, 'sac', { outline: changed, answers: { symptoms: a, scope: b }, version: c }).state();
};

/** Whatever a host prints and people write, in every message, notice and modal that tells of it. */
export const told: Part = partOf({
  name: 'told',
  perMille: 30,
  open: async () => {
    const states = new Map(
      (['reading', 'waiting', 'running', 'proving', 'complete'] as const).map((status) => [status as Status, storyAt(status).state()]),
    );
    const tale = fc.record({ a: hostile, b: hostile, c: hostile });
    return {
      cases: fc.record({
        tale,
        tells: fc.constantFrom(...Object.keys(tales)),
        output: anyBytes,
        leftOutBytes: fc.constantFrom(0, 1, 2 ** 31),
        isNamed: fc.nat(19),
      }),
      try: ({ tale, tells, output, leftOutBytes, isNamed }) => {
        const { from, facts } = tales[tells] ?? { from: 'waiting', facts: () => [] };
        const before = isNamed === 0 ? named(tale, from) : states.get(from);
        if (!before) throw new Error(`no state ${from}`);
        const state = after(before, facts(tale, before));
        const outputs = Object.fromEntries(Object.keys(state.runs).map((key) => [key, taken(output, leftOutBytes)]));
        mustReadWell(state, outputs);
        if (state.outline) mustBeFine('the plan', faultsOfView(planView(planOf(state, tale.a), state, 0), users));
        return 'accepted';
      },
    };
  },
});

function after(before: State, facts: readonly Fact[]): State {
  const events = facts.map((fact, i): Event => ({ v: 1, seq: before.seq + i + 1, at: now, ...fact }));
  const state = fold(before.id, events, before);
  if (!state) throw new Error('nothing was told');
  return state;
}
