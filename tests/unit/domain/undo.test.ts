import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunKey, runKey } from '../../../src/domain/plan.ts';
import { asRecorded, type Finding, verdict } from '../../../src/domain/proof.ts';
import { sh } from '../../../src/domain/sh.ts';
import { notBroughtBack, runsToUndo, scopeText, undoOf, undoPhases, undoStages } from '../../../src/domain/undo.ts';
import { outlineOf } from '../../helpers/outline.ts';
import { storyAt } from '../../helpers/story.ts';

const failed = storyAt('trouble').state(); // 11.3@prod-2 did not end well: prod-1 is through, prod-2 is stopped

describe('runsToUndo', () => {
  it('are those that have begun, latest first, the one that failed among them', () => {
    const all = runsToUndo(failed, { of: 'all' });
    expect(all[0]?.startsWith('11.')).toBe(true);
    expect(all).toContain('11.3@prod-2');
    expect(all.indexOf('11.1@prod-1')).toBeGreaterThan(all.indexOf('11.3@prod-1'));
    expect(all.indexOf('4@dev-1')).toBeGreaterThan(all.indexOf('11.1@prod-1'));
    expect(all.some((run) => run.startsWith('11.4@prod-2'))).toBe(false);
  });

  it('may be of one phase, one step, one host', () => {
    expect(runsToUndo(failed, { of: { step: '11.1' } })).toEqual(['11.1@prod-2', '11.1@prod-1']);
    expect(runsToUndo(failed, { of: { step: '11.1' }, host: 'prod-2' })).toEqual(['11.1@prod-2']);
    expect(runsToUndo(failed, { of: { phase: 3 } }).every((run) => run.startsWith('1'))).toBe(true);
    expect([scopeText({ of: 'all' }), scopeText({ of: { phase: 3 }, host: 'prod-2' }), scopeText({ of: { step: '11.1' } })]).toEqual([
      'all',
      'phase 4, on prod-2',
      'step 11.1',
    ]);
  });
});

describe('undoPhases and undoStages', () => {
  it('hold every run once, in reverse order on each host, whatever had begun', () => {
    const outline = outlineOf('sac');
    const every = outline.phases.flatMap((phase) =>
      phase.steps.flatMap((step) => step.hosts.filter((host) => host !== 'bot').map((host) => runKey(step.id, host))),
    );
    const position = new Map(every.map((run, i) => [run, i]));
    fc.assert(
      fc.property(fc.subarray(every), (runs) => {
        const phases = undoPhases(outline, runs);
        const stages = undoStages(outline, runs);
        for (const { phase, steps } of stages) expect(phases[phase]?.steps.map(({ id }) => id)).toEqual(expect.arrayContaining([...steps]));
        expect(stages.map(({ phase }) => phase)).toEqual(stages.map(({ phase }) => phase).toSorted((a, b) => a - b));
        const done = stages.flatMap((stage) => stage.steps.flatMap((step) => stage.hosts.map((host): RunKey => runKey(step, host))));
        expect([...done].sort()).toEqual([...runs].sort());
        for (const host of ['dev-1', 'prod-1', 'prod-2']) {
          const order = done.filter((run) => run.endsWith(`@${host}`)).map((run) => position.get(run) ?? -1);
          expect(order).toEqual(order.toSorted((a, b) => b - a));
        }
      }),
    );
  });
});

describe('undoStages', () => {
  it('the batch that was changed last, and is down, comes back before another host is stopped', () => {
    const outline = outlineOf('sac');
    const stages = undoStages(outline, runsToUndo(failed, { of: { phase: 3 } })).filter(({ hosts }) => hosts[0] !== 'dev-1');
    expect(stages.map(({ hosts, steps }) => `${hosts} ${steps}`)).toEqual(['prod-2 11.3,11.2,11.1', 'prod-1 11.3,11.2,11.1']);
  });

  it('of hosts that went side by side, those that got less far go first', () => {
    const outline = { ...outlineOf('sac'), stages: [{ phase: 3, hosts: ['prod-1', 'prod-2'], steps: ['11.1', '11.2', '11.3'] }] };
    const stages = undoStages(outline, ['11.1@prod-1', '11.2@prod-1', '11.1@prod-2']);
    expect(stages).toEqual([
      { phase: 0, hosts: ['prod-2'], steps: ['11.1'] },
      { phase: 0, hosts: ['prod-1'], steps: ['11.2', '11.1'] },
    ]);
  });
});

describe('undoOf', () => {
  const parts = { type: 'shell', command: sh`do`, from: 'a', to: 'b', timeoutMs: 5 } as const;
  it('runs what the step planned as its restore, with from and to changed about', () => {
    expect(undoOf({ ...parts, restore: sh`back`, serving: 'stopped' })).toEqual({
      type: 'shell',
      command: 'back',
      from: 'b',
      to: 'a',
      timeoutMs: 5,
      serving: 'running',
    });
    expect(undoOf(parts)).toBeUndefined();
    expect(undoOf({ type: 'announce', template: 'initial' })).toBeUndefined();
  });
  it('runs a pipeline with the release before', () => {
    const order = { via: 'url', url: 'https://ci.example', body: { ref: 'v0.1.0' } } as const;
    const back = { ...order, body: { ref: 'v0.2.0' } };
    expect(undoOf({ type: 'pipeline', order, back, from: 'v0.2.0', to: 'v0.1.0', timeoutMs: 5 })).toEqual({
      type: 'pipeline',
      order: back,
      from: 'v0.1.0',
      to: 'v0.2.0',
      timeoutMs: 5,
    });
    expect(undoOf({ type: 'pipeline', order, from: '', to: '', timeoutMs: 5 })).toBeUndefined();
  });
});

it('what is not brought back is said: downtime, messages, and the words of steps and system', () => {
  const told = storyAt('trouble', 'sac', { outline: { cannotUndo: ['trades made meanwhile'] } }).tell({
    type: 'message-posted',
    key: 'initial:#trading-status',
    channel: 'C',
    ts: '1',
  });
  const said = notBroughtBack(told.state(), told.now());
  expect(said[0]).toContain('production was without for');
  expect(said).toEqual(expect.arrayContaining(['1 message that was sent', 'trades made meanwhile']));
});

it('what was handed over to an undo of a part is not without production for as long as somebody takes to ask for the rest', () => {
  const handed = storyAt('trouble').tell({ type: 'handed-over', to: 'sac-43' });
  const { endedAt = 0 } = handed.state();
  expect(notBroughtBack(handed.state(), endedAt + 3_600_000)[0]).toBe(notBroughtBack(handed.state(), endedAt)[0]);
});

describe('asRecorded', () => {
  const finding = (what: string, found: string, more: Partial<Finding> = {}): Finding => ({
    what,
    found,
    expected: 'new',
    ok: false,
    identifies: true,
    ...more,
  });
  const before = [
    finding('package', '0.2.0'),
    finding('http', '503, version 0.2.0', { ill: 'answers 503', version: '0.2.0' }),
    finding('unit', 'active', { identifies: false, ok: true }),
  ];
  it('is new when all is as it was, the illness of then included', () => {
    expect(verdict(asRecorded(before, before, undefined), [])).toBe('new');
    const well = [before[0], finding('http', '200, version 0.2.0', { version: '0.2.0' }), before[2]].filter((one) => one !== undefined);
    expect(verdict(asRecorded(well, before, undefined), [])).toBe('new');
  });
  it('is not new when one finding differs, or what was well is ill', () => {
    expect(verdict(asRecorded([finding('package', '0.1.0', { ok: true }), ...before.slice(1)], before, undefined), before)).not.toBe('new');
    expect(
      verdict(asRecorded([...before.slice(0, 2), finding('unit', 'failed', { identifies: false, ill: 'failed' })], before, undefined), before),
    ).not.toBe('new');
  });
  it('of a part may leave the rest as it was found', () => {
    const planned = [finding('package', '0.1.0'), ...before.slice(1)];
    expect(verdict(asRecorded(planned, before, planned), [])).toBe('new');
    expect(verdict(asRecorded([finding('package', '0.3.0'), ...before.slice(1)], before, planned), [])).not.toBe('new');
  });
});
