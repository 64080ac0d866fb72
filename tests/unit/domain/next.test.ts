import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { next } from '../../../src/domain/next.ts';
import { stagesOf } from '../../../src/domain/stages.ts';
import type { Role } from '../../../src/domain/system.ts';
import { outlineOf } from '../../helpers/outline.ts';
import { people, storyAt } from '../../helpers/story.ts';

const host = (name: string) => ({ name, address: name, port: 22, user: 'deploy' });
const role = (name: string, hosts: string[], serial?: number): Role => ({
  name,
  hosts: hosts.map(host),
  dir: '/',
  production: true,
  ...(serial === undefined ? {} : { serial }),
});
const step = (id: string, hosts: readonly string[]) => ({ id, name: id, kind: 'run', type: 'shell' as const, hosts });

describe('stages', () => {
  it('take a serial role host by host through consecutive steps, and others at once', () => {
    const prod = ['p1', 'p2', 'p3'];
    const phases = [
      { name: 'one', estimateMs: 0, steps: [step('1', ['d1', ...prod]), step('2', prod), step('3', prod), step('4', ['bot']), step('5', ['d1'])] },
    ];
    expect(stagesOf(phases, { prod: role('prod', prod, 2), dev: role('dev', ['d1']) })).toEqual([
      { phase: 0, hosts: ['d1', 'p1', 'p2', 'p3'], steps: ['1'] },
      { phase: 0, hosts: ['p1', 'p2'], steps: ['2', '3'] },
      { phase: 0, hosts: ['p3'], steps: ['2', '3'] },
      { phase: 0, hosts: ['bot'], steps: ['4'] },
      { phase: 0, hosts: ['d1'], steps: ['5'] },
    ]);
  });

  it('hold every step on every host exactly once, in the order of the runbook', () => {
    const hosts = ['p1', 'p2', 'p3'];
    const anyStep = fc.constantFrom(hosts, ['bot'], ['d1']);
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 4 }), (placed, serial) => {
        const steps = placed.map((on, i) => step(String(i), on));
        const stages = stagesOf([{ name: 'x', estimateMs: 0, steps }], { prod: role('prod', hosts, serial), dev: role('dev', ['d1']) });
        for (const name of [...hosts, 'bot', 'd1']) {
          const gone = stages.filter((stage) => stage.hosts.includes(name)).flatMap((stage) => stage.steps);
          expect(gone).toEqual(steps.filter((one) => one.hosts.includes(name)).map((one) => one.id));
        }
      }),
    );
  });
});

describe('next', () => {
  it('begins nothing new once a step has failed, and follows what runs to its end', () => {
    const told = storyAt('waiting')
      .started()
      .upTo('1@prod-1')
      .tell({ type: 'step-intended', run: '1@prod-2', attempt: 1, bootId: 'b', storeId: 's' });
    const failed = told.tell({ type: 'step-finished', run: '1@prod-1', attempt: 1, result: { outcome: 'failed', durationMs: 1, outputBytes: 0 } });
    expect(next(failed.state())).toEqual({ do: 'steps', runs: ['1@prod-2'] });
    const settled = failed.tell({ type: 'step-finished', run: '1@prod-2', attempt: 1, result: { outcome: 'done', durationMs: 1, outputBytes: 0 } });
    expect(next(settled.state())).toEqual({ do: 'trouble' });
  });

  it('runs a failed step again after Retry, as a new attempt; what was lost sight of stays the same attempt', () => {
    for (const [outcome, resume] of [
      ['failed', false],
      ['errored', true],
    ] as const) {
      const told = storyAt('waiting').started().failing('4@dev-1', { outcome }).tell({ type: 'retry-chosen', by: people.requester });
      expect(next(told.state())).toEqual({ do: 'steps', runs: ['4@dev-1'] });
      expect(told.state().runs['4@dev-1']).toMatchObject({ status: 'retry', resume });
    }
  });

  it('waits for a person without a job, goes on at their word, and is in trouble when they say that it failed', () => {
    const outline = outlineOf('agentrader');
    const phases = outline.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) => (step.type === 'shell' ? { ...step, type: 'hand' as const } : step)),
    }));
    const told = () =>
      storyAt('waiting', 'agentrader', { outline: { phases, byHand: true } })
        .started()
        .upTo('1.1@ec2-1');
    const asked = told();
    expect([asked.state().runs['1.1@ec2-1']?.status, next(asked.state())]).toEqual(['asked', { do: 'nothing' }]);
    const well = asked.tell({ type: 'ticked', by: people.approver, run: '1.1@ec2-1', ok: true });
    expect(next(well.state())).toEqual({ do: 'steps', runs: ['1.2@ec2-1'] });
    expect(next(told().tell({ type: 'ticked', by: people.approver, run: '1.1@ec2-1', ok: false }).state())).toEqual({ do: 'trouble' });
  });

  it('runs only what a retry on one host means, and is in trouble again with the rest', () => {
    const bad = { outcome: 'failed', durationMs: 1, outputBytes: 0 } as const;
    const told = storyAt('waiting').started().failing('1@prod-1');
    told.tell(
      { type: 'step-intended', run: '1@prod-2', attempt: 1, bootId: 'b', storeId: 's' },
      { type: 'step-finished', run: '1@prod-2', attempt: 1, result: bad },
    );
    told.tell({ type: 'retry-chosen', by: people.approver, hosts: ['prod-2'] });
    expect(next(told.state())).toEqual({ do: 'steps', runs: ['1@prod-2'] });
    told.tell(
      { type: 'step-intended', run: '1@prod-2', attempt: 2, bootId: 'b', storeId: 's' },
      { type: 'step-finished', run: '1@prod-2', attempt: 2, result: { ...bad, outcome: 'done' } },
    );
    expect(next(told.state())).toEqual({ do: 'trouble' });
  });

  it('does nothing for what has ended or waits for people', () => {
    for (const status of ['waiting', 'rejected', 'withdrawn', 'expired', 'unplannable', 'trouble', 'complete', 'left'] as const)
      expect(next(storyAt(status).state())).toEqual({ do: 'nothing' });
  });
});
