import type { Outline, OutlinePhase, OutlineStep, RunKey } from '../../../src/domain/plan.ts';
import { undoPhases } from '../../../src/domain/undo.ts';
import { card } from '../../../src/templates/card.ts';
import { outlineOf } from '../../helpers/outline.ts';
import { buttonsOf, readable } from '../../helpers/said.ts';
import { type Options, type Story, story } from '../../helpers/story.ts';

/** A small plan of its own, so that what is said does not change with the system files. */
export const phases: OutlinePhase[] = [
  phase('Assessment', 1, [step('1', 'Symptoms', 'collect', ['prod-1', 'prod-2'])]),
  phase('Implementation', 2, [step('4', 'Code', 'git.restore', ['dev-1'], { undoable: true })]),
  phase('Deployment', 2, [
    step('11.1', 'Stop', 'systemd.stop', ['prod-1', 'prod-2'], { undoable: true, serving: 'stopped' }),
    step('11.2', 'Deploy', 'git.checkout', ['prod-1', 'prod-2'], { undoable: true }),
    step('11.3', 'Start', 'systemd.start', ['prod-1', 'prod-2'], { undoable: true, serving: 'running' }),
  ]),
];

function phase(name: string, hours: number, steps: OutlineStep[]): OutlinePhase {
  return { name, estimateMs: hours * 3_600_000, steps };
}

function step(id: string, name: string, kind: string, hosts: string[], more: Partial<OutlineStep> = {}): OutlineStep {
  return { id, name, kind, type: 'shell', hosts, ...more };
}

/** The stages of phases, all hosts of a step side by side. */
export const stagesOf = (all: readonly OutlinePhase[]): Outline['stages'] =>
  all.flatMap(({ steps }, index) => steps.map(({ id, hosts }) => ({ phase: index, hosts, steps: [id] })));

/** A story of the SAC agent with this plan. */
export function told(options: Options = {}): Story {
  const { outline = {}, ...rest } = options;
  const all = outline.phases ?? phases;
  return story('sac', {
    ...rest,
    outline: { phases: all, stages: stagesOf(all), announcements: [], cannotUndo: [], afterwards: [{ what: 'root cause analysis' }], ...outline },
  });
}

export const halt = {
  name: 'Stop trading',
  backName: 'Resume trading',
  warn: 'Open positions stay open.',
  by: '#inc-trading',
  hosts: ['prod-1', 'prod-2'],
} as const;

const usual = outlineOf('sac');

/** The undo of all that such a rollback changed. */
export function undoing(options: Partial<{ whole: boolean; scope: string; runs: RunKey[] }> = {}): Story {
  const { whole = true, scope = 'all' } = options;
  const runs = options.runs ?? (['4@dev-1', '11.1@prod-1', '11.1@prod-2', '11.2@prod-1', '11.2@prod-2', '11.3@prod-1', '11.3@prod-2'] as const);
  const undoes = { rollback: 'sac-42', scope, runs, whole };
  const back = undoPhases({ ...usual, phases }, runs);
  const cannotUndo = ['production was without for 12 s', '3 messages that were sent'];
  return told({
    id: 'sac-43',
    version: 'v0.2.0',
    answers: {},
    request: { undoes },
    outline: { phases: back, stages: stagesOf(back), undoes, cannotUndo, from: usual.target, ...(usual.from && { target: usual.from }) },
  });
}

const mentions = { '@sac-leads': '<!subteam^S0SACLEADS>' };

/** The card of a story as a person reads it, five seconds later. */
export const said = (one: Story, hands = {}): string => readable(cardOf(one, hands).blocks);
export const actionsOf = (one: Story): string[] => buttonsOf(cardOf(one).blocks).map((button) => button.action_id);
export const cardOf = (one: Story, hands = {}) => card({ state: one.state(), now: one.now() + 5000, outputs: {}, hands, mentions });
/** What a button carries. */
export const carriedBy = (one: Story, action: string): unknown =>
  JSON.parse(buttonsOf(cardOf(one).blocks).find((button) => button.action_id === action)?.value ?? 'null');
