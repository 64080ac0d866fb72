import { describe, expect, it } from 'vitest';
import { asked, isStep, RECORD, targetOf, variantOf } from '../../../src/domain/runbook.ts';
import type { RunbookPhase, System } from '../../../src/domain/system.ts';
import { leastSystem } from '../../helpers/system.ts';

const phase = (name: string, ...steps: readonly [string, string?][]): RunbookPhase => ({
  name,
  estimateMs: 3_600_000,
  testsFromTarget: false,
  steps: steps.map(([id, on]) => ({ id, name: id, kind: 'run', params: 'true', ...(on === undefined ? {} : { on }) })),
});
const dev = leastSystem.roles.dev;
if (!dev) throw new Error('the least system has a role dev');
const system: System = {
  ...leastSystem,
  roles: { dev, prod: { ...dev, name: 'prod' } },
  runbook: [phase('one', ['1'], ['2', 'dev']), phase('two', ['11.1', 'prod'], ['11.2', 'prod'], ['12.4'])],
  proof: { dev: [{ kind: 'commit', params: {} }], prod: [{ kind: 'unit', params: {} }] },
  variants: {
    recover: { name: 'recover', about: 'mends data', target: 'last-proven', byHand: false, runbook: [phase('data', ['r1', 'dev'])], proof: {} },
  },
  scenarios: {
    'testing failure': { roles: ['dev'], without: ['12'] },
    'data corruption': { variant: 'recover', without: [] },
  },
};
const ids = (of: System) => of.runbook.map((one) => one.steps.map((step) => step.id));
const wanted = (variant: string, scenario = '') => ({ variant, answers: { scenario } });

describe('asked', () => {
  it('is the normal runbook where nothing is selected', () => {
    expect(asked(system, wanted('normal'))).toEqual({ system, variant: 'normal', target: 'asked', byHand: false });
    expect(ids(asked(system, wanted('normal', 'deployment failure')).system)).toEqual([
      ['1', '2'],
      ['11.1', '11.2', '12.4'],
    ]);
  });

  it('keeps to the roles of a scenario, without its steps and without phases that are empty then', () => {
    const one = asked(system, wanted('normal', 'testing failure'));
    expect(ids(one.system)).toEqual([['1', '2']]);
    expect([Object.keys(one.system.roles), Object.keys(one.system.proof)]).toEqual([['dev'], ['dev']]);
    expect(one.selected).toContain('11.1, 11.2, 12.4');
    expect(one.leavesOut).toEqual(['prod']);
    expect(asked(system, wanted('normal'))).not.toHaveProperty('leavesOut');
  });

  it('takes the variant of a scenario, unless one is asked for by name', () => {
    expect(variantOf(system, wanted('normal', 'data corruption'))).toBe('recover');
    expect(asked(system, wanted('normal', 'data corruption'))).toMatchObject({ variant: 'recover', target: 'last-proven', about: 'mends data' });
    expect(ids(asked(system, wanted('recover', 'testing failure')).system)).toEqual([['r1']]);
  });

  it('has a built-in variant that records and does nothing else', () => {
    expect(asked(system, wanted(RECORD))).toMatchObject({ variant: RECORD, target: 'running', system: { runbook: [], proof: system.proof } });
    expect([targetOf(system, RECORD), targetOf(system, 'recover'), targetOf(system, 'normal')]).toEqual(['running', 'last-proven', 'asked']);
  });

  it('throws on a variant that is not there, names of the language included', () => {
    expect(() => asked(system, wanted('constructor'))).toThrow('no variant constructor');
    expect(asked(system, wanted('normal', 'constructor')).variant).toBe('normal');
  });

  it.each([
    ['11', '11', true],
    ['11.1', '11', true],
    ['1', '11', false],
    ['111', '11', false],
  ])('%s is meant by %s: %s', (id, written, expected) => expect(isStep(id, written)).toBe(expected));
});
