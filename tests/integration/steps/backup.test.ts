import { chmod, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Where } from '../../../src/domain/step.ts';
import { backupRestore } from '../../../src/steps/backup-restore.ts';
import { must, perform, planned, shell, tempDir, whereOf, workOf } from './planner.ts';

let dir: string;
let remove: () => Promise<void>;
let where: Where;
const config = { name: 'config', dir: 'configs', names: ['sac_config.json', "it's new.json"], ignore: [] };
const rules = { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000 };

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
