import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyStepKind, Planned } from '../../../src/domain/step.ts';
import { pipInstall } from '../../../src/steps/pip-install.ts';
import { pipRemove } from '../../../src/steps/pip-remove.ts';
import { pipReplace } from '../../../src/steps/pip-replace.ts';
import { must, perform, planned, shell, tempDir, type WhereParts, whereOf, workOf } from './planner.ts';
import { gitEnv, treeOf } from './repository.ts';
import { makeWheel } from './wheel.ts';

let dir: string;
let remove: () => Promise<void>;
let env: Record<string, string>;
let site: string;
let runs = 0;

const numbers = { name: 'sample-numbers', module: 'sample_numbers' };

beforeAll(async () => {
  ({ dir, remove } = await tempDir());
  for (const folder of ['wheels', 'gone']) await mkdir(join(dir, folder));
  const [wheels, gone] = [join(dir, 'wheels'), join(dir, 'gone')];
  const requires = ['Sample_Numbers>=2; python_version >= "3.8"', 'ghost>=9; extra == "gpu"', 'antique; python_version < "3"'];
  await makeWheel(wheels, '0.1.0', { requires });
  await makeWheel(wheels, '0.0.9', { requires: ['sample-numbers>=3', 'ghost'] });
  await makeWheel(wheels, '2.0', numbers);
  await makeWheel(wheels, '1.0', { name: 'sample-plots', module: 'sample_plots', requires: ['sample-numbers<3'] });
  const old = [
    await makeWheel(gone, '0.2.0'),
    await makeWheel(gone, '1.24', numbers),
    await makeWheel(gone, '1.5', { name: 'sample-frames', module: 'sample_frames', requires: ['sample-numbers<2'] }),
  ];
  env = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_CONFIG_FILE: '/dev/null', PYTHONDONTWRITEBYTECODE: '1', GIT_CEILING_DIRECTORIES: dir };
  await must(`cd ${dir} && python3 -m venv .venv && .venv/bin/python -m pip install -q --no-index ${old.join(' ')}`, env);
  site = (await must(`${dir}/.venv/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))"`)).trim();
  await must(`cd ${site} && chmod 600 sample_numbers/__init__.py && chmod 750 sample_numbers && echo mine > sample_numbers/untracked.txt`);
}, 240_000);
afterAll(() => remove());

function place(parts: Partial<WhereParts> = {}) {
  runs += 1;
  return whereOf({ dir, keep: join(dir, `keep-${runs}`), role: { python: '.venv/bin/python' }, ...parts });
}

/** Every file and directory of the packages: mode, owner, content, and the times of files. */
const state = () =>
  must(
    `cd ${site} && mine() { find . ../../../bin -mindepth 1 -not -path './pip*' -not -path './setuptools*' "$@" -print0 | sort -z; }
    mine -type d | xargs -0 stat -c '%A %U:%G %n' && mine -not -type d | xargs -0 stat -c '%A %U:%G %Y %N' && mine -type f | xargs -0 sha256sum`,
  );

const has = async (name: string) =>
  (await shell(`${dir}/.venv/bin/python -c "import importlib.metadata as m; print(m.version('${name}'))"`)).stdout.trim();

const said = ({ problems = [], warnings = [] }: Planned) => ({ problems: problems.map(({ what }) => what), warnings });

/** Plans, runs, looks, puts back, and wants everything as it was, byte for byte. */
async function thereAndBack(kind: AnyStepKind, params: unknown, look: () => Promise<void>, where = place()) {
  const before = await state();
  const plan = await planned(kind, params, where, env);
  expect(await state()).toBe(before);
  const work = workOf(plan);
  expect(await perform(work, env)).toMatchObject({ stage: 'verify', exitCode: 0 });
  await look();
  const back = await shell(work.restore ?? '', env);
  expect(back).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await state()).toBe(before);
  expect(await shell(work.restore ?? '', env)).toMatchObject({ exitCode: 0 });
  expect(await state()).toBe(before);
  return { plan, work, back };
}

describe('pip.replace and what the target needs', { timeout: 240_000 }, () => {
  it('names what will come with it and what breaks, brings it, and puts all back', async () => {
    const { plan, work } = await thereAndBack(pipReplace, 'trade-agent-sac==0.1.0', async () => {
      expect([await has('trade-agent-sac'), await has('sample-numbers')]).toEqual(['0.1.0', '2.0']);
    });
    expect(said(plan)).toEqual({
      problems: [],
      warnings: [
        'trade-agent-sac 0.1.0 needs Sample_Numbers>=2, prod-1 has 1.24: pip will install sample-numbers 2.0',
        'sample-frames 1.5 needs sample-numbers<2, which will be 2.0: pip does not keep it from that',
      ],
    });
    expect([work.from, work.to]).toEqual(['trade-agent-sac 0.2.0', 'trade-agent-sac 0.1.0']);
    expect(work.command).toContain('sample-numbers==2.0');
  });

  it('names each requirement that pip cannot get, before anything is changed', async () => {
    const before = await state();
    const { problems } = said(await planned(pipReplace, 'trade-agent-sac==0.0.9', place(), env));
    expect(problems).toEqual([
      'trade-agent-sac 0.0.9 needs sample-numbers>=3, prod-1 has 1.24, and pip cannot get it',
      'trade-agent-sac 0.0.9 needs ghost, prod-1 has none, and pip cannot get it',
    ]);
    expect(await state()).toBe(before);
  });

  it('says the same with a pip that has no dry run', async () => {
    const init = join(site, 'pip', '__init__.py');
    await must(`cp ${init} ${dir}/init.py && sed -i 's/^__version__ = .*/__version__ = "22.0.4"/' ${init}`);
    try {
      const plan = await planned(pipReplace, 'trade-agent-sac==0.1.0', place(), env);
      expect(said(plan)).toMatchObject({
        problems: [],
        warnings: [expect.stringContaining('pip will install sample-numbers 2.0'), expect.any(String)],
      });
      expect(workOf(plan).command).toContain('sample-numbers==2.0');
      expect(said(await planned(pipReplace, 'trade-agent-sac==0.0.9', place(), env)).problems).toHaveLength(2);
      await writeFile(join(dir, 'old.txt'), 'sample-plots\nsample-numbers>=2\n');
      expect(workOf(await planned(pipInstall, { requirements: 'old.txt' }, place(), env)).to).toBe('sample-numbers 2.0, sample-plots 1.0');
      await writeFile(join(dir, 'local.txt'), '-e ./somewhere\n');
      expect(said(await planned(pipInstall, { requirements: 'local.txt' }, place(), env)).problems[0]).toContain('22.2 can');
    } finally {
      await must(`cp ${dir}/init.py ${init}`);
    }
  });

  it.each([
    [pipReplace as AnyStepKind, 'trade-agent-sac==0.1.0'],
    [pipInstall as AnyStepKind, { requirements: 'half.txt' }],
  ])('half done, it can be run again or put back: $key', async (kind, params) => {
    await writeFile(join(dir, 'half.txt'), 'sample-plots\nsample-numbers>=2\n');
    const before = await state();
    for (const end of ['again', 'back']) {
      const work = workOf(await planned(kind, params, place(), env));
      const broken = work.command.replace('-m pip install -q', '-m pip uninstall -q -y sample-numbers && no-such-program');
      expect(broken).not.toBe(work.command);
      expect((await shell(broken, env)).exitCode).toBe(1);
      expect(await state()).not.toBe(before);
      if (end === 'again') {
        expect(await shell(work.command, env)).toMatchObject({ exitCode: 0 });
        expect(await shell(work.verify ?? 'false', env)).toMatchObject({ exitCode: 0 });
      }
      expect(await shell(work.restore ?? '', env)).toMatchObject({ exitCode: 0 });
      expect(await state()).toBe(before);
    }
  });

  it('notices that another package changed since the plan', async () => {
    const work = workOf(await planned(pipReplace, 'trade-agent-sac==0.1.0', place(), env));
    const drifted = { ...work, guard: work.guard?.replaceAll('1.24', '1.25') as typeof work.guard & string };
    const done = await perform(drifted, env);
    expect(done).toMatchObject({ stage: 'guard', exitCode: 1 });
    expect(done.output).toContain('packages changed since the plan was made: trade-agent-sac 0.2.0, sample-numbers 1.24');
  });
});

describe('pip.remove', { timeout: 240_000 }, () => {
  it('uninstalls, keeps every file, and puts them back with modes, times and scripts', async () => {
    const { plan, work } = await thereAndBack(pipRemove, 'Sample_Numbers', async () => {
      expect(await has('sample-numbers')).toBe('');
      expect(await must(`ls -A ${site}/sample_numbers`)).toBe('untracked.txt\n');
    });
    expect([work.from, work.to]).toEqual(['Sample_Numbers 1.24', 'Sample_Numbers not installed']);
    expect(said(plan)).toEqual({ problems: [], warnings: ['sample-frames 1.5 will not have Sample_Numbers, which it needs'] });
  });

  it('changes nothing where nothing is, and restores nothing when it did not run', async () => {
    const { plan, work } = await thereAndBack(pipRemove, 'ghost', async () => undefined);
    expect(work.from).toBe(work.to);
    expect(said(plan).warnings).toEqual(['ghost is not installed: there is nothing to remove']);
    const unused = workOf(await planned(pipRemove, 'sample-frames', place(), env));
    expect(await shell(unused.restore ?? '', env)).toMatchObject({ exitCode: 0, stdout: 'nothing had been changed\n' });
  });

  it('leaves what belongs to the system and is only seen by the venv', async () => {
    const config = join(dir, '.venv', 'pyvenv.cfg');
    await must(`cp ${config} ${dir}/cfg && sed -i 's/= false/= true/' ${config}`);
    try {
      const name = (
        await must(`${dir}/.venv/bin/python -c ${"'"}import importlib.metadata as m, sys
print(next((d.metadata["Name"] for d in m.distributions() if not str(d.locate_file("")).startswith(sys.prefix) and d.metadata["Name"] not in ("pip", "setuptools")), ""))'`)
      ).trim();
      expect(name).not.toBe('');
      expect(said(await planned(pipRemove, name, place(), env)).problems[0]).toContain("but in the system's");
    } finally {
      await must(`cp ${dir}/cfg ${config}`);
    }
  });
});

describe('pip.install', { timeout: 240_000 }, () => {
  const write = (text: string) => writeFile(join(dir, 'requirements.txt'), text);

  it('brings what the file names, with what that needs, and puts the old set back', async () => {
    await write('# what it needs\nsample-plots  # drawing\nsample_numbers >= 2\ntrade-agent-sac\n');
    const frozen = await must(`${dir}/.venv/bin/python -m pip freeze`);
    const where = place();
    const { work, back } = await thereAndBack(
      pipInstall,
      { requirements: 'requirements.txt' },
      async () => {
        expect([await has('sample-numbers'), await has('sample-plots')]).toEqual(['2.0', '1.0']);
        expect(await must(`cat ${where.keepDir}/freeze`)).toBe(frozen);
      },
      where,
    );
    expect([work.from, work.to]).toEqual(['sample-numbers 1.24, sample-plots not installed', 'sample-numbers 2.0, sample-plots 1.0']);
    expect(back.stdout).toContain('as before: sample-numbers 1.24, sample-plots not installed');
    expect(await must(`${dir}/.venv/bin/python -m pip freeze`)).toBe(frozen);
  });

  it('changes nothing when the file is met, whatever is wrong with packages it does not name', async () => {
    await must(`${dir}/.venv/bin/python -m pip install -q --no-deps --no-index ${dir}/wheels/sample_numbers-2.0-py3-none-any.whl`, env);
    try {
      expect((await shell(`${dir}/.venv/bin/python -m pip check`, env)).exitCode).toBe(1);
      await write('sample-numbers>=2\ntrade-agent-sac==0.2.0; python_version > "3"\n');
      const { work } = await thereAndBack(pipInstall, { requirements: 'requirements.txt' }, async () => undefined);
      expect(work.from).toBe(work.to);
      expect(work.from).toMatch(/^requirements.txt [0-9a-f]{12} is met$/);
    } finally {
      await must(
        `${dir}/.venv/bin/python -m pip install -q --no-deps --no-index --force-reinstall ${dir}/gone/sample_numbers-1.24-py3-none-any.whl`,
        env,
      );
    }
  });

  it("takes the file's own index, nested files, constraints and hashes", async () => {
    const found = { ...env };
    delete found.PIP_FIND_LINKS;
    await write('--find-links wheels\n-r more.txt\n-c limits.txt\n');
    await writeFile(join(dir, 'more.txt'), 'sample-plots\\\n>=1\n');
    await writeFile(join(dir, 'limits.txt'), 'sample-plots<2\n');
    const plan = await planned(pipInstall, { requirements: 'requirements.txt' }, place(), found);
    expect(said(plan)).toEqual({
      problems: [],
      warnings: ['requirements.txt needs sample-plots>=1, prod-1 has none: pip will install sample-plots 1.0'],
    });
    expect(await perform(workOf(plan), found)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await must(workOf(plan).restore ?? '', found);
    const hash = (await must(`sha256sum < ${dir}/wheels/sample_plots-1.0-py3-none-any.whl`)).slice(0, 64);
    await write(`sample-plots==1.0 --hash=sha256:${hash}\nsample-numbers==1.24 --hash=sha256:${'0'.repeat(64)}\n`);
    const hashed = await planned(pipInstall, { requirements: 'requirements.txt' }, place(), env);
    expect(await perform(workOf(hashed), env)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await must(workOf(hashed).restore ?? '', env);
    expect(await has('sample-plots')).toBe('');
  });

  it('names what cannot be had, a missing file, and a file that changed since the plan', async () => {
    await write('ghost>=9\nsample-plots\n');
    const before = await state();
    expect(said(await planned(pipInstall, { requirements: 'requirements.txt' }, place(), env)).problems).toEqual([
      'requirements.txt needs ghost>=9, prod-1 has none, and pip cannot get it',
    ]);
    expect(said(await planned(pipInstall, { requirements: 'nowhere.txt' }, place(), env)).problems[0]).toContain('nowhere.txt cannot be read');
    await write('sample-plots\n');
    const work = workOf(await planned(pipInstall, { requirements: 'requirements.txt' }, place(), env));
    await write('sample-numbers\n');
    expect(await perform(work, env)).toMatchObject({
      stage: 'guard',
      exitCode: 1,
      output: expect.stringContaining('not the one that was planned for'),
    });
    expect(await state()).toBe(before);
  });

  it('leaves the old ones when the wheels went away after the plan', async () => {
    await write('sample-plots\n');
    await must(`cp -r ${dir}/wheels ${dir}/brief`);
    const brief = { ...env, PIP_FIND_LINKS: join(dir, 'brief') };
    const work = workOf(await planned(pipInstall, { requirements: 'requirements.txt' }, place(), brief));
    await rm(join(dir, 'brief'), { recursive: true });
    const before = await state();
    expect(await perform(work, brief)).toMatchObject({ stage: 'command', exitCode: 1, output: expect.stringContaining('nothing was changed') });
    expect(await state()).toBe(before);
  });

  it("plans for the target's file where a step brings it", async () => {
    await write('sample-plots\n');
    await must(
      `cd ${dir} && git init -q -b main && git add requirements.txt && git commit -q -m one && git rev-parse HEAD > commit && echo sample-numbers > requirements.txt`,
      { ...env, ...gitEnv },
    );
    const commit = (await must(`cat ${dir}/commit`)).trim();
    const steps = [{ id: '1', name: 'Code', kind: 'git.checkout', params: '{{release.tag}}', on: 'prod' }];
    const where = place({
      target: { commit },
      targetTree: await treeOf(dir, commit),
      system: { runbook: [{ name: 'p', estimateMs: 1, testsFromTarget: false, steps }] },
    });
    const work = workOf(await planned(pipInstall, { requirements: 'requirements.txt' }, where, { ...env, ...gitEnv }));
    expect(work.to).toBe('sample-plots 1.0');
    expect(await perform(work, env)).toMatchObject({ stage: 'guard', exitCode: 1 });
    await write('sample-plots\n');
    expect(await perform(work, env)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await must(work.restore ?? '', env);
  });
});
