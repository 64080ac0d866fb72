import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunbookPhase } from '../../../src/domain/system.ts';
import { reordered } from '../../../src/systems/order.ts';

const phase = (name: string, estimateMs: number, ids: readonly string[], testsFromTarget = false): RunbookPhase => ({
  name,
  estimateMs,
  testsFromTarget,
  steps: ids.map((id) => ({ id, name: `Step ${id}`, kind: 'run', params: 'true', on: 'dev' })),
});

const shortly = (runbook: readonly RunbookPhase[]) =>
  runbook.map(({ name, estimateMs, steps }) => `${name} ${estimateMs}: ${steps.map(({ id }) => id).join(' ')}`);

test('a phase that comes again says so, and shares its estimate by number of steps', () => {
  const runbook = [phase('Look', 60, ['1', '2']), phase('Work', 90, ['3', '4', '5'], true), phase('Deploy', 100, ['10', '11.1', '11.2'])];
  const changed = reordered(runbook, ['1', '2', '11', '3', '4', '5', '10']);
  expect(shortly(changed)).toEqual(['Look 60: 1 2', 'Deploy 67: 11.1 11.2', 'Work 90: 3 4 5', 'Deploy (continued) 33: 10']);
  expect(changed.map(({ testsFromTarget }) => testsFromTarget)).toEqual([false, false, true, false]);
  expect(changed.every(({ steps }) => steps.every(({ on }) => on === 'dev'))).toBe(true);
});

test('11 means 11.1 and so on, but not 111; a number may be named before its own parts', () => {
  const runbook = [phase('All', 10, ['1', '11', '11.1', '111'])];
  expect(shortly(reordered(runbook, ['111', '11', '1']))).toEqual(['All 10: 111 11 11.1 1']);
});

test('whatever the order, every step is there once and the estimates add up to the same', () => {
  const estimates = fc.array(fc.record({ estimateMs: fc.nat(10_000_000), count: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 6 });
  const order = estimates.chain((phases) => {
    const runbook = phases.map(({ estimateMs, count }, i) =>
      phase(
        `P${i}`,
        estimateMs,
        Array.from({ length: count }, (_, j) => `${i}-${j}`),
      ),
    );
    const ids = runbook.flatMap(({ steps }) => steps.map(({ id }) => id));
    return fc.shuffledSubarray(ids, { minLength: ids.length }).map((shuffled) => ({ runbook, shuffled }));
  });
  fc.assert(
    fc.property(order, ({ runbook, shuffled }) => {
      const changed = reordered(runbook, shuffled);
      const total = (phases: readonly RunbookPhase[]) => phases.reduce((sum, { estimateMs }) => sum + estimateMs, 0);
      expect(changed.flatMap(({ steps }) => steps.map(({ id }) => id))).toEqual(shuffled);
      expect(total(changed)).toBe(total(runbook));
      expect(changed.every(({ estimateMs }) => estimateMs >= 0)).toBe(true);
    }),
  );
});
