import { chmod, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/host.ts';
import type { Where } from '../../../src/domain/step.ts';
import { recordBackup } from '../../../src/steps/backup-record.ts';
import { backupRestore } from '../../../src/steps/backup-restore.ts';
import { parseRecord, recordProbes } from '../../../src/steps/record.ts';
import { must, perform, planned, shell, tempDir, whereOf, workOf } from './planner.ts';
import { gitEnv } from './repository.ts';

let dir: string;
let remove: () => Promise<void>;
let where: Where;
const config = { name: 'config', dir: 'configs', names: ['sac_config.json', "it's new.json"], ignore: [] };
const rules = { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000, record: ['config', 'models'] };

const at = (name: string) => join(dir, 'app', name);
const folder = () => at('backups/v0.1.0/configs');

beforeEach(async () => {
  ({ dir, remove } = await tempDir());
  await mkdir(at('configs'), { recursive: true });
  await mkdir(folder(), { recursive: true });
  await writeFile(at('configs/sac_config.json'), 'new');
  await chmod(at('configs/sac_config.json'), 0o640);
  await writeFile(join(folder(), 'sac_config.json'), 'old\n');
  await writeFile(join(folder(), "it's new.json"), 'other\n');
  await must(`cd ${at('backups/v0.1.0')} && sha256sum configs/* > MANIFEST.sha256`);
  where = whereOf({ dir: at(''), keep: join(dir, 'keep'), system: { files: { config }, backups: rules } });
});
afterEach(() => remove());

describe('backup.restore', () => {
  it('copies the backup back, keeps the old file and its mode, and puts both back as they were', async () => {
    const plan = await planned(backupRestore, 'config', where);
    expect(plan).toMatchObject({ problems: [], warnings: [] });
    const work = workOf(plan);
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await readFile(at('configs/sac_config.json'), 'utf8')).toBe('old\n');
    expect(await readFile(at("configs/it's new.json"), 'utf8')).toBe('other\n');
    expect((await stat(at('configs/sac_config.json'))).mode & 0o777).toBe(0o640);
    expect(await readFile(join(dir, 'keep/files/0'), 'utf8')).toBe('new');
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 0 });
    expect(await readFile(at('configs/sac_config.json'), 'utf8')).toBe('new');
    expect((await stat(at('configs/sac_config.json'))).mode & 0o777).toBe(0o640);
    await expect(stat(at("configs/it's new.json"))).rejects.toThrow();
    expect(await must(`ls -A ${at('configs')}`)).toBe('sac_config.json\n');
  });

  it('keeps the first old file when the step is tried again', async () => {
    const work = workOf(await planned(backupRestore, 'config', where));
    await must(work.command);
    await must(work.command);
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 0 });
    expect(await readFile(at('configs/sac_config.json'), 'utf8')).toBe('new');
  });

  it('names a backup that is corrupt, missing or not listed before anything is changed', async () => {
    await writeFile(join(folder(), 'sac_config.json'), 'rotten');
    await rm(join(folder(), "it's new.json"));
    const problems = (await planned(backupRestore, 'config', where)).problems?.map((one) => one.what);
    expect(problems).toEqual([expect.stringContaining('sac_config.json is corrupt'), expect.stringContaining("it's new.json is missing")]);
    await rm(at('backups/v0.1.0/MANIFEST.sha256'));
    expect((await planned(backupRestore, 'config', where)).problems?.[0]?.what).toContain('does not list configs/sac_config.json');
  });

  it('changes nothing when the backup went bad, or the file changed, after the plan', async () => {
    const work = workOf(await planned(backupRestore, 'config', where));
    await writeFile(join(folder(), "it's new.json"), 'rotten since');
    expect(await perform(work)).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(await readFile(at('configs/sac_config.json'), 'utf8')).toBe('new');
    await writeFile(at('configs/sac_config.json'), 'newer');
    expect(await perform(work)).toMatchObject({ stage: 'guard', exitCode: 1 });
  });

  it('warns of an old backup', async () => {
    const past = new Date(Date.now() - 3 * 86_400_000);
    await utimes(at('backups/v0.1.0/MANIFEST.sha256'), past, past);
    expect((await planned(backupRestore, 'config', where)).warnings?.[0]).toContain('3 days old');
  });
});

/** Everything below a directory, with type, mode and content. */
const listing = (path: string) =>
  must(
    `cd ${at(path)} && find . -path ./.git -prune -o -printf '%p %y %m %l\\n' | sort && find . -path ./.git -prune -o -type f -exec sha256sum {} + | sort`,
  );

const models = { name: 'models', dir: 'models', names: ['sac_*.pkl'], ignore: [] };

describe('backup.restore of patterns', () => {
  beforeEach(async () => {
    where = whereOf({ dir: at(''), keep: join(dir, 'keep'), system: { files: { config, models }, backups: rules } });
    await mkdir(at('backups/v0.1.0/models'), { recursive: true });
    await writeFile(at('backups/v0.1.0/models/sac_policy.pkl'), 'good');
    await writeFile(at('backups/v0.1.0/models/sac_value.pkl'), 'good too');
    await must(`cd ${at('backups/v0.1.0')} && chmod 640 models/sac_value.pkl && sha256sum configs/* models/* > MANIFEST.sha256`);
  });

  it('takes the names from the manifest, sets aside what the backup lacks, and brings all of it back', async () => {
    await mkdir(at('models'));
    await writeFile(at('models/sac_policy.pkl'), 'corrupt');
    await writeFile(at('models/sac_extra one.pkl'), 'corrupt too');
    await writeFile(at('models/readme'), 'not a model');
    await chmod(at('models/sac_extra one.pkl'), 0o604);
    const before = await listing('');
    const plan = await planned(backupRestore, 'models', where);
    expect(plan.problems).toEqual([]);
    expect(plan.warnings).toEqual(['not in the backup of v0.1.0, so set aside and kept: models/sac_extra one.pkl']);
    const work = workOf(plan);
    expect(work.to).toMatch(/^models\/sac_policy.pkl sha256 \w{12}, models\/sac_value.pkl sha256 \w{12}, models\/sac_extra one.pkl set aside$/);
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`cd ${at('models')} && cat sac_* && ls`)).toBe('goodgood tooreadme\nsac_policy.pkl\nsac_value.pkl\n');
    expect((await stat(at('models/sac_value.pkl'))).mode & 0o777).toBe(0o640);
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('')).toBe(before);
  });

  it('makes a directory that is not there, and takes it away again', async () => {
    const before = await listing('');
    const work = workOf(await planned(backupRestore, { group: 'models', from: 'models' }, where));
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`cat ${at('models')}/*`)).toBe('goodgood too');
    expect(await shell(work.restore ?? '')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('')).toBe(before);
  });

  it('finds a group of another place in the folder that is named', async () => {
    const elsewhere = { name: 'models', dir: join(dir, 'var/lib/models'), names: ['sac_*.pkl'], ignore: [] };
    where = whereOf({ dir: at(''), keep: join(dir, 'keep'), system: { files: { models: elsewhere }, backups: rules } });
    expect((await planned(backupRestore, 'models', where)).problems?.[0]?.what).toContain('lists nothing for');
    const work = workOf(await planned(backupRestore, { group: 'models', from: 'models' }, where));
    expect(await perform(work)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await readFile(join(dir, 'var/lib/models/sac_policy.pkl'), 'utf8')).toBe('good');
  });

  it('names what is missing or corrupt, and refuses what came to the host after the plan', async () => {
    const work = workOf(await planned(backupRestore, 'models', where));
    await mkdir(at('models'));
    await writeFile(at('models/sac_new.pkl'), 'new');
    expect(await perform(work)).toMatchObject({ stage: 'guard', exitCode: 1 });
    await rm(at('backups/v0.1.0/models/sac_policy.pkl'));
    await writeFile(at('backups/v0.1.0/models/sac_value.pkl'), 'rotten');
    expect((await planned(backupRestore, 'models', where)).problems?.map(({ what }) => what)).toEqual([
      'the backup backups/v0.1.0/models/sac_policy.pkl is missing',
      "the backup backups/v0.1.0/models/sac_value.pkl is corrupt: its checksum is not the manifest's",
    ]);
    await writeFile(at('backups/v0.1.0/MANIFEST.sha256'), `${'a'.repeat(64)}  models/../../../etc/sac_x.pkl\n`);
    expect((await planned(backupRestore, 'models', where)).problems?.[0]?.what).toBe(
      "the backup's manifest lists nothing for models/sac_*.pkl (or cannot be read)",
    );
  });
});

describe('recording a release', () => {
  const recorded = () => {
    const work = recordBackup(where);
    if (work === undefined) throw new Error('nothing is recorded');
    return work;
  };
  const read = async (): Promise<Reading[]> => {
    const readings: Reading[] = [];
    for (const probe of recordProbes(where)) readings.push(await shell(probe, gitEnv));
    return readings;
  };

  beforeEach(async () => {
    where = whereOf({
      dir: at(''),
      keep: join(dir, 'keep'),
      role: { python: 'python3' },
      target: { version: 'v0.2.0' },
      system: { files: { config, models }, backups: rules },
    });
    await mkdir(at('models/deep'), { recursive: true });
    await writeFile(at('models/sac_b c.pkl'), 'model');
    await writeFile(at('models/other'), 'other');
    await writeFile(at('real.json'), 'linked');
    await must(`cd ${at('configs')} && ln -s ../real.json "it's new.json"`);
  });

  it('copies the groups with a manifest that backup.restore can use, and does nothing the second time', async () => {
    expect(await perform(recorded())).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`cd ${at('backups')} && ls -A && cd v0.2.0 && sha256sum -c MANIFEST.sha256 && find . ! -type d ! -type f`)).toBe(
      "v0.1.0\nv0.2.0\nconfigs/it's new.json: OK\nconfigs/sac_config.json: OK\nmodels/sac_b c.pkl: OK\n",
    );
    expect((await stat(at('backups/v0.2.0/configs/sac_config.json'))).mode & 0o777).toBe(0o640);
    const first = await listing('backups');
    const again = await perform(recorded());
    expect(again).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(again.output).toContain('has these files already');
    expect(await listing('backups')).toBe(first);
    await writeFile(at('models/sac_b c.pkl'), 'corrupt');
    await rm(at('configs/sac_config.json'));
    for (const group of ['models', 'config'])
      expect(await perform(workOf(await planned(backupRestore, group, where)))).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must(`cat ${at('models')}/sac_* ${at('configs/sac_config.json')}`)).toBe('modelnew');
  });

  it('never overwrites another backup of the release, nor one that is broken', async () => {
    await perform(recorded());
    await writeFile(at('models/sac_b c.pkl'), 'trained since');
    const first = await listing('backups');
    const refused = await perform(recorded());
    expect(refused).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(refused.output).toContain('the backup of v0.2.0 is another, and is not overwritten; not in it as they are here: models/sac_b c.pkl');
    expect(await listing('backups')).toBe(first);
    await writeFile(at('models/sac_b c.pkl'), 'model');
    await writeFile(at('backups/v0.2.0/models/sac_b c.pkl'), 'rotten');
    expect((await perform(recorded())).output).toContain('is corrupt; nothing was recorded');
    await rm(at('backups/v0.2.0/MANIFEST.sha256'));
    expect((await perform(recorded())).output).toContain('is there without a manifest');
    expect(await must(`ls -A ${at('backups')}`)).toBe('v0.1.0\nv0.2.0\n');
  });

  it('leaves nothing where there is nothing, or where it cannot be written', async () => {
    await must(`rm -r ${at('models')} ${at('configs')} ${at('backups')}`);
    expect(await perform(recorded())).toMatchObject({ stage: 'verify', exitCode: 0, output: 'nothing of config, models is here to be recorded\n' });
    expect(recordBackup(whereOf({ dir: at(''), keep: join(dir, 'keep'), system: { files: { config }, backups: { ...rules, record: [] } } }))).toBe(
      undefined,
    );
    await mkdir(at('models'));
    await writeFile(at('models/sac_a.pkl'), 'a');
    await writeFile(at('backups'), 'in the way');
    expect((await perform(recorded())).output).toContain('cannot write to ./backups');
  });

  it('reads commit, packages, checksums and the folder of a whole backup; what is not there is left out', async () => {
    await must(`cd ${at('')} && git init -q && git add real.json && git commit -q -m one`, gitEnv);
    await perform(recorded());
    const record = parseRecord(await read());
    expect(record).toEqual({
      commit: (await must(`git -C ${at('')} rev-parse HEAD`)).trim(),
      packages: expect.arrayContaining([expect.stringMatching(/^[\w.-]+(==| @ )/)]),
      files: {
        'configs/sac_config.json': (await must(`sha256sum < ${at('configs/sac_config.json')}`)).slice(0, 64),
        "configs/it's new.json": (await must(`sha256sum < ${at('real.json')}`)).slice(0, 64),
        'models/sac_b c.pkl': (await must(`sha256sum < "${at('models/sac_b c.pkl')}"`)).slice(0, 64),
      },
      backup: at('backups/v0.2.0'),
    });
    await writeFile(at('backups/v0.2.0/models/sac_b c.pkl'), 'rotten');
    await must(`rm -r ${at('.git')} ${at('models')} ${at('configs')}`);
    where = whereOf({ dir: at(''), keep: join(dir, 'keep'), target: { version: 'v0.2.0' }, system: where.system });
    expect(parseRecord(await read())).toEqual({});
  });
});
