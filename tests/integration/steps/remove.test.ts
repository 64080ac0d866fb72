import { execFile } from 'node:child_process';
import { chown, lchown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/host.ts';
import type { Where } from '../../../src/domain/step.ts';
import type { FileGroup } from '../../../src/domain/system.ts';
import { gone } from '../../../src/proofs/gone.ts';
import { remove } from '../../../src/steps/remove.ts';
import { must, perform, planned, proven, type Runs, shell, tempDir, whereOf, workOf } from './planner.ts';

const isRoot = process.getuid?.() === 0;
/** Ids that nobody has: the login user, a group it is in, the service's user. */
const [login, operators, service] = [61_001, 61_002, 61_003];

let dir: string;
let clean: () => Promise<void>;
let where: Where;

/** Runs as the login user of a host would, without root's rights. */
const asLogin: Runs = (text) =>
  new Promise<Reading>((resolve) => {
    const args = ['--reuid', String(login), '--regid', String(login), '--groups', String(operators), '/bin/sh', '-c', text];
    execFile(
      'setpriv',
      args,
      { env: { PATH: process.env.PATH ?? '', HOME: join(dir, 'home') }, cwd: '/', maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    );
  });

const at = (path: string) => join(dir, path);
const put = async (path: string, text: string) => {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), text);
};

/** Everything below the directories, with type, mode, owner, time of files, content and where links lead. */
const listing = (...paths: string[]) =>
  must(
    `cd ${dir} && find ${paths.join(' ')} -mindepth 1 \\( -type d -printf '%p %y %m %U:%G\\n' -o -printf '%p %y %m %U:%G %T@ %l\\n' \\) | sort && find ${paths.join(' ')} -type f -exec sha256sum {} + | sort`,
  );

const group = (name: string, groupDir: string, ...names: string[]): FileGroup => ({ name, dir: groupDir, names, ignore: ['__pycache__'] });

function place(files: readonly FileGroup[], step = '5', rollback = 'sac-42'): Where {
  return whereOf({
    dir: at('app'),
    keep: at(`home/.rollback-bot/kept/${rollback}/${step}`),
    system: { files: Object.fromEntries(files.map((one) => [one.name, one])) },
  });
}

/** Plans and performs a removal of all the place's groups. */
const removal = async (given: Where, env: Runs = {}, keep = '14d') => planned(remove, { groups: Object.keys(given.system.files), keep }, given, env);

beforeEach(async () => {
  ({ dir, remove: clean } = await tempDir());
  await must(`chmod 755 ${dir}`);
  await mkdir(at('home'));
  await put('app/src/sac/sac_agent.py', 'agent');
  await put("app/src/sac/it's [odd] $(name).py", 'odd');
  await put('app/src/sac/other.py', 'other');
  await put('app/models/sac_a.pkl', 'a');
  await put('app/models/.sac_hidden.pkl', 'hidden');
  await put('app/models/readme', 'not a model');
  await put('app/made/deep/er/report.html', 'report');
  await put('app/logs/agent.log', 'line 1\n');
  await symlink('sac_a.pkl', at('app/models/sac_latest.pkl'));
  await must(
    `cd ${at('app')} && chmod 640 models/sac_a.pkl && chmod 4755 src/sac/sac_agent.py && mkdir -m 2750 made/empty && touch -d 2026-01-02 models/sac_a.pkl`,
  );
  where = place([
    group('code', 'src/sac', 'sac_agent.py', "it's [odd] $(name).py", 'missing.py'),
    group('models', 'models', 'sac_*.pkl'),
    group('made', '.', 'made/'),
    group('logs', at('app/logs'), '*.log'),
  ]);
});
afterEach(() => clean());

describe('remove', () => {
  it('shows the exact list, moves it away, proves it gone, and brings all of it back as it was', async () => {
    const before = await listing('app');
    const plan = await removal(where);
    expect(plan).toMatchObject({ problems: [], warnings: [] });
    const work = workOf(plan);
    expect(work.from.split('\n').map((entry) => entry.slice(at('app/').length).replace(/\b[0-9a-f]{12}\b/, 'SUM'))).toEqual([
      'logs/agent.log (log, 644)',
      'made/ (directory 755)',
      'made/deep/ (directory 755)',
      'made/deep/er/ (directory 755)',
      'made/deep/er/report.html (644, sha256 SUM)',
      'made/empty/ (directory 2750)',
      'models/sac_a.pkl (640, sha256 SUM)',
      'models/sac_latest.pkl (link, 777, sha256 SUM)',
      "src/sac/it's [odd] $(name).py (644, sha256 SUM)",
      'src/sac/sac_agent.py (4755, sha256 SUM)',
    ]);
    expect(work).toMatchObject({ to: 'gone', cannotUndo: 'what was removed, after 14 d: it is deleted then' });
    for (const name of ['code', 'models', 'made', 'logs']) expect((await proven(gone, { gone: name }, where)).ok, name).toBe(false);
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect((await must(`cd ${dir} && find app ! -type d | sort`)).trim().split('\n')).toEqual([
      'app/models/.sac_hidden.pkl',
      'app/models/readme',
      'app/src/sac/other.py',
    ]);
    expect(await must(`ls -A ${at('app')}`)).toBe('models\nsrc\n');
    for (const name of ['code', 'models', 'made', 'logs'])
      expect(await proven(gone, { gone: name }, where), name).toMatchObject({ ok: true, found: 'nothing' });
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('app')).toBe(before);
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('app')).toBe(before);
  });

  it('changes nothing when a file changed, came or went since the plan; a log may grow', async () => {
    const work = workOf(await removal(where));
    await must(`echo 'line 2' >> ${at('app/logs/agent.log')}`);
    expect(await shell(work.guard ?? '')).toMatchObject({ exitCode: 0 });
    const changes = [
      `echo more >> ${at('app/models/sac_a.pkl')}`,
      `echo new > ${at('app/models/sac_b.pkl')}`,
      `rm ${at('app/src/sac/sac_agent.py')}`,
      `chmod 600 ${at('app/src/sac/sac_agent.py')}`,
      `ln -sfn elsewhere ${at('app/models/sac_latest.pkl')}`,
      `mkdir ${at('app/made/another')}`,
    ];
    for (const change of changes) {
      await must(`cp -a ${at('app')} ${at('saved')}`);
      await must(change);
      const seen = await listing('app');
      const done = await perform(work);
      expect(done, change).toMatchObject({ stage: 'guard', exitCode: 1 });
      expect(done.output).toContain('changed since the plan was made');
      expect(await listing('app')).toBe(seen);
      await must(`rm -r ${at('app')} && mv ${at('saved')} ${at('app')}`);
    }
    expect((await shell(work.restore ?? '')).stdout).toBe('nothing had been changed\n');
  });

  it('warns where there is nothing, does nothing, and undoes nothing', async () => {
    const empty = place([group('none', 'src/sac', 'gone_*.py'), group('nowhere', at('not/there'), '*')]);
    const plan = await removal(empty);
    expect(plan).toMatchObject({ problems: [], warnings: ['nothing of none, nowhere is there to be removed'] });
    const work = workOf(plan);
    expect(work.from).toBe(work.to);
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    await put('app/src/sac/gone_1.py', 'came later');
    expect((await shell(work.restore ?? '')).stdout).toBe('nothing had been changed\n');
    expect(await readFile(at('app/src/sac/gone_1.py'), 'utf8')).toBe('came later');
  });

  it('never follows a link: of the directory, above it, inside it, or planted after the plan', async () => {
    await put('outside/sac_agent.py', 'precious');
    await put('outside/sub/x.py', 'precious');
    await symlink(at('outside'), at('app/linked'));
    for (const one of [group('a', 'linked', 'sac_agent.py'), group('b', at('app/linked/sub'), 'x.py')]) {
      const plan = await removal(place([one]));
      expect(plan.problems?.[0]?.what, one.name).toContain('is a symbolic link, or lies behind one');
      expect((await perform(workOf(plan))).exitCode).not.toBe(0);
      expect((await proven(gone, { gone: one.name }, place([one]))).ok).toBe(false);
    }
    const inside = place([group('c', '.', 'linked/sac_agent.py', 'linked/*', 'linked/sub/')]);
    expect((await removal(inside)).warnings?.[0]).toContain('nothing of c');
    const whole = workOf(await removal(place([group('d', '.', 'linked/')])));
    expect(await perform(whole)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`ls ${at('outside')} && ls -d ${at('app')}/*/`)).not.toContain('linked');
    await must(whole.restore ?? '');
    expect(await readFile(at('app/linked/sac_agent.py'), 'utf8')).toBe('precious');

    const code = workOf(await removal(place([group('code', 'src/sac', 'sac_agent.py')], '6')));
    await must(`mv ${at('app/src/sac')} ${at('app/src/was')} && ln -s ${at('outside')} ${at('app/src/sac')}`);
    expect(await perform(code)).toMatchObject({ stage: 'guard', exitCode: 1 });
    expect((await shell(code.command)).exitCode).not.toBe(0);
    expect(await must(`cat ${at('outside/sac_agent.py')} ${at('app/src/was/sac_agent.py')}`)).toBe('preciousagent');
  });

  it('refuses what leads out of the directory, whole directories meant as files, and the role itself', async () => {
    const what = async (one: FileGroup) => (await removal(place([one]))).problems?.map((problem) => problem.what).join('; ');
    expect(await what(group('a', 'src', '../models/readme'))).toBe('../models/readme of a leads out of its directory');
    expect(await what(group('a', 'src', '/etc/passwd'))).toContain('/etc/passwd of a leads out');
    expect(await what(group('a', 'src/../..', 'x'))).toContain('src/../.. of a leads out');
    expect(await what(group('a', '/', 'tmp/'))).toContain('/ of a leads out');
    expect(await what(group('a', '.', '.'))).toContain('. of a leads out');
    expect(await what(group('a', '.', 'made'))).toBe(`${at('app/made')} is a directory, and made of a means a file`);
    expect(await what(group('a', dir, 'app/'))).toContain(`holds ${at('app')}`);
    expect(await what(group('a', dir, 'home/'))).toContain('what is kept for undo');
    expect((await planned(remove, { groups: ['nope'] }, place([]))).problems?.[0]?.what).toBe('there is no file group nope');
  });

  it('refuses names with a line break rather than show another list than it would remove', async () => {
    await put('app/src/sac/a\nb.py', 'x');
    expect((await removal(place([group('code', 'src/sac', '*.py')]))).problems?.[0]?.what).toContain('a name holds a line break');
  });

  it('sets aside what came in the place of what was removed when it puts back', async () => {
    const before = await listing('app');
    const work = workOf(await removal(where));
    await perform(work);
    await put('app/src/sac/sac_agent.py', 'a later deploy');
    await put('app/models/sac_new.pkl', 'a later model');
    await put('app/logs/agent.log', 'a new log');
    const done = await shell(work.restore ?? '');
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    expect(done.stdout).toContain(`set aside what came later: ${at('app/models/sac_new.pkl')}`);
    expect(await listing('app')).toBe(before);
    expect(await readFile(join(at('home/.rollback-bot/kept/sac-42/5/undone'), at('app/src/sac/sac_agent.py')), 'utf8')).toBe('a later deploy');
  });

  it('deletes what an earlier removal kept when its time has ended, says so, and its undo then says why it cannot', async () => {
    const early = place([group('code', 'src/sac', 'sac_agent.py')], '5', 'sac-41');
    const first = workOf(await removal(early, {}, '1h'));
    await perform(first);
    const late = workOf(await removal(where));
    const kept = at('home/.rollback-bot/kept/sac-41/5');
    expect((await perform(workOf(await removal(place([group('made', '.', 'made/')], '7'))))).output).not.toContain('deleted');
    await writeFile(join(kept, 'until'), '1000\n');
    const done = await perform(workOf(await removal(place([group('logs', 'logs', '*.log')], '8'))));
    expect(done.output).toContain('deleted what step 5 of sac-41 had removed');
    await expect(readFile(join(kept, 'files', at('app/src/sac/sac_agent.py')))).rejects.toThrow('ENOENT');
    expect((await shell(first.restore ?? '')).stderr).toContain('what was removed was deleted on');
    expect(late.from).toContain('models/sac_a.pkl');
    expect((await must(`ls ${at('home/.rollback-bot/kept/sac-42/7/files')}`)).trim()).not.toBe('');
  });
});

describe.runIf(isRoot)('remove, as a login user among files of others', () => {
  const shared = () => [
    group('installed', at('opt/sac'), 'sac_agent.py', '__init__.py'),
    group('state', at('lib/sac'), 'models/', 'reports/'),
    group('logs', at('log/sac'), '*.log'),
  ];

  beforeEach(async () => {
    await chown(at('home'), login, login);
    for (const file of ['opt/sac/sac_agent.py', 'opt/sac/__init__.py', 'lib/sac/models/sac_a.pkl', 'lib/sac/reports/sac_a.html', 'log/sac/agent.log'])
      await put(file, file);
    await symlink('nowhere', at('lib/sac/models/latest'));
    await must(
      `cd ${dir} && chown -R ${service}:${service} lib log && chmod 600 lib/sac/models/sac_a.pkl && touch -d 2026-01-02 opt/sac/* && chmod 4711 opt/sac/__init__.py`,
    );
    await must(`cd ${dir} && chgrp ${operators} opt/sac lib/sac lib/sac/* log/sac && chmod 2775 opt/sac lib/sac lib/sac/* log/sac`);
    await lchown(at('lib/sac/models/latest'), service, service);
  });

  it('takes them away by renaming and brings them back with owner, mode and time; directories of others stay', async () => {
    const before = await listing('opt', 'lib', 'log');
    const given = place(shared());
    const plan = await removal(given, asLogin);
    expect(plan).toMatchObject({ problems: [], warnings: [] });
    const work = workOf(plan);
    const done = await perform(work, asLogin);
    expect(done).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(done.output).toContain(`left the empty directory ${at('lib/sac/models')}: it belongs to`);
    expect(await must(`cd ${dir} && find opt lib log ! -type d`)).toBe('');
    expect(await proven(gone, { gone: 'state' }, given, asLogin)).toMatchObject({
      ok: true,
      found: `nothing; empty directories: ${at('lib/sac/models')}, ${at('lib/sac/reports')}`,
    });
    expect(await asLogin(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('opt', 'lib', 'log')).toBe(before);
  });

  it('names each path that the user may not take away, and how that is mended', async () => {
    await must(`chmod 755 ${at('opt/sac')} && chmod 1777 ${at('lib/sac/reports')}`);
    const plan = await removal(place(shared()), asLogin);
    expect(plan.problems?.map(({ what }) => what.replaceAll(`${dir}/`, ''))).toEqual([
      expect.stringMatching(/^deploy may not remove lib\/sac\/reports\/sac_a.html, which is another's: lib\/sac\/reports belongs to .*, mode 3777/),
      expect.stringMatching(/^deploy may not remove opt\/sac\/__init__.py: opt\/sac belongs to .*, mode 2755$/),
      expect.stringMatching(/^deploy may not remove opt\/sac\/sac_agent.py: /),
    ]);
    expect(plan.problems?.at(-1)?.advice).toContain(`chmod g+w ${at('opt/sac')}`);
    const seen = await listing('opt', 'lib', 'log');
    expect((await perform(workOf(plan), asLogin)).exitCode).not.toBe(0);
    await must(`chmod 700 ${at('lib/sac')}`);
    expect((await removal(place(shared()), asLogin)).problems?.[0]?.what).toMatch(/cannot be listed: .*lib\/sac is no directory that .* can enter/);
    await must(`chmod 2775 ${at('lib/sac')}`);
    expect(await listing('opt', 'lib')).toBe(
      seen
        .split('\n')
        .filter((entry) => !entry.includes(' log/') && !entry.startsWith('log/'))
        .join('\n'),
    );
  });

  it('fails in the middle, and puts back what it had moved; tried again, it goes on, and undo knows the first state', async () => {
    const before = await listing('opt', 'lib', 'log');
    const work = workOf(await removal(place(shared()), asLogin));
    // The user loses the right to one directory between the try and its move: what happens where a disk breaks in the middle.
    const broken = work.command.replace('keep=$0\nfor file; do', `keep=$0\nfor file; do case $file in */opt/*) echo broken >&2; exit 255 ;; esac`);
    expect(broken).not.toBe(work.command);
    expect(await perform({ ...work, command: broken as typeof work.command }, asLogin)).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(await must(`cd ${dir} && find opt lib log ! -type d | sort`)).toBe('opt/sac/__init__.py\nopt/sac/sac_agent.py\n');
    await put('log/sac/agent.log', 'a new log of the service');
    await chown(at('log/sac/agent.log'), service, service);
    expect(await perform(work, asLogin)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`cd ${dir} && find opt lib log ! -type d`)).toBe('');
    expect(await asLogin(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('opt', 'lib', 'log')).toBe(before);
  });

  it('restores after a failure in the middle alone', async () => {
    const before = await listing('opt', 'lib', 'log');
    const work = workOf(await removal(place(shared()), asLogin));
    const broken = work.command.replace('keep=$0\nfor file; do', `keep=$0\nfor file; do case $file in */opt/*) exit 255 ;; esac`);
    await perform({ ...work, command: broken as typeof work.command }, asLogin);
    expect(await listing('opt', 'lib', 'log')).not.toBe(before);
    expect(await asLogin(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('opt', 'lib', 'log')).toBe(before);
  });
});

describe.runIf(isRoot)('remove, where another file system is mounted', () => {
  const mounted: string[] = [];
  const mount = async (path: string) => {
    await mkdir(at(path), { recursive: true });
    await must(`mount -t tmpfs -o size=4m tmpfs ${at(path)}`);
    mounted.push(at(path));
  };
  afterEach(async () => {
    for (const path of mounted.splice(0).reverse()) await must(`umount ${path}`);
  });

  it('keeps files of others in .rollback-kept of that file system, and refuses without it', async () => {
    await mount('var');
    await put('var/log/agent.log', 'line');
    await must(`cd ${dir} && chown ${login} home && chown ${service} var/log/agent.log && chgrp ${operators} var/log && chmod 775 var/log`);
    const before = await listing('var/log');
    const given = place([group('logs', at('var/log'), '*.log')]);
    const refused = await removal(given, asLogin);
    expect(refused.problems?.[0]?.what).toContain("is another's and not on the file system of ~/.rollback-bot");
    expect((await perform(workOf(refused), asLogin)).output).toContain('nothing was changed');
    expect(await listing('var/log')).toBe(before);
    await must(`install -d -m 700 -o ${login} ${at('var/.rollback-kept')}`);
    const plan = await removal(given, asLogin);
    expect(plan.problems).toEqual([]);
    expect(await perform(workOf(plan), asLogin)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`find ${at('var')} -name agent.log`)).toBe(`${at('var/.rollback-kept/sac-42/5/files')}${at('var/log/agent.log')}\n`);
    expect(await asLogin(workOf(plan).restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('var/log')).toBe(before);
  });

  it("copies the user's own files, mode and time kept, and never crosses into a mounted directory", async () => {
    await mount('var');
    await put('var/made/report', 'x');
    await must(`cd ${dir} && chown -R ${login}:${login} home var/made && chmod 640 var/made/report && touch -d 2026-01-02 var/made/report`);
    await mount('var/made/inner');
    await put('var/made/inner/other', 'other file system');
    const before = await listing('var/made');
    const work = workOf(await removal(place([group('made', at('var'), 'made/')]), asLogin));
    expect(work.from).not.toContain('inner/other');
    await rm(at('home/.rollback-bot'), { recursive: true, force: true });
    await must(`chown ${login} ${at('var')}`);
    const done = await perform(work, asLogin);
    expect(done.output).toContain(`left ${at('var/made/inner')}: other things are in it`);
    expect(await readFile(at('var/made/inner/other'), 'utf8')).toBe('other file system');
    expect(await asLogin(work.restore ?? '')).toMatchObject({ exitCode: 0 });
    expect(await listing('var/made')).toBe(before);
  });
});
