import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SampleLab, startSamples } from '../../../lab/samples/start.ts';
import type { Reading } from '../../../src/domain/host.ts';
import type { AnyStepKind, Where } from '../../../src/domain/step.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { must, perform, planned, shell, whereOf, workOf } from './planner.ts';
import { gitEnv } from './repository.ts';

let samples: SampleLab;

/** Runs as the login user of dev-1, as its sshd would start it. */
const runs = (text: string): Promise<Reading> =>
  samples.lab.exec('dev-1', `export HOME=/home/deploy; ${text}`, { user: 'deploy', timeoutMs: 300_000 });

beforeAll(async () => {
  samples = await startSamples(['dev-1']);
}, 600_000);
afterAll(() => samples?.stop(), 60_000);

async function place(keep: string): Promise<Where> {
  const commit = (await must(`git -C ${samples.repositories['trade-agent']} rev-parse v0.1.0^{commit}`, gitEnv)).trim();
  const role = { name: 'dev', python: '.venv/bin/python', production: false };
  return whereOf({ dir: '/srv/trade-agent', keep: `/home/deploy/keep/${keep}`, role, target: { commit } });
}
const step = (key: string): AnyStepKind => stepKinds[key] as AnyStepKind;
const packages = () =>
  must(
    'cd /srv/trade-agent && find .venv -type f -not -path "*/pip/*" -print0 | sort -z | xargs -0 sha256sum && .venv/bin/python -m pip freeze',
    runs,
  );
const sb3 = `python -c "import stable_baselines3; print('SB3 imported successfully')"`;

describe('packages on a real host', { timeout: 300_000 }, () => {
  it('has what its requirements name from the beginning', async () => {
    const plan = await planned(step('pip.install'), { requirements: 'requirements.txt' }, await place('met'), runs);
    expect([plan.problems, plan.warnings, workOf(plan).from === workOf(plan).to]).toEqual([[], [], true]);
    expect((await perform(workOf(await planned(step('run'), sb3, await place('run'), runs)), runs)).output).toContain('SB3 imported successfully');
  });

  it('loses a library and gets it back from its requirements file, then as it was', async () => {
    const before = await packages();
    const removed = workOf(await planned(step('pip.remove'), 'stable_baselines3', await place('remove'), runs));
    expect(await perform(removed, runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    const import_ = workOf(await planned(step('run'), sb3, await place('run'), runs));
    expect((await perform(import_, runs)).exitCode).not.toBe(0);
    const without = await packages();
    const plan = await planned(step('pip.install'), { requirements: 'requirements.txt' }, await place('install'), runs);
    const installed = workOf(plan);
    expect([plan.problems, installed.from, installed.to]).toEqual([[], 'stable-baselines3 not installed', 'stable-baselines3 2.3.2']);
    expect(await perform(installed, runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect((await perform(import_, runs)).output).toContain('SB3 imported successfully');
    expect(await shell(installed.restore ?? '', runs)).toMatchObject({ exitCode: 0 });
    expect(await packages()).toBe(without);
    expect(await shell(removed.restore ?? '', runs)).toMatchObject({ exitCode: 0 });
    expect(await packages()).toBe(before);
  });

  it('writes the log beside a clone that ignores it, and the note into it', async () => {
    const work = workOf(await planned(step('log'), { file: '/home/deploy/rollback.log', git: 'note' }, await place('log'), runs));
    expect(await perform(work, runs)).toMatchObject({ exitCode: 0 });
    expect(await must('cd /srv/trade-agent && git log -1 --notes=rollback v0.1.0', runs)).toMatch(
      /Notes \(rollback\):\n +\S+Z rollback sac-42: sac unknown -> v0\.1\.0/,
    );
    expect(await must('cd /srv/trade-agent && git status --porcelain', runs)).toBe('');
  });
});
