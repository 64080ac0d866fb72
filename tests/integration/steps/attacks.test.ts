import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyStepKind, ShellWork, Where } from '../../../src/domain/step.ts';
import type { FileGroup } from '../../../src/domain/system.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { must, perform, planned, shell, tempDir, whereOf, workOf } from './planner.ts';
import { gitEnv, makeSample, type Sample, treeOf } from './repository.ts';

// Somebody who may write in the directories of a system, but not where the bot's login may: each plants something, before the plan or after it.

let dir: string;
let clean: () => Promise<void>;
const at = (path: string): string => join(dir, path);
const put = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), text);
};
const group = (name: string, of: string, ...names: string[]): FileGroup => ({ name, dir: of, names, ignore: [] });
const kind = (key: string): AnyStepKind => stepKinds[key] as AnyStepKind;

/** Everything outside, which no attack may change: type, mode, links, content. */
const outside = (): Promise<string> =>
  must(`cd ${at('outside')} && find . -printf '%p %y %m %l %n\\n' | sort && find . -type f -exec sha256sum {} + | sort`);

beforeEach(async () => {
  ({ dir, remove: clean } = await tempDir());
  await put('outside/sac_config.json', 'precious');
  await put('outside/precious.txt', 'precious');
});
afterEach(() => clean());

describe('backup.restore', () => {
  let where: Where;
  const restored = async (): Promise<ShellWork> => workOf(await planned(kind('backup.restore'), 'config', where));

  const manifest = (): Promise<string> => must(`cd ${at('app/backups/v0.1.0')} && find configs -type f -exec sha256sum {} + > MANIFEST.sha256`);
  beforeEach(async () => {
    await put('app/configs/sac_config.json', 'new');
    await put('app/backups/v0.1.0/configs/sac_config.json', 'old');
    await put('app/backups/v0.1.0/configs/deep/er.json', 'deep');
    await manifest();
    where = whereOf({
      dir: at('app'),
      keep: at('keep'),
      system: {
        files: { config: group('config', 'configs', 'sac_config.json', 'deep/er.json', '*.json') },
        backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000, record: [] },
      },
    });
  });

  it('a directory swapped for a link after the plan: refused by the guard, and by the command alone', async () => {
    const work = await restored();
    // As bad as can be: what lies there has the very content that the plan found.
    await put('outside/sac_config.json', 'new');
    const before = await outside();
    await must(`mv ${at('app/configs')} ${at('app/was')} && ln -s ${at('outside')} ${at('app/configs')}`);
    expect(await perform(work)).toMatchObject({ stage: 'guard', exitCode: 1, output: expect.stringContaining('never followed') });
    expect((await shell(work.command)).exitCode).not.toBe(0);
    expect((await shell(work.settle ?? 'false')).exitCode).toBe(1);
    expect(await outside()).toBe(before);
  });

  it('a directory that is to be made, planted as a link', async () => {
    const work = await restored();
    await symlink(at('outside'), at('app/configs/deep'));
    const before = await outside();
    expect(await perform(work)).toMatchObject({ exitCode: 1, output: expect.stringContaining('never followed') });
    expect((await shell(work.command)).exitCode).not.toBe(0);
    expect(await outside()).toBe(before);
  });

  it('a link that was there before the plan is said, and nothing is planned through it', async () => {
    await must(`mv ${at('app/configs')} ${at('app/was')} && ln -s ${at('outside')} ${at('app/configs')}`);
    const plan = await planned(kind('backup.restore'), 'config', where);
    expect(plan.problems?.[0]?.what).toContain('never followed');
    const before = await outside();
    expect((await perform(workOf(plan))).exitCode).not.toBe(0);
    expect(await outside()).toBe(before);
  });

  it('a link in the place of the file, and of the new one beside it: replaced, not written through', async () => {
    await must(`rm ${at('app/configs/sac_config.json')} && ln -s ${at('outside/precious.txt')} ${at('app/configs/sac_config.json')}`);
    const work = await restored();
    await symlink(at('outside/precious.txt'), at('app/configs/sac_config.json.rollback-new'));
    const before = await outside();
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await readFile(at('app/configs/sac_config.json'), 'utf8')).toBe('old');
    expect(await outside()).toBe(before);
    await must(work.restore ?? '');
    expect(await must(`readlink ${at('app/configs/sac_config.json')}`)).toBe(`${at('outside/precious.txt')}\n`);
    expect(await outside()).toBe(before);
  });

  it('a hard link to a file elsewhere: its name is given to a new file, the other stays', async () => {
    await must(`rm ${at('app/configs/sac_config.json')}`);
    await link(at('outside/precious.txt'), at('app/configs/sac_config.json'));
    const work = await restored();
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await readFile(at('outside/precious.txt'), 'utf8')).toBe('precious');
  });

  it('swapped before undo: nothing is put back through the link', async () => {
    const work = await restored();
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await must(`mv ${at('app/configs')} ${at('app/was')} && ln -s ${at('outside')} ${at('app/configs')}`);
    const before = await outside();
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('never followed') });
    expect(await outside()).toBe(before);
    await must(`rm ${at('app/configs')} && mv ${at('app/was')} ${at('app/configs')}`);
    await must(work.restore ?? '');
    expect(await readFile(at('app/configs/sac_config.json'), 'utf8')).toBe('new');
  });

  it("the role's own directory may be a link: that is the system file's word", async () => {
    await symlink(at('app'), at('current'));
    where = { ...where, role: { ...where.role, dir: at('current') } };
    const work = await restored();
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await must(work.restore ?? '');
    expect(await readFile(at('app/configs/sac_config.json'), 'utf8')).toBe('new');
  });

  it('names of every sort come from the backup and go back', async () => {
    const odd = [
      '-rf.json',
      "it's.json",
      'a b.json',
      '*.json',
      '$(touch harm).json',
      '[a].json',
      'ü.json',
      '\\x.json',
      '"q".json',
      '#.json',
      '~.json',
    ];
    for (const name of odd) await put(`app/backups/v0.1.0/configs/${name}`, `old ${name}`);
    await put('app/configs/other.json', 'other');
    await manifest();
    const before = await must(`cd ${at('app/configs')} && find . -type f -exec sha256sum {} + | sort`);
    const plan = await planned(kind('backup.restore'), 'config', where);
    // sha256sum writes a name with a backslash in a way of its own: such a file is not restored, and that is said.
    const work = workOf(plan);
    const done = await perform(work);
    expect(done, done.output).toMatchObject({ stage: 'verify', exitCode: 0 });
    for (const name of odd.filter((one) => !one.includes('\\'))) expect(await readFile(at(`app/configs/${name}`), 'utf8')).toBe(`old ${name}`);
    await must(work.restore ?? '');
    expect(await must(`cd ${at('app/configs')} && find . -type f -exec sha256sum {} + | sort`)).toBe(before);
    expect(await must(`find ${dir} -name harm`)).toBe('');
  });
});

describe('git.restore', () => {
  let sample: Sample;
  let where: Where;

  beforeEach(async () => {
    sample = await makeSample(dir);
    where = whereOf({
      dir: sample.clone,
      keep: at('keep'),
      system: { files: { code: group('code', 'src/rl/sac', 'sac_agent.py') } },
      target: { commit: sample.old },
      targetTree: await treeOf(sample.clone, sample.old),
    });
  });
  const restored = async (): Promise<ShellWork> => workOf(await planned(kind('git.restore'), 'code', where, gitEnv));
  const swap = (path: string): Promise<string> => must(`mv ${sample.clone}/${path} ${at('was')} && ln -s ${at('outside')} ${sample.clone}/${path}`);

  it.each(['src/rl/sac', 'src/rl', 'src', 'src/rl/sac/deep'])('%s swapped for a link after the plan', async (path) => {
    const work = await restored();
    for (const name of ['sac_agent.py', 'rl/sac/sac_agent.py', 'sac/sac_agent.py', 'er.py']) await put(`outside/${name}`, 'precious');
    const before = await outside();
    await swap(path);
    expect(await perform(work, gitEnv)).toMatchObject({ stage: 'guard', exitCode: 1 });
    await shell(work.command, gitEnv);
    expect(await outside()).toBe(before);
  });

  it.each(['src/rl/sac', 'src/rl', 'src'])('%s a link before the plan, and again before undo', async (path) => {
    await put('outside/sac_agent.py', 'precious');
    await put('outside/rl/sac/sac_agent.py', 'precious');
    await put('outside/sac/notes.txt', 'precious');
    await must(`echo mine > ${sample.clone}/src/rl/sac/notes.txt`);
    const before = await outside();
    await swap(path);
    const plan = await planned(kind('git.restore'), 'code', where, gitEnv);
    await perform(workOf(plan), gitEnv);
    expect(await outside()).toBe(before);
    await shell(workOf(plan).restore ?? '', gitEnv);
    expect(await outside()).toBe(before);
  });

  it('a link planted before undo, where uncommitted work is to come back', async () => {
    await must(`mkdir ${sample.clone}/src/rl/sac/mine && echo mine > ${sample.clone}/src/rl/sac/mine/notes.txt`);
    const work = await restored();
    expect(await perform(work, gitEnv)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await symlink(at('outside'), `${sample.clone}/src/rl/sac/mine`);
    const before = await outside();
    const undone = await shell(work.restore ?? '', gitEnv);
    expect(await outside()).toBe(before);
    expect(undone.stderr).toBe('');
    expect(await must(`cat ${sample.clone}/src/rl/sac/mine/notes.txt`)).toBe('mine\n');
  });

  it('the same, behind a name that git ignores', async () => {
    await must(
      `echo mine > ${sample.clone}/.git/info/exclude && mkdir ${sample.clone}/src/rl/sac/mine && echo mine > ${sample.clone}/src/rl/sac/mine/a.txt`,
    );
    await must(`git -C ${sample.clone} add -f src/rl/sac/mine/a.txt && echo changed > ${sample.clone}/src/rl/sac/mine/a.txt`, gitEnv);
    const work = await restored();
    expect(await perform(work, gitEnv)).toMatchObject({ exitCode: 0 });
    await must(`rm -rf ${sample.clone}/src/rl/sac/mine && ln -s ${at('outside')} ${sample.clone}/src/rl/sac/mine`);
    const before = await outside();
    await shell(work.restore ?? '', gitEnv);
    expect(await outside()).toBe(before);
  });
});

describe('a tag that was moved after the approval', () => {
  it.each(['git.restore', 'git.checkout'])('%s: what comes is the commit that was approved, and nothing else', async (key) => {
    const sample = await makeSample(dir);
    const where = whereOf({
      dir: sample.clone,
      keep: at('keep'),
      system: { files: { code: group('code', 'src/rl/sac', 'sac_agent.py') } },
      target: { commit: sample.old },
      targetTree: await treeOf(sample.clone, sample.old),
    });
    const work = workOf(await planned(kind(key), key === 'git.restore' ? 'code' : 'v0.1.0', where, gitEnv));
    // At the origin and in the clone.
    await must(
      `cd ${sample.work} && echo evil > src/rl/sac/sac_agent.py && git commit -qam evil && git tag -f v0.1.0 && git push -qf origin v0.1.0`,
      gitEnv,
    );
    await must(`cd ${sample.clone} && git fetch -q --force --tags origin`, gitEnv);
    expect(await perform(work, gitEnv)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await readFile(`${sample.clone}/src/rl/sac/sac_agent.py`, 'utf8')).toBe('one\n');
    expect(JSON.stringify(work)).toContain(sample.old);
  });
});

describe('what reads and writes logs', () => {
  it("collect shows nothing of what a link in a log directory leads to, but a log's own link to its newest part", async () => {
    await put('app/logs/agent.1.log', 'a line of the log\n');
    await symlink('agent.1.log', at('app/logs/agent.log'));
    await put('outside/id_ed25519', 'PRECIOUS KEY\n');
    await symlink(at('outside/id_ed25519'), at('app/logs/planted.log'));
    await must(`mkdir ${at('app/more')} && ln -s ${at('outside')} ${at('app/more/dir')}`);
    const where = whereOf({ dir: at('app'), keep: at('keep') });
    const files = ['logs/*.log', 'logs/agent.log'];
    const done = await perform(workOf(await planned(kind('collect'), { files }, where)));
    expect(done.exitCode).toBe(0);
    expect(done.output).toContain('a line of the log');
    expect(done.output).toContain('not followed: ./logs/planted.log');
    expect(done.output).not.toContain('PRECIOUS');
    expect(await must(`grep -rl PRECIOUS ${at('keep')} || :`)).toBe('');
  });

  it('log does not write through a link', async () => {
    await mkdir(at('app/logs'), { recursive: true });
    await symlink(at('outside/precious.txt'), at('app/logs/rollback.log'));
    const where = whereOf({ dir: at('app'), keep: at('keep') });
    const before = await outside();
    const plan = await planned(kind('log'), { file: 'logs/rollback.log' }, where);
    expect(plan.problems?.[0]?.what).toContain('is a link');
    expect((await perform(workOf(plan))).exitCode).not.toBe(0);
    expect(await outside()).toBe(before);
  });
});

describe('names with bytes that are no UTF-8', () => {
  it('remove takes a name that is no UTF-8 away and brings the very bytes back', async () => {
    await mkdir(at('app/models'), { recursive: true });
    await must(`touch ${at('app/models')}/"$(printf 'sac_\\377.pkl')"`);
    const where = whereOf({
      dir: at('app'),
      keep: at('home/.rollback-bot/kept/sac-42/5'),
      system: { files: { models: group('models', 'models', 'sac_*.pkl') } },
    });
    const plan = await planned(kind('remove'), { groups: ['models'] }, where);
    expect(await perform(workOf(plan))).toMatchObject({ exitCode: 0 });
    expect(await must(`ls ${at('app')}`)).not.toContain('sac_');
    await must(workOf(plan).restore ?? '');
    expect(await must(`ls ${at('app/models')} | od -An -c | tr -s ' '`)).toContain('377');
  });
});
