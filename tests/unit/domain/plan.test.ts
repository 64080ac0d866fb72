import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, digestText, type Plan } from '../../../src/domain/plan.ts';
import type { Sh } from '../../../src/domain/sh.ts';
import { digestOf } from '../../../src/store/plans.ts';
import { storyAt } from '../../helpers/story.ts';
import { leastSystem } from '../../helpers/system.ts';

const { outline } = storyAt('waiting');
const plan: Plan = {
  v: 1,
  rollback: 'sac-42',
  outline,
  hosts: {
    'dev-1': {
      address: { name: 'dev-1', address: '10.0.0.1', port: 22, user: 'deploy' },
      role: 'dev',
      identity: { bootId: 'boot', storeId: 'store', hostKey: 'SHA256:abc' },
      before: [{ what: 'package x', found: '0.2.0', expected: '0.1.0', ok: false, identifies: true }],
      proof: [{ kind: 'package', params: { package: 'x' } }],
    },
  },
  work: {
    '4@dev-1': {
      type: 'shell',
      guard: 'test a' as Sh,
      command: 'do b' as Sh,
      verify: 'test c' as Sh,
      restore: 'undo b' as Sh,
      from: 'a',
      to: 'b',
      timeoutMs: 1000,
    },
  },
  kinds: { 'git.restore': 1 },
  system: leastSystem,
};

/** A copy in which the value at this path is another one. */
function changed(path: string, value: unknown): Plan {
  const copy = structuredClone(plan) as unknown as Record<string, unknown>;
  const keys = path.split('/');
  const parent = keys.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
  parent[keys.at(-1) ?? ''] = value;
  return copy as unknown as Plan;
}

describe('the digest that an approval is for', () => {
  it.each([
    ['rollback', 'sac-43'],
    ['outline/variant', 'remove'],
    ['outline/target/commit', 'c'.repeat(40)],
    ['outline/stages', []],
    ['outline/policy/count', 2],
    ['hosts/dev-1/address/address', '10.0.0.2'],
    ['hosts/dev-1/identity/hostKey', 'SHA256:other'],
    ['hosts/dev-1/before/0/found', '0.1.9'],
    ['hosts/dev-1/proof', []],
    ['work/4@dev-1/guard', 'true'],
    ['work/4@dev-1/command', 'do b; rm -rf /'],
    ['work/4@dev-1/verify', 'true'],
    ['work/4@dev-1/restore', 'true'],
    ['work/4@dev-1/to', 'c'],
    ['kinds/git.restore', 2],
    ['system/roles/dev/dir', '/elsewhere'],
    ['outline/phases', []],
    ['configuration', []],
    ['configuration', [{ path: 'app.yaml', diff: '+port: 1' }]],
  ])('changes with %s', (path, value) => {
    expect(digestOf(changed(path, value))).not.toBe(digestOf(plan));
  });

  it.each([
    ['outline/commits', []],
    ['outline/warnings', ['disk']],
    ['outline/affected', { ms: 5, measured: 1 }],
    ['hosts/dev-1/identity/bootId', 'another boot'],
  ])('does not change with %s', (path, value) => {
    expect(digestOf(changed(path, value))).toBe(digestOf(plan));
  });

  it('of a plan without configuration is what it was before plans had any', () => {
    expect(digestText(plan)).not.toContain('configuration');
  });

  it('does not depend on the order in which anything was put into the plan', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(canonical(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonical(value));
        expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value));
      }),
    );
    expect(JSON.parse(digestText(plan))).toBeTypeOf('object');
  });
});
