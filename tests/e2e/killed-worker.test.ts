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

describe('a worker that is killed in the middle', () => {
  it('another goes on, everything is proven, and no command ran twice', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await rollback.click(PEOPLE.approver, 'approve');
    const killedAfter: number[] = [];
    for (const moment of [/Now: step 8/, /prod-1: (changing|stopped)|Now: step 11/, /Now: step 12/]) {
      await rollback.says(moment, 120_000);
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
    expect(world.pipeline.runs.map((run) => run.inputs.host)).toEqual(['prod-1', 'prod-2']);
    for (const host of ['prod-1', 'prod-2']) {
      const { stdout } = await world.hosts.exec(host, "journalctl -u sac-agent-service --no-pager | grep -c ' Stopping '");
      expect(stdout.trim()).toBe('1');
    }
  });
});
