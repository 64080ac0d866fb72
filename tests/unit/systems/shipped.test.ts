import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { asked } from '../../../src/domain/runbook.ts';
import type { System } from '../../../src/domain/system.ts';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { loadSystems } from '../../../src/systems/load.ts';
import { formatProblem } from '../../../src/systems/problem.ts';

async function shipped(): Promise<Readonly<Record<string, System>>> {
  const dir = fileURLToPath(new URL('../../../systems', import.meta.url));
  const { systems, problems } = await loadSystems(dir, { steps: stepKinds, proofs: proofKinds });
  expect(problems.map(formatProblem)).toEqual([]);
  return systems;
}

test('the two systems are read as they are, with the real kinds', async () => {
  const systems = await shipped();
  expect(Object.keys(systems).sort()).toEqual(['agentrader', 'sac']);
  const { sac, agentrader } = systems;
  expect(sac?.runbook.map(({ estimateMs }) => estimateMs / 3_600_000)).toEqual([1, 2, 3, 2, 1]);
  expect([...new Set(sac?.runbook.flatMap(({ steps }) => steps.map(({ id }) => Number.parseInt(id, 10))))]).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
  ]);
  expect(sac?.announcements).toHaveLength(9);
  expect(agentrader?.roles.ec2?.compose).toEqual({
    file: 'docker/docker-compose.yml',
    service: 'agentrader',
    envFile: '.env',
    envExample: '.env.example',
  });
});

test('production-first is the same steps in the order of its file, and takes as long', async () => {
  const { sac } = await shipped();
  const first = sac?.variants['production-first'];
  const ids = (runbook: System['runbook'] = []) => runbook.flatMap(({ steps }) => steps.map(({ id }) => id));
  const hours = (runbook: System['runbook'] = []) => runbook.reduce((sum, { estimateMs }) => sum + estimateMs, 0) / 3_600_000;
  expect([...new Set(ids(first?.runbook).map((id) => Number.parseInt(id, 10)))]).toEqual([1, 2, 3, 11, 12, 4, 5, 6, 7, 8, 9, 10, 13]);
  expect(ids(first?.runbook).sort()).toEqual(ids(sac?.runbook).sort());
  expect(hours(first?.runbook)).toBe(9);
  expect(first?.runbook.map(({ name }) => name)).toEqual([
    'Assessment and preparation',
    'Deployment rollback',
    'Verification and communication',
    'Implementation rollback',
    'Testing and validation',
    'Deployment rollback (continued)',
    'Verification and communication (continued)',
  ]);
});

test("every file of the document's two removal lists is in a group that remove takes and proves gone", async () => {
  const { sac } = await shipped();
  const remove = sac?.variants.remove;
  const removed = (remove?.runbook ?? []).flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'remove'));
  const groups = removed.flatMap(({ params }) => (params as { groups: string[] }).groups);
  expect(remove?.target).toBe('none');
  expect(groups.flatMap((name) => (sac?.files[name]?.names ?? []).map((file) => join(sac?.files[name]?.dir ?? '', file))).sort()).toEqual(
    [...development, ...production, ...newer].sort(),
  );
  const proven = Object.values(remove?.proof ?? {}).flatMap((items) => items.map(({ params }) => (params as { gone?: string }).gone));
  expect(proven.filter((name) => name !== undefined).sort()).toEqual([...groups].sort());
});

test('the scenarios of the document, and what else the two runbooks offer', async () => {
  const { sac, agentrader } = await shipped();
  const ofScenario = (scenario: string) => asked(sac ?? expect.fail('no sac'), { variant: 'normal', answers: { scenario } });
  expect(ofScenario('deployment failure').selected).toBeUndefined();
  expect(Object.keys(ofScenario('implementation failure').system.proof)).toEqual(['dev']);
  expect(Object.keys(ofScenario('testing failure').system.roles)).toEqual(['dev']);
  expect(ofScenario('data corruption').variant).toBe('recover');
  expect(sac?.halt).toMatchObject({ on: 'prod', by: '#inc-trading', step: { kind: 'systemd.stop' }, back: { kind: 'systemd.start' } });
  expect(sac?.resources.map(({ count }) => count)).toEqual([2, 1, 1, 1]);
  expect(sac?.afterwards).toContainEqual({ what: 'review', withinMs: 259_200_000 });
  expect(agentrader?.variants.emergency?.target).toBe('last-proven');
  expect(agentrader?.variants.manual).toMatchObject({ byHand: true, runbook: agentrader?.runbook });
});

const agent = ['sac_agent.py', 'sac_features.py', '__init__.py'];
const development = [
  ...agent.map((name) => `src/rl/sac/${name}`),
  'docs/agents/sac_agent.md',
  'docs/agents/sac_agent_detailed_plan.md',
  'docs/agents/sac_agent_summary.md',
  'docs/agents/sac_agent_acceptance_tests.md',
  'docs/agents/sac_configuration.md',
  'docs/agents/sac_file_tree_structure.md',
  'docs/agents/sac_agent_makefile_tasks.md',
  'docs/agents/sac_agent_dag.md',
  'docs/agents/sac_agent_rollback_plan.md',
  'configs/sac_config.json',
  ...['agent', 'features', 'integration', 'environment', 'acceptance'].map((name) => `tests/rl/sac/test_sac_${name}.py`),
  ...['train_sac', 'evaluate_sac', 'backtest_sac', 'save_model', 'load_model', 'export_model'].map((name) => `scripts/${name}.py`),
  'models/sac_*.pkl',
  'reports/sac_*.html',
];
/** What v0.2.0 brought. */
const newer = [
  'src/rl/sac/sac_replay.py',
  'docs/agents/sac_replay_buffer.md',
  'tests/rl/sac/test_sac_replay.py',
  '/opt/trade-agent/sac/sac_replay.py',
];
const production = [
  ...agent.map((name) => `/opt/trade-agent/sac/${name}`),
  '/etc/trade-agent/sac_config.json',
  '/var/log/trade-agent/sac/*.log',
  '/var/lib/trade-agent/sac/models/',
  '/var/lib/trade-agent/sac/reports/',
];
