import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, PEOPLE } from '../helpers/rollback.ts';

let world: World;
let worker: ProductProcess;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'] });
  await world.start('bot');
  worker = await world.start('worker');
  await countOnDev();
});
afterAll(() => world?.stop());

const bin = '/srv/trade-agent/.venv/bin';
const counted = '/var/tmp/counted';

/** From here on dev-1 itself counts every program of the steps that is started. */
async function countOnDev(): Promise<void> {
  const wrap = (name: string) =>
    `mv ${bin}/${name} ${bin}/${name}.real && printf '#!/bin/sh\\necho "${name} $*" >>${counted}\\nexec ${bin}/${name}.real "$@"\\n' >${bin}/${name} && chmod 755 ${bin}/${name}`;
  const { exitCode, stderr } = await world.hosts.exec('dev-1', `touch ${counted} && chmod 666 ${counted} && ${wrap('pytest')} && ${wrap('python')}`, {
    user: 'deploy',
  });
  expect([exitCode, stderr]).toEqual([0, '']);
}

/** How often each script and each test file was run on dev-1. */
async function runsOnDev(): Promise<Record<string, number>> {
  const { stdout } = await world.hosts.exec('dev-1', `grep -E '^(pytest tests|python scripts)' ${counted} | sort | uniq -c`);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.trim().replace(/^\d+ /, ''), Number(line.trim().split(' ')[0])]),
  );
}

const prods = ['prod-1', 'prod-2'];

/** How often systemd has stopped the service on a host. */
const stops = async (host: string): Promise<number> =>
  Number((await world.hosts.exec(host, "journalctl -u sac-agent-service --no-pager | grep -c ' Stopping '")).stdout);

describe('a worker that is killed in the middle', () => {
  it('another goes on, everything is proven, and no command ran twice', async () => {
    const stopsBefore = await Promise.all(prods.map(stops));
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await rollback.click(PEOPLE.approver, 'approve');
    const killedAfter: number[] = [];
    const moments = [
      async () => Object.keys(await runsOnDev()).some((name) => name.includes('test_sac_integration')),
      async () => world.pipeline.runs.length === 1,
      async () => world.pipeline.runs.length === 2,
    ];
    for (const moment of moments) {
      await expect.poll(moment, { timeout: 120_000, interval: 50 }).toBe(true);
      await worker.kill9();
      const killedAt = Date.now();
      const seen = rollback.card().text;
      worker = await world.start('worker');
      await world.workspace.waitFor(() => rollback.card().text !== seen, 'the card to go on', 60_000);
      killedAfter.push(Date.now() - killedAt);
    }
    await rollback.says(/proven on 3 of 3 hosts/);
    console.log(`went on after ${killedAfter.join(', ')} ms (start of a new process included)`);
    const runs = await runsOnDev();
    expect(Object.values(runs)).toEqual(Object.keys(runs).map((name) => (name.includes('validate_config') ? 2 : 1)));
    expect(Object.keys(runs).length).toBeGreaterThanOrEqual(9);
    expect(world.pipeline.runs.map((run) => run.inputs.host)).toEqual(prods);
    expect(await Promise.all(prods.map(stops))).toEqual(stopsBefore.map((count) => count + 1));
  });
});
