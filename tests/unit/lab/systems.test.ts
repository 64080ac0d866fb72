import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeSystems } from '../../../lab/systems.ts';
import type { System } from '../../../src/domain/system.ts';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { loadSystems } from '../../../src/systems/load.ts';
import { formatProblem } from '../../../src/systems/problem.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-systems-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const overlay = {
  hosts: ['dev-1', 'prod-1', 'prod-2', 'ec2-1'].map((name, i) => ({ name, address: '127.0.0.1' as const, port: 2222 + i, user: 'deploy' })),
  repositories: { 'trade-agent': '/repos/trade-agent.git', agentrader: '/repos/aGENtrader.git' },
  watchFor: '3s',
  progressEvery: '20s',
};

async function written(systems: readonly string[]): Promise<Readonly<Record<string, System>>> {
  writeSystems(dir, systems, overlay);
  const read = await loadSystems(dir, { steps: stepKinds, proofs: proofKinds });
  expect(read.problems.map(formatProblem)).toEqual([]);
  return read.systems;
}

test("the lab's hosts, repository and times are filled in, in variants too", async () => {
  const { sac } = await written(['sac']);
  expect(sac?.repository).toBe('/repos/trade-agent.git');
  expect(sac?.roles.prod?.hosts[0]).toEqual({ name: 'prod-1', address: '127.0.0.1', port: 2223, user: 'deploy' });
  const watchesOf = (runbook: System['runbook'] = []) =>
    runbook.flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'watch')).map(({ params }) => (params as { for: string }).for);
  expect(watchesOf(sac?.runbook)).toEqual(['3s']);
  expect(watchesOf(sac?.variants.recover?.runbook)).toEqual(['3s']);
});

test('a copy for rehearsals may be drilled and is no production; what it is a copy of stays as it is', async () => {
  const { agentrader, 'agentrader-drill': drill } = await written(['agentrader', 'agentrader-drill']);
  expect(drill).toMatchObject({ name: 'agentrader-drill', title: 'aGENtrader (rehearsal)', drill: { to: 'v0.1.0' } });
  expect(drill?.roles.ec2).toEqual({ ...agentrader?.roles.ec2, production: false });
  expect(drill?.runbook).toEqual(agentrader?.runbook);
  expect(agentrader?.roles.ec2?.production).toBe(true);
  expect(agentrader?.drill).toBeUndefined();
});

test('a system that the lab has no sample of is refused', () => {
  expect(() => writeSystems(dir, ['shop'], overlay)).toThrow('the lab has no sample repository for shop');
});
