import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noRelease } from '../../../src/domain/release.ts';
import { tree } from '../../../src/proofs/tree.ts';
import { log } from '../../../src/steps/log.ts';
import { must, perform, planned, proven, tempDir, whereOf, workOf } from './planner.ts';
import { gitEnv, makeSample, type Sample, snapshot, treeOf } from './repository.ts';

let dir: string;
let remove: () => Promise<void>;
let sample: Sample;
const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const from = { version: 'v0.2.0', tag: 'v0.2.0', commit: '2'.repeat(40), date: '2026-02-02T00:00:00Z', subject: "$(HARM) 'x'" };

beforeAll(async () => {
  ({ dir, remove } = await tempDir());
  sample = await makeSample(dir);
  await must(`cd ${sample.clone} && git checkout -q v0.1.0`, gitEnv);
});
afterAll(() => remove());

const place = (at = sample.clone) => ({ ...whereOf({ dir: at, keep: join(dir, 'keep'), target: { commit: sample.old } }), from });
const note = () => must(`git -C ${sample.clone} notes --ref=rollback show ${sample.old}`, env);

describe('log', { timeout: 60_000 }, () => {
  it('adds one line to the file and to the commit, once for a rollback, and leaves the tree as it is', async () => {
    const before = await snapshot(sample.clone);
    const params = { file: 'logs/roll back.log', git: 'note' };
    const plan = await planned(log, params, place(), env);
    expect(plan.problems).toEqual([]);
    expect(workOf(plan).restore).toBe(undefined);
    expect(await snapshot(sample.clone)).toBe(before);
    for (const _time of [1, 2]) expect(await perform(workOf(plan), env)).toMatchObject({ exitCode: 0 });
    const line = new RegExp(
      `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ rollback sac-42: sac v0.2.0 -> v0.1.0 \\(${sample.old.slice(0, 12)}\\) on prod-1\\n$`,
    );
    expect(await must(`cat '${sample.clone}/logs/roll back.log'`)).toMatch(line);
    expect(await note()).toMatch(line);
    const second = workOf(await planned(log, params, { ...place(), rollback: 'sac-4' }, env));
    expect(await perform(second, env)).toMatchObject({ exitCode: 0 });
    expect((await note()).match(/rollback sac-(4|42): /g)).toHaveLength(2);
    const where = { ...place(), targetTree: await treeOf(sample.clone, sample.old) };
    expect(await proven(tree, { tree: 'all' }, where, env)).toMatchObject({ ok: true });
    expect(await must(`git -C ${sample.clone} status --porcelain`, env)).toBe('');
  });

  it('can be written by hand', async () => {
    const where = { ...place(), rollback: 'sac-99' };
    const typed = log.byHand?.(log.schema.parse({ file: 'logs/hand.log', git: 'note' }), where) ?? '';
    await must(`cd ${sample.clone} && mkdir -p logs && ${typed}`, gitEnv);
    expect(await must(`cat ${sample.clone}/logs/hand.log`)).toContain('rollback sac-99: sac v0.2.0 -> v0.1.0');
    expect(await note()).toContain('rollback sac-99: ');
  });

  it('works without a clone, without the commit, and without a release', async () => {
    const plain = join(dir, 'plain');
    await mkdir(plain);
    const outside = { ...env, GIT_CEILING_DIRECTORIES: dir };
    const done = await perform(workOf(await planned(log, { file: 'logs/a.log', git: 'note' }, place(plain), outside)), outside);
    expect(done).toMatchObject({ exitCode: 0, output: expect.stringContaining('no git clone here: no note') });
    const absent = { ...place(), target: { ...place().target, commit: '3'.repeat(40) }, rollback: 'sac-43' };
    expect((await perform(workOf(await planned(log, { file: 'logs/b.log', git: 'note' }, absent, env)), env)).output).toContain(
      'no commit of v0.1.0',
    );
    const removal = { ...place(), target: noRelease, rollback: 'sac-44' };
    expect((await perform(workOf(await planned(log, { file: join(dir, 'far', 'c.log'), git: 'note' }, removal, env)), env)).exitCode).toBe(0);
    expect(await must(`cat ${dir}/far/c.log`)).toMatch(/rollback sac-44: sac v0.2.0 -> nothing on prod-1\n$/);
  });

  it('refuses a file of the repository and one that cannot be written, and warns of one that git sees', async () => {
    const plan = (file: string, at?: string) => planned(log, { file }, place(at), env);
    expect((await plan('src/rl/sac/sac_agent.py')).problems?.[0]?.what).toContain('a file of the repository');
    expect((await plan('audit.txt')).warnings).toEqual([`git does not ignore audit.txt: it will be an untracked file in ${sample.clone}`]);
    expect((await plan(join(dir, 'elsewhere.txt'))).warnings).toEqual([]);
    await writeFile(join(dir, 'file'), '');
    expect((await plan(join(dir, 'file', 'x.log'))).problems?.[0]?.what).toContain('may not write');
    expect((await plan('logs/x.log', join(dir, 'nowhere'))).problems?.[0]?.what).toContain('there is no directory');
    expect(log.schema.safeParse({ file: '../x' }).success).toBe(false);
  });
});
