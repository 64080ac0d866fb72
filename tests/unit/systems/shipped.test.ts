import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { loadSystems } from '../../../src/systems/load.ts';
import { formatProblem } from '../../../src/systems/problem.ts';

test('the two systems are read as they are, with the real kinds', async () => {
  const { systems, problems } = await loadSystems(fileURLToPath(new URL('../../../systems', import.meta.url)), {
    steps: stepKinds,
    proofs: proofKinds,
  });
  expect(problems.map(formatProblem)).toEqual([]);
  expect(Object.keys(systems).sort()).toEqual(['agentrader', 'sac']);
  const { sac, agentrader } = systems;
  expect(sac?.runbook.map(({ estimateMs }) => estimateMs / 3_600_000)).toEqual([1, 2, 3, 2, 1]);
  expect([...new Set(sac?.runbook.flatMap(({ steps }) => steps.map(({ id }) => Number.parseInt(id, 10))))]).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
  ]);
  expect(sac?.announcements).toHaveLength(8);
  expect(agentrader?.roles.ec2?.compose).toEqual({ file: 'docker/docker-compose.yml', service: 'agentrader' });
});
