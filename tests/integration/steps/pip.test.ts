import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonPackage } from '../../../src/proofs/package.ts';
import { pipReplace } from '../../../src/steps/pip-replace.ts';
import { must, perform, planned, proven, shell, tempDir, whereOf, workOf } from './planner.ts';
import { makeWheel } from './wheel.ts';

let dir: string;
let remove: () => Promise<void>;
let env: Record<string, string>;
let runs = 0;

beforeAll(async () => {
  ({ dir, remove } = await tempDir());
  await mkdir(join(dir, 'wheels'));
  await mkdir(join(dir, 'gone'));
  await makeWheel(join(dir, 'wheels'), '0.1.0');
  const newer = await makeWheel(join(dir, 'gone'), '0.2.0');
  env = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(dir, 'wheels'), PIP_CONFIG_FILE: '/dev/null' };
  await must(`cd ${dir} && python3 -m venv .venv && .venv/bin/python -m pip install -q --no-index ${newer}`, env);
}, 120_000);
afterAll(() => remove());

function place(python = '.venv/bin/python') {
  runs += 1;
  return whereOf({ dir, keep: join(dir, `keep-${runs}`), role: { python }, verify: 'python -c "import sac_sample; print(sac_sample.version)"' });
}
const files = () => must(`cd ${dir}/.venv && find . -path '*sac*' -type f | sort | xargs sha256sum`);

describe('pip.replace', { timeout: 120_000 }, () => {
  it('replaces the package, and undo brings the very files back although the index has not the old version', async () => {
    const where = place();
    const before = await files();
    const plan = await planned(pipReplace, 'trade-agent-sac==0.1.0', where, env);
    expect(plan.problems).toEqual([]);
    const work = workOf(plan);
    expect([work.from, work.to]).toEqual(['trade-agent-sac 0.2.0', 'trade-agent-sac 0.1.0']);
    const done = await perform(work, env);
    expect(done).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(done.output).toMatch(/^replaced trade-agent-sac 0.2.0 by 0.1.0.*\n0.1.0\n$/);
    expect(await proven(pythonPackage, { package: 'trade-agent-sac' }, where, env)).toMatchObject({ ok: true, found: '0.1.0' });
    expect(await shell(work.restore ?? '', env)).toMatchObject({ exitCode: 0 });
    expect(await files()).toBe(before);
    expect(await perform(work, env)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await perform(work, env)).toMatchObject({ stage: 'guard', exitCode: 1 });
    await must(work.restore ?? '', env);
  });

  it('finds before anything is changed that the wheel cannot be had', async () => {
    expect((await planned(pipReplace, 'trade-agent-sac==9.9.9', place(), env)).problems?.[0]?.what).toContain('cannot be had');
  });

  it('leaves the old one when the wheel went away after the plan', async () => {
    await mkdir(join(dir, 'brief'));
    await makeWheel(join(dir, 'brief'), '0.1.5');
    const brief = { ...env, PIP_FIND_LINKS: join(dir, 'brief') };
    const where = place();
    const plan = await planned(pipReplace, 'trade-agent-sac==0.1.5', where, brief);
    expect(plan.problems).toEqual([]);
    await rm(join(dir, 'brief'), { recursive: true });
    expect(await perform(workOf(plan), brief)).toMatchObject({ stage: 'command', exitCode: 1 });
    expect((await proven(pythonPackage, { package: 'trade-agent-sac' }, where, env)).found).toBe('0.2.0');
  });

  it('installs where nothing was, and undo removes it', async () => {
    await must(`cd ${dir} && python3 -m venv empty`);
    const where = place('empty/bin/python');
    const work = workOf(await planned(pipReplace, { requirement: 'trade-agent-sac==0.1.0' }, where, env));
    expect(work.from).toBe('trade-agent-sac not installed');
    expect(await perform(work, env)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await shell(work.restore ?? '', env)).toMatchObject({ exitCode: 0 });
    expect((await proven(pythonPackage, { package: 'trade-agent-sac' }, where, env)).found).toBe('not installed');
  });

  it('names a missing interpreter and a requirement that is none', async () => {
    expect((await planned(pipReplace, 'trade-agent-sac==0.1.0', place('nowhere/python'), env)).problems?.[0]?.what).toContain('does not answer');
    expect((await planned(pipReplace, 'trade-agent-sac==--pre', place(), env)).problems?.[0]?.what).toContain('not a package and an exact version');
  });
});
