import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SampleLab, startSamples } from '../../../lab/samples/start.ts';
import type { Reading } from '../../../src/domain/host.ts';
import type { Where } from '../../../src/domain/step.ts';
import type { FileGroup, Role, System } from '../../../src/domain/system.ts';
import { gone } from '../../../src/proofs/gone.ts';
import { stopped } from '../../../src/proofs/stopped.ts';
import { recordBackup } from '../../../src/steps/backup-record.ts';
import { backupRestore } from '../../../src/steps/backup-restore.ts';
import { parseRecord, recordProbes } from '../../../src/steps/record.ts';
import { remove } from '../../../src/steps/remove.ts';
import { must, perform, planned, proven, shell, whereOf, workOf } from './planner.ts';

let samples: SampleLab;

/** Runs as the login user of a lab host, as its sshd would start it. */
const on =
  (name: 'dev-1' | 'prod-1' | 'ec2-1', user: string) =>
  async (text: string): Promise<Reading> =>
    samples.lab.exec(name, `export HOME=/home/${user}; ${text}`, { user, timeoutMs: 120_000 });

beforeAll(async () => {
  samples = await startSamples(['dev-1', 'prod-1', 'ec2-1']);
}, 600_000);
afterAll(() => samples?.stop(), 60_000);

const group = (name: string, dir: string, ...names: string[]): FileGroup => ({ name, dir, names, ignore: ['__pycache__'] });
const placeOf = (dir: string, step: string, system: Partial<System>, role: Partial<Role> = {}, version = 'v0.2.0'): Where =>
  whereOf({ dir, keep: `/home/deploy/.rollback-bot/kept/sac-42/${step}`, role, system, target: { version } });

/** Every file, link and directory of the places, with type, mode, owner, time of files, and content. Read by root. */
const listing = async (host: 'dev-1' | 'prod-1', ...places: string[]) => {
  const seen = await samples.lab.exec(
    host,
    `for p in ${places.join(' ')}; do find "$p" \\( -type d -printf '%p %y %m %U:%G\\n' -o -printf '%p %y %m %U:%G %T@ %l\\n' \\); find "$p" -type f -exec sha256sum {} +; done | sort`,
  );
  return seen.stdout;
};

describe("the document's removal list for production, as the login user of prod-1", () => {
  const runs = on('prod-1', 'deploy');
  const places = ['/opt/trade-agent/sac', '/etc/trade-agent', '/var/log/trade-agent/sac', '/var/lib/trade-agent/sac'];
  const files = {
    installed: group('installed', '/opt/trade-agent/sac', 'sac_agent.py', 'sac_features.py', '__init__.py'),
    settings: group('settings', '/etc/trade-agent', 'sac_config.json'),
    logs: group('logs', '/var/log/trade-agent/sac', '*.log'),
    state: group('state', '/var/lib/trade-agent/sac', 'models/', 'reports/'),
  };
  const where = placeOf('/opt/trade-agent', '5', { files });

  it('is removed whole while its owners are others, proven gone, and put back byte for byte', async () => {
    expect(await proven(stopped, { stopped: 'sac-agent-service' }, where, runs)).toMatchObject({ ok: false, found: 'active, 1 process' });
    const plan = await planned(remove, { groups: Object.keys(files), keep: '14d' }, where, runs);
    expect(plan).toMatchObject({ problems: [], warnings: [] });
    const work = workOf(plan);
    expect(work.from.split('\n')).toHaveLength(9);
    for (const name of Object.keys(files)) expect((await proven(gone, { gone: name }, where, runs)).ok, name).toBe(false);
    await must('sudo -n systemctl stop sac-agent-service', runs);
    expect(await proven(stopped, { stopped: 'sac-agent-service' }, where, runs)).toMatchObject({ ok: true, found: 'inactive, no process' });
    const before = await listing('prod-1', ...places);
    // The stop wrote a last line into the log since the plan was made.
    const done = await perform(work, runs);
    expect(done, done.output).toMatchObject({ stage: 'verify', exitCode: 0 });
    for (const name of Object.keys(files)) expect((await proven(gone, { gone: name }, where, runs)).ok, name).toBe(true);
    expect(await must(`ls ${places[0]}`, runs)).toBe('sac_replay.py\n');
    expect(await shell(work.restore ?? '', runs)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('prod-1', ...places)).toBe(before);
  });

  it('a process that was started by hand keeps the unit from counting as stopped', async () => {
    const unit = 'sac-agent-service';
    const line = (
      await must(`systemctl show -p ExecStart --value ${unit} | sed -n '1s/.* argv\\[\\]=\\(.*\\) ; ignore_errors=.*/\\1/p'`, runs)
    ).trim();
    const started = await samples.lab.exec('prod-1', `cd /var/lib/trade-agent/sac && { setsid ${line} >/dev/null 2>&1 & echo $!; }`);
    expect(await proven(stopped, { stopped: unit }, where, runs)).toMatchObject({ ok: false, found: 'inactive, 1 process' });
    await samples.lab.exec('prod-1', `kill ${started.stdout.trim()}; while kill -0 ${started.stdout.trim()} 2>/dev/null; do sleep 0.1; done`);
    expect((await proven(stopped, { stopped: unit }, where, runs)).ok).toBe(true);
  });
});

describe('dev-1', () => {
  const runs = on('dev-1', 'deploy');
  const files = {
    config: group('config', 'configs', 'sac_config.json'),
    models: group('models', 'models', 'sac_*.pkl'),
    reports: group('reports', 'reports', 'sac_*.html'),
  };
  const system = { files, backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000_000, record: ['config', 'models'] } };
  const role = { python: '.venv/bin/python' };
  const at = (step: string, version: string) => placeOf('/srv/trade-agent', step, system, role, version);

  it('recovers the models of v0.1.0 from its backup, those that it lacks set aside, and comes back', async () => {
    const before = await listing('dev-1', '/srv/trade-agent/models', '/srv/trade-agent/backups');
    await must('cd /srv/trade-agent && echo corrupt > models/sac_broken.pkl', runs);
    const broken = await listing('dev-1', '/srv/trade-agent/models');
    const plan = await planned(backupRestore, { group: 'models', from: 'models' }, at('20', 'v0.1.0'), runs);
    expect(plan.problems).toEqual([]);
    expect(plan.warnings?.[0]).toContain('models/sac_broken.pkl');
    expect(await perform(workOf(plan), runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must('cd /srv/trade-agent && ls models/sac_* && python3 scripts/validate_data_integrity.py', runs)).toMatch(
      /^models\/sac_policy.pkl\ndata integrity passed: 1 models/,
    );
    expect(await shell(workOf(plan).restore ?? '', runs)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('dev-1', '/srv/trade-agent/models')).toBe(broken);
    await must('rm /srv/trade-agent/models/sac_broken.pkl', runs);
    expect((await listing('dev-1', '/srv/trade-agent/models', '/srv/trade-agent/backups')).replaceAll(/ d .*\n/g, '')).toBe(
      before.replaceAll(/ d .*\n/g, ''),
    );
  });

  it('records v0.2.0 with its backup, and refuses to overwrite the other one of v0.1.0', async () => {
    const done = await perform(recordBackup(at('x', 'v0.2.0')) ?? workOf({ work: { type: 'announce', template: 'initial' } }), runs);
    expect(done, done.output).toMatchObject({ stage: 'verify', exitCode: 0 });
    const readings: Reading[] = [];
    for (const probe of recordProbes(at('x', 'v0.2.0'))) readings.push(await shell(probe, runs));
    expect(parseRecord(readings)).toMatchObject({
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      packages: expect.arrayContaining([expect.stringMatching(/^trade-agent-sac(==0.2.0| @ )/)]),
      files: { 'configs/sac_config.json': expect.any(String), 'models/sac_policy.pkl': expect.any(String) },
      backup: '/srv/trade-agent/backups/v0.2.0',
    });
    expect((await perform(recordBackup(at('x', 'v0.1.0')) ?? workOf({ work: { type: 'announce', template: 'initial' } }), runs)).output).toContain(
      'the backup of v0.1.0 is another, and is not overwritten',
    );
  });

  it('removes models and reports of its own user, and brings them back', async () => {
    const before = await listing('dev-1', '/srv/trade-agent/models', '/srv/trade-agent/reports');
    const work = workOf(await planned(remove, { groups: ['models', 'reports'] }, at('6', 'v0.2.0'), runs));
    expect(await perform(work, runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await must('cd /srv/trade-agent && ls -d models reports 2>/dev/null || :', runs)).toBe('');
    expect(await shell(work.restore ?? '', runs)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await listing('dev-1', '/srv/trade-agent/models', '/srv/trade-agent/reports')).toBe(before);
  });
});

it('the running image of ec2-1 is recorded by reference and id', async () => {
  const runs = on('ec2-1', 'ubuntu');
  const compose = { file: 'docker/docker-compose.yml', service: 'agentrader' };
  const where = placeOf('/home/ubuntu/aGENtrader', 'x', { name: 'agentrader' }, { compose });
  const readings: Reading[] = [];
  for (const probe of recordProbes(where)) readings.push(await shell(probe, runs));
  const id = (await must("docker image inspect --format '{{.Id}}' agentrader:v0.2.0", runs)).trim();
  expect(parseRecord(readings)).toEqual({ commit: expect.any(String), image: { reference: 'agentrader:v0.2.0', id } });
});
