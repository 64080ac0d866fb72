import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Where } from '../../../src/domain/step.ts';
import { commit } from '../../../src/proofs/commit.ts';
import { tree } from '../../../src/proofs/tree.ts';
import { gitCheckout } from '../../../src/steps/git-checkout.ts';
import { gitFetch } from '../../../src/steps/git-fetch.ts';
import { gitRestore } from '../../../src/steps/git-restore.ts';
import { run } from '../../../src/steps/run.ts';
import { must, perform, planned, proven, shell, tempDir, whereOf, workOf } from './planner.ts';
import { gitEnv, makeSample, type Sample, snapshot, treeOf } from './repository.ts';

let dir: string;
let remove: () => Promise<void>;
let sample: Sample;
let where: Where;

const code = { name: 'code', dir: 'src/rl/sac', names: ['sac_agent.py', '__init__.py'], ignore: ['__pycache__'] };
const config = { name: 'config', dir: 'configs', names: ['sac_config.json'], ignore: [] };

const place = async (parts: Partial<Parameters<typeof whereOf>[0]> = {}) =>
  whereOf({
    dir: sample.clone,
    keep: join(dir, "keep it's"),
    system: { files: { code, config } },
    target: { commit: sample.old },
    targetTree: await treeOf(sample.clone, sample.old),
    ...parts,
  });

beforeEach(async () => {
  ({ dir, remove } = await tempDir());
  sample = await makeSample(dir);
  where = await place();
});
afterEach(() => remove());

/** Uncommitted work of every sort: staged, unstaged, deleted, untracked (also with a newline in its name), a link, ignored. */
async function makeDirty(): Promise<void> {
  await must(
    `cd ${sample.clone} && printf 'staged\\n' > src/rl/sac/sac_agent.py && git add -A && printf 'unstaged\\n' > src/rl/sac/sac_agent.py && rm src/rl/sac/deep/er.py
    printf 'mine\\n' > src/rl/sac/notes.txt && printf 'odd\\n' > "src/rl/sac/$(printf 'a\\nb') -x.py" && ln -s notes.txt src/rl/sac/link && mkdir -p src/rl/sac/__pycache__ src/rl/sac/more
    chmod 750 src/rl/sac/notes.txt; echo z > src/rl/sac/more/z.txt; echo cached > src/rl/sac/__pycache__/x.pyc; echo staged-new > src/rl/sac/added.py; git add src/rl/sac/added.py`,
    gitEnv,
  );
}

describe('git.restore', () => {
  it('makes the whole directory the target, keeps and names what was uncommitted, and puts all of it back', async () => {
    await makeDirty();
    const before = await snapshot(sample.clone);
    const plan = await planned(gitRestore, 'code', where, gitEnv);
    expect(plan.problems).toEqual([]);
    const work = workOf(plan);
    expect(work.from).toContain('notes.txt');
    const done = await perform(work, gitEnv);
    expect(done).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(done.output).toContain('notes.txt');
    expect(done.output).toContain('src/rl/sac/deep/er.py');
    expect(await readFile(join(dir, "keep it's/before/files/src/rl/sac/notes.txt"), 'utf8')).toBe('mine\n');
    expect((await must(`cd ${sample.clone} && find src -type f | sort`)).split('\n')).toEqual([
      'src/rl/sac/__init__.py',
      'src/rl/sac/__pycache__/x.pyc',
      'src/rl/sac/sac_agent.py',
      '',
    ]);
    expect(await proven(tree, { tree: 'code' }, where, gitEnv)).toMatchObject({ ok: true, found: work.to });
    expect((await proven(tree, { tree: 'config' }, where, gitEnv)).ok).toBe(false);
    const undone = await shell(work.restore ?? '', gitEnv);
    expect(undone).toMatchObject({ exitCode: 0 });
    expect(await snapshot(sample.clone)).toBe(before);
  });

  it('puts back the recorded state whatever is there now, and keeps what was made since', async () => {
    await makeDirty();
    const before = await snapshot(sample.clone);
    const work = workOf(await planned(gitRestore, 'code', where, gitEnv));
    await perform(work, gitEnv);
    await must(
      `cd ${sample.clone}/src/rl/sac && echo later > later.py && echo changed > sac_agent.py && rm __init__.py && mkdir link && echo in > link/in.py`,
      gitEnv,
    );
    expect(await shell(work.restore ?? '', gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await snapshot(sample.clone)).toBe(before);
    expect(await readFile(join(dir, "keep it's/undone/files/src/rl/sac/later.py"), 'utf8')).toBe('later\n');
  });

  it('does nothing when the directory is not as the plan found it', async () => {
    const work = workOf(await planned(gitRestore, 'code', where, gitEnv));
    await writeFile(join(sample.clone, 'src/rl/sac/notes.txt'), 'since then');
    const before = await snapshot(sample.clone);
    const done = await perform(work, gitEnv);
    expect(done).toMatchObject({ stage: 'guard', exitCode: 1 });
    expect(done.output).toContain('changed since the plan was made');
    expect(await snapshot(sample.clone)).toBe(before);
  });

  it('keeps the first record when the step is tried again', async () => {
    await makeDirty();
    const before = await snapshot(sample.clone);
    const work = workOf(await planned(gitRestore, 'code', where, gitEnv));
    await must(work.command, gitEnv);
    await writeFile(join(sample.clone, 'src/rl/sac/between.txt'), 'between');
    expect(await must(work.command, gitEnv)).toContain('between.txt');
    expect(await readFile(join(dir, "keep it's/again/files/src/rl/sac/between.txt"), 'utf8')).toBe('between');
    expect(await shell(work.restore ?? '', gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await snapshot(sample.clone)).toBe(before);
  });

  it('fetches a commit that the clone does not have', async () => {
    await must(
      `cd ${sample.work} && git checkout -q -b more v0.1.0 && echo later > src/rl/sac/sac_agent.py && git commit -qam later && git tag v0.1.1 && git push -q --tags`,
      gitEnv,
    );
    const target = (await must(`git -C ${sample.work} rev-parse v0.1.1`, gitEnv)).trim();
    const work = workOf(
      await planned(gitRestore, { group: 'code' }, await place({ target: { commit: target, version: 'v0.1.1', tag: 'v0.1.1' } }), gitEnv),
    );
    expect(await perform(work, gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(sample.clone, 'src/rl/sac/sac_agent.py'), 'utf8')).toBe('later\n');
  });

  it('names a missing group, a target without the directory, and a place that is no clone', async () => {
    expect((await planned(gitRestore, 'nope', where, gitEnv)).problems).toHaveLength(1);
    expect((await planned(gitRestore, 'code', await place({ targetTree: [] }), gitEnv)).problems?.[0]?.what).toContain('no file in src/rl/sac');
    expect((await planned(gitRestore, 'code', await place({ dir: join(dir, 'origin.git/hooks') }), gitEnv)).problems?.[0]?.what).toContain(
      'cannot be read',
    );
  });

  it("runs the user's own check after its own, in the role's directory", async () => {
    const checked = workOf(await planned(gitRestore, 'code', await place({ verify: 'test -f src/rl/sac/sac_agent.py && echo checked it' }), gitEnv));
    const done = await perform(checked, gitEnv);
    expect(done).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(done.output).toContain('checked it');
    const refused = workOf(await planned(gitRestore, 'code', await place({ verify: 'exit 0; fi )' }), gitEnv));
    expect(await perform(refused, gitEnv)).toMatchObject({ stage: 'verify', exitCode: 1 });
  });
});

describe('git.checkout', () => {
  it('checks the exact commit out, clean, and puts branch, index and uncommitted work back', async () => {
    await makeDirty();
    const before = await snapshot(sample.clone);
    const plan = await planned(gitCheckout, 'v0.1.0', where, gitEnv);
    expect(plan.problems).toEqual([]);
    expect(plan.warnings?.[0]).toContain('notes.txt');
    const work = workOf(plan);
    expect([work.from, work.to]).toEqual([`${sample.new} (main)`, sample.old]);
    expect((await proven(tree, { tree: 'all' }, where, gitEnv)).ok).toBe(false);
    expect(await perform(work, gitEnv)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await proven(commit, { commit: 'head' }, where, gitEnv)).toMatchObject({ ok: true, version: sample.old });
    expect(await proven(tree, { tree: 'all' }, where, gitEnv)).toMatchObject({ ok: true, found: `${sample.old.slice(0, 12)}, clean` });
    expect((await stat(join(sample.clone, 'src/rl/sac/__pycache__/x.pyc'))).isFile()).toBe(true);
    expect(await shell(work.restore ?? '', gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await snapshot(sample.clone)).toBe(before);
  });

  it('keeps an ignored file that the target would overwrite', async () => {
    await must(
      `cd ${sample.work} && git checkout -q v0.1.0 && mkdir models && echo committed > models/a.pkl && git add -f models && git commit -qm models && git tag v0.1.2 && git push -q --tags`,
      gitEnv,
    );
    const target = (await must(`git -C ${sample.work} rev-parse v0.1.2`, gitEnv)).trim();
    await mkdir(join(sample.clone, 'models'));
    await writeFile(join(sample.clone, 'models/a.pkl'), 'trained for a week');
    const work = workOf(await planned(gitCheckout, 'v0.1.2', await place({ target: { commit: target, version: 'v0.1.2', tag: 'v0.1.2' } }), gitEnv));
    await must(`cd ${sample.clone} && git fetch -q --tags`, gitEnv);
    expect(await perform(work, gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(sample.clone, 'models/a.pkl'), 'utf8')).toBe('committed\n');
    expect(await shell(work.restore ?? '', gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(sample.clone, 'models/a.pkl'), 'utf8')).toBe('trained for a week');
  });

  it('is stopped by a HEAD that moved, by a nested clone, and refuses another version than the target', async () => {
    const work = workOf(await planned(gitCheckout, 'v0.1.0', where, gitEnv));
    await must(`git -C ${sample.clone} commit -q --allow-empty -m moved`, gitEnv);
    expect(await perform(work, gitEnv)).toMatchObject({ stage: 'guard', exitCode: 1 });
    const again = workOf(await planned(gitCheckout, 'v0.1.0', where, gitEnv));
    await must(`git clone -q ${sample.origin} ${sample.clone}/nested`, gitEnv);
    const before = await snapshot(sample.clone);
    const done = await perform(again, gitEnv);
    expect(done).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(done.output).toContain('a git clone lies inside this one: nested/');
    expect(await snapshot(sample.clone)).toBe(before);
    expect((await planned(gitCheckout, 'v0.2.0', where, gitEnv)).problems?.[0]?.what).toContain('is not the target');
  });

  it('sees a change that hides behind assume-unchanged', async () => {
    await perform(workOf(await planned(gitCheckout, 'v0.1.0', where, gitEnv)), gitEnv);
    await must(
      `cd ${sample.clone} && git update-index --assume-unchanged configs/sac_config.json && echo hidden > configs/sac_config.json && [ -z "$(git status --porcelain)" ]`,
      gitEnv,
    );
    expect(await proven(tree, { tree: 'all' }, where, gitEnv)).toMatchObject({
      ok: false,
      found: expect.stringContaining('configs/sac_config.json'),
    });
  });
});

describe('git.fetch', () => {
  it('takes a tag that moved, keeps a local tag, and puts the tags back', async () => {
    await must(
      `git -C ${sample.clone} tag mine v0.2.0 && cd ${sample.work} && git tag -f v0.2.0 v0.1.0 && git tag v0.0.9 v0.1.0 && git push -q -f --tags`,
      gitEnv,
    );
    const before = await snapshot(sample.clone);
    const work = workOf(await planned(gitFetch, 'tags', where, gitEnv));
    expect(await perform(work, gitEnv)).toMatchObject({ stage: 'verify', exitCode: 0 });
    const tags = await must(`git -C ${sample.clone} tag -l && git -C ${sample.clone} rev-parse v0.2.0^{commit}`, gitEnv);
    expect(tags.trim().split('\n')).toEqual(['mine', 'v0.0.9', 'v0.1.0', 'v0.2.0', sample.old]);
    expect(await shell(work.restore ?? '', gitEnv)).toMatchObject({ exitCode: 0 });
    expect(await snapshot(sample.clone)).toBe(before);
  });

  it('fails when the origin has not the target, or does not answer', async () => {
    const missing = workOf(await planned(gitFetch, 'tags', await place({ target: { commit: 'a'.repeat(40) } }), gitEnv));
    expect(missing.from).not.toBe(missing.to);
    expect(await perform(missing, gitEnv)).toMatchObject({ stage: 'verify', exitCode: 1 });
    await must(`git -C ${sample.clone} remote set-url origin ${dir}/nowhere`, gitEnv);
    expect(await perform(workOf(await planned(gitFetch, 'tags', where, gitEnv)), gitEnv)).toMatchObject({ stage: 'command', exitCode: 1 });
  });
});

describe('run', () => {
  it("runs in the target's tree, and leaves nothing of it", async () => {
    const tmp = join(dir, 'tmp');
    await mkdir(tmp);
    const env = { ...gitEnv, TMPDIR: tmp };
    const there = await place({ testsFromTarget: true });
    const done = await perform(workOf(await planned(run, 'cat src/rl/sac/sac_agent.py; ls src/rl/sac | wc -l; pwd; exit 7', there, env)), env);
    expect(done.exitCode).toBe(7);
    expect(done.output).toContain('one\n2\n');
    expect(done.output).toContain(tmp);
    expect(await must(`ls -A ${tmp}`)).toBe('');
    expect(await must(`git -C ${sample.clone} status --porcelain`, gitEnv)).toBe('');
  });

  it("runs in the role's directory with the role's own python first", async () => {
    await must(
      `mkdir -p ${sample.clone}/.venv/bin && printf '#!/bin/sh\\necho own python\\n' > ${sample.clone}/.venv/bin/python && chmod +x ${sample.clone}/.venv/bin/python`,
    );
    const done = await perform(
      workOf(await planned(run, { command: 'python; pwd' }, await place({ role: { python: '.venv/bin/python' } }), gitEnv)),
      gitEnv,
    );
    expect(done.output).toBe(`own python\n${sample.clone}\n`);
  });
});
