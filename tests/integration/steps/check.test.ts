import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Where } from '../../../src/domain/step.ts';
import type { RunbookStep } from '../../../src/domain/system.ts';
import { check } from '../../../src/steps/check.ts';
import { must, perform, planned, tempDir, whereOf, workOf } from './planner.ts';
import { gitEnv, makeSample, type Sample } from './repository.ts';

let dir: string;
let remove: () => Promise<void>;
let sample: Sample;

const step = (kind: string, params: unknown): RunbookStep => ({ id: kind, name: kind, kind, params, on: 'prod' });
const all = ['state', 'backups', 'release', 'dependencies', 'disk', 'tools', 'access'];

function place(steps: RunbookStep[], parts: Partial<Parameters<typeof whereOf>[0]> = {}): Where {
  return whereOf({
    dir: sample.clone,
    keep: join(dir, 'keep'),
    target: { commit: sample.old },
    role: { python: 'python3' },
    system: {
      runbook: [{ name: 'one', estimateMs: 1, testsFromTarget: false, steps }],
      files: { config: { name: 'config', dir: 'configs', names: ['sac_config.json'], ignore: [] } },
      backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000 },
    },
    ...parts,
  });
}

beforeEach(async () => {
  ({ dir, remove } = await tempDir());
  sample = await makeSample(dir);
  await mkdir(join(sample.clone, 'backups/v0.1.0/configs'), { recursive: true });
  await writeFile(join(sample.clone, 'backups/v0.1.0/configs/sac_config.json'), '{}');
  await must(`cd ${sample.clone}/backups/v0.1.0 && sha256sum configs/* > MANIFEST.sha256`);
});
afterEach(() => remove());

describe('check', () => {
  it('finds nothing wrong where all is well, and says what it saw', async () => {
    const plan = await planned(check, all, place([step('git.restore', { group: 'config' }), step('backup.restore', { group: 'config' })]), gitEnv);
    expect(plan.problems).toEqual([]);
    expect(plan.warnings).toContainEqual(expect.stringContaining('uncommitted work is there'));
    const done = await perform(workOf(plan), gitEnv);
    expect(done.exitCode).toBe(0);
    for (const said of ['ok state: HEAD is v0.2.0', 'ok backups: the backup of v0.1.0 is whole', 'ok release: v0.1.0', 'ok tools: git', 'ok disk:'])
      expect(done.output).toContain(said);
  });

  it('names a corrupt backup, a release that cannot be had and rights that are missing, and fails as a step', async () => {
    await writeFile(join(sample.clone, 'backups/v0.1.0/configs/sac_config.json'), 'rotten');
    const steps = [step('git.restore', 'config'), step('backup.restore', 'config'), step('systemd.stop', { unit: 'no-such-unit' })];
    const plan = await planned(check, all, place(steps, { target: { commit: 'b'.repeat(40), tag: 'v9', version: 'v0.1.0' } }), gitEnv);
    const what = plan.problems?.map((one) => one.what).join('\n');
    expect(what).toMatch(/backups: corrupt: configs\/sac_config.json: FAILED/);
    expect(what).toContain('release: the origin of the clone has no v0.1.0');
    expect(plan.problems?.every((one) => one.advice !== '')).toBe(true);
    const done = await perform(workOf(plan), gitEnv);
    expect(done.exitCode).toBe(1);
    expect(done.output).toContain('FAIL backups: corrupt');
  });

  it('knows a release that only the origin has', async () => {
    await must(`cd ${sample.work} && git commit -q --allow-empty -m later && git tag -a v0.3.0 -m three && git push -q --tags`, gitEnv);
    const commit = (await must(`git -C ${sample.work} rev-parse v0.3.0^{commit}`, gitEnv)).trim();
    const where = place([step('git.fetch', { what: 'tags' })], { target: { commit, tag: 'v0.3.0', version: 'v0.3.0' } });
    expect((await planned(check, ['release'], where, gitEnv)).problems).toEqual([]);
    await must(`git -C ${sample.clone} remote set-url origin ${dir}/nowhere`, gitEnv);
    expect((await planned(check, ['release'], where, gitEnv)).problems?.[0]?.what).toContain('its origin does not answer');
  });

  it('asks nothing of a clone where no step needs one, and names a missing directory', async () => {
    const elsewhere = place([step('collect', { journal: 'u' })], { dir });
    expect((await planned(check, ['state', 'release', 'backups', 'access'], elsewhere, gitEnv)).problems).toEqual([]);
    const missing = await planned(check, ['state'], place([], { dir: join(dir, 'nowhere') }), gitEnv);
    expect(missing.problems?.[0]).toMatchObject({
      what: expect.stringContaining('there is no directory'),
      advice: expect.stringContaining('make it'),
    });
  });
});
