import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tree } from '../../../src/proofs/tree.ts';
import { filesUnder, listDirectory, parseListing } from '../../../src/steps/listing.ts';
import { must, proven, shell, tempDir, whereOf } from './planner.ts';
import { gitEnv, makeSample, type Sample, treeOf } from './repository.ts';

let dir: string;
let remove: () => Promise<void>;
let sample: Sample;

beforeEach(async () => {
  ({ dir, remove } = await tempDir());
  sample = await makeSample(dir);
});
afterEach(() => remove());

const group = { name: 'code', dir: 'src/rl/sac', names: ['sac_agent.py', '__init__.py'], ignore: ['__pycache__', '*'] };
const place = async (commit: string) =>
  whereOf({
    dir: join(dir, 'opt'),
    keep: join(dir, 'keep'),
    system: { files: { code: group } },
    target: { commit },
    targetTree: await treeOf(sample.clone, commit),
  });
/** The files of a commit where they are deployed to, without git. */
const deploy = (commit: string) =>
  must(
    `rm -rf ${dir}/opt && mkdir -p ${dir}/opt && git -C ${sample.clone} archive ${commit} src/rl/sac | tar -x -C ${dir}/opt && mv ${dir}/opt/src/rl/sac ${dir}/opt/sac && rm -r ${dir}/opt/src`,
    gitEnv,
  );

describe('listing', () => {
  it("computes git's own ids, for odd names, links, empty and executable files, without git", async () => {
    await must(
      `cd ${sample.clone}/src/rl/sac && ln -s 'ein Ziel' läufer && printf 'x' > "-n" && head -c 100000 /dev/urandom > big && chmod 755 big && git add -A . && git commit -qm more`,
      gitEnv,
    );
    const listed = await must(`cd ${sample.clone} && ${listDirectory('src/rl/sac', ['__pycache__'])}`, { PATH: process.env.PATH ?? '' });
    expect(parseListing(listed)).toEqual(filesUnder(await treeOf(sample.clone, 'HEAD'), 'src/rl/sac'));
  });

  it('proves a deployed directory, and tells a file too many, a changed, a missing one and a mode', async () => {
    await deploy('v0.1.0');
    const where = await place(sample.old);
    const right = await proven(tree, { tree: 'code', at: 'sac' }, where);
    expect(right).toMatchObject({ ok: true, version: 'v0.1.0' });
    expect(right.found).toBe(right.expected);
    await must(`mkdir ${dir}/opt/sac/__pycache__ && touch ${dir}/opt/sac/__pycache__/a.pyc`);
    expect(await proven(tree, { tree: 'code', at: 'sac' }, where)).toEqual(right);
    await must(`touch ${dir}/opt/sac/extra.py`);
    expect((await proven(tree, { tree: 'code', at: 'sac' }, where)).found).toContain('not in the target: extra.py');
    await must(`cd ${dir}/opt/sac && rm extra.py sac_agent.py && chmod +x __init__.py`);
    const wrong = await proven(tree, { tree: 'code', at: join(dir, 'opt/sac') }, where);
    expect(wrong).toMatchObject({ ok: false, found: expect.stringMatching(/differ: __init__.py; missing: sac_agent.py/) });
    expect((await proven(tree, { tree: 'code', at: 'nowhere' }, where)).found).toContain('cannot be read');
  });

  it('tells the same state by the same text, before and after', async () => {
    await deploy('v0.2.0');
    const where = await place(sample.old);
    const before = await proven(tree, { tree: 'code', at: 'sac' }, where);
    await deploy('v0.1.0');
    expect((await proven(tree, { tree: 'code', at: 'sac' }, where)).ok).toBe(true);
    await deploy('v0.2.0');
    expect(await proven(tree, { tree: 'code', at: 'sac' }, where)).toEqual(before);
  });

  it('compares only the named files where the target has more of them and they lie elsewhere', async () => {
    await deploy('v0.2.0');
    await must(`rm -r ${dir}/opt/sac/deep; touch ${dir}/opt/sac/other-service.py`);
    expect((await proven(tree, { tree: 'code', at: 'sac' }, await place(sample.new))).ok).toBe(true);
  });

  it('does not take an unreadable directory for an empty one', async () => {
    expect((await shell(`cd ${dir} && ${listDirectory('nowhere', [])}`)).exitCode).toBe(3);
  });
});
