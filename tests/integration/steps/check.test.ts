import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TreeFile } from '../../../src/domain/release.ts';
import type { Where } from '../../../src/domain/step.ts';
import type { RunbookStep } from '../../../src/domain/system.ts';
import { check } from '../../../src/steps/check.ts';
import { must, perform, planned, tempDir, whereOf, workOf } from './planner.ts';
import { gitEnv, makeSample, type Sample } from './repository.ts';

let dir: string;
let remove: () => Promise<void>;
let sample: Sample;

const step = (kind: string, params: unknown): RunbookStep => ({ id: kind, name: kind, kind, params, on: 'prod' });
const all = ['state', 'backups', 'release', 'dependencies', 'disk', 'tools', 'access'];

function place(steps: RunbookStep[], parts: Partial<Parameters<typeof whereOf>[0]> = {}): Where {
  return whereOf({
    dir: sample.clone,
    keep: join(dir, 'keep'),
    target: { commit: sample.old },
    role: { python: 'python3' },
    system: {
      runbook: [{ name: 'one', estimateMs: 1, testsFromTarget: false, steps }],
      files: { config: { name: 'config', dir: 'configs', names: ['sac_config.json'], ignore: [] } },
      backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000, record: [] },
    },
    ...parts,
  });
}

beforeEach(async () => {
  ({ dir, remove } = await tempDir());
  sample = await makeSample(dir);
  await mkdir(join(sample.clone, 'backups/v0.1.0/configs'), { recursive: true });
  await writeFile(join(sample.clone, 'backups/v0.1.0/configs/sac_config.json'), '{}');
  await must(`cd ${sample.clone}/backups/v0.1.0 && sha256sum configs/* > MANIFEST.sha256`);
});
afterEach(() => remove());

describe('check', () => {
  it('finds nothing wrong where all is well, and says what it saw', async () => {
    const plan = await planned(check, all, place([step('git.restore', { group: 'config' }), step('backup.restore', { group: 'config' })]), gitEnv);
    expect(plan.problems).toEqual([]);
    expect(plan.warnings).toContainEqual(expect.stringContaining('uncommitted work is there'));
    const done = await perform(workOf(plan), gitEnv);
    expect(done.exitCode).toBe(0);
    for (const said of ['ok state: HEAD is v0.2.0', 'ok backups: the backup of v0.1.0 is whole', 'ok release: v0.1.0', 'ok tools: git', 'ok disk:'])
      expect(done.output).toContain(said);
  });

  it('names a corrupt backup, a release that cannot be had and rights that are missing, and fails as a step', async () => {
    await writeFile(join(sample.clone, 'backups/v0.1.0/configs/sac_config.json'), 'rotten');
    const steps = [step('git.restore', 'config'), step('backup.restore', 'config'), step('systemd.stop', { unit: 'no-such-unit' })];
    const plan = await planned(check, all, place(steps, { target: { commit: 'b'.repeat(40), tag: 'v9', version: 'v0.1.0' } }), gitEnv);
    const what = plan.problems?.map((one) => one.what).join('\n');
    expect(what).toMatch(/backups: corrupt: configs\/sac_config.json: FAILED/);
    expect(what).toContain('release: the origin of the clone has no v0.1.0');
    expect(plan.problems?.every((one) => one.advice !== '')).toBe(true);
    const done = await perform(workOf(plan), gitEnv);
    expect(done.exitCode).toBe(1);
    expect(done.output).toContain('FAIL backups: corrupt');
  });

  it('knows a release that only the origin has', async () => {
    await must(`cd ${sample.work} && git commit -q --allow-empty -m later && git tag -a v0.3.0 -m three && git push -q --tags`, gitEnv);
    const commit = (await must(`git -C ${sample.work} rev-parse v0.3.0^{commit}`, gitEnv)).trim();
    const where = place([step('git.fetch', { what: 'tags' })], { target: { commit, tag: 'v0.3.0', version: 'v0.3.0' } });
    expect((await planned(check, ['release'], where, gitEnv)).problems).toEqual([]);
    await must(`git -C ${sample.clone} remote set-url origin ${dir}/nowhere`, gitEnv);
    expect((await planned(check, ['release'], where, gitEnv)).problems?.[0]?.what).toContain('its origin does not answer');
  });

  it('asks nothing of a clone where no step needs one, and names a missing directory', async () => {
    const elsewhere = place([step('collect', { journal: 'u' })], { dir });
    expect((await planned(check, ['state', 'release', 'backups', 'access'], elsewhere, gitEnv)).problems).toEqual([]);
    const missing = await planned(check, ['state'], place([], { dir: join(dir, 'nowhere') }), gitEnv);
    expect(missing.problems?.[0]).toMatchObject({
      what: expect.stringContaining('there is no directory'),
      advice: expect.stringContaining('make it'),
    });
  });

  it('asks what measures read, monitoring and APIs: a dead API warns, dead monitoring is a problem', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) =>
      response.writeHead(asked.push(request.url ?? '') > 0 && request.url === '/broken' ? 500 : 200).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const items = [
      { name: 'a', metric: 'a', at: `${url}/metrics` },
      { name: 'b', prometheus: 'up', at: `${url}/` },
      { name: 'c', metric: 'c', at: 'http://127.0.0.1:1/metrics' },
    ];
    const where = place([step('measure', items)]);
    const given = [
      'monitoring',
      { monitoring: `${url}/broken` },
      { monitoring: `${url}/well` },
      { api: 'http://127.0.0.1:1/api' },
      { api: `${url}/api` },
    ];
    const plan = await planned(check, given, where, gitEnv);
    await new Promise((resolve) => server.close(resolve));
    expect(asked).toEqual(['/metrics', '/api/v1/query?query=1', '/broken', '/well', '/api']);
    expect(plan.problems?.map((one) => one.what)).toEqual([`monitoring: ${url}/broken answers 500`]);
    expect(plan.warnings).toEqual(['monitoring: http://127.0.0.1:1/metrics does not answer', 'api: http://127.0.0.1:1/api does not answer']);
  });

  it('names uncommitted work, other dependencies, and an origin that is away: a problem only where a step fetches', async () => {
    await must(
      `cd ${sample.clone} && echo x > "left behind" && echo y >> configs/sac_config.json && git remote set-url origin ${dir}/nowhere`,
      gitEnv,
    );
    const release = { tags: 'v*', commits: 10, keep: 5, dependencies: ['configs/sac_config.json'] };
    const restores = place([step('git.restore', 'config')]);
    const where = { ...restores, system: { ...restores.system, release } };
    const plan = await planned(check, ['state', 'dependencies', 'access'], where, gitEnv);
    expect(plan.problems).toEqual([]);
    const warned = plan.warnings?.join('\n');
    expect(warned).toContain('uncommitted work is there and will be kept: configs/sac_config.json');
    expect(warned).toContain('"left behind"');
    expect(warned).toContain('v0.1.0 has other dependencies than what is checked out: configs/sac_config.json');
    expect(warned).toContain("the clone's origin does not answer");
    const fetching = await planned(check, ['access'], place([step('git.fetch', 'tags')]), gitEnv);
    expect(fetching.problems?.[0]).toMatchObject({
      what: expect.stringContaining("the clone's origin does not answer"),
      advice: expect.stringContaining('deploy key'),
    });
  });

  it('takes the names of the target’s own example, and tells a low disk what could be freed', async () => {
    await must(`cd ${sample.work} && echo A=1 > env.example && git add -A && git commit -q -m env && git push -q origin HEAD:env`, gitEnv);
    const commit = (await must(`git -C ${sample.work} rev-parse HEAD`, gitEnv)).trim();
    await must(`cd ${sample.clone} && git fetch -q origin env && printf 'B=1\\nC=1\\n' > env.example && printf 'B=secret-value\\n' > .env`, gitEnv);
    const role = { python: 'python3', compose: { file: 'docker-compose.yml', service: 's', envFile: '.env', envExample: 'env.example' } };
    const atTarget = await planned(check, ['variables'], place([], { role, target: { commit } }), gitEnv);
    expect(atTarget.problems?.[0]?.what).toBe('variables: .env lacks what v0.1.0 needs: A (missing)');
    const without = await planned(check, ['variables'], place([], { role }), gitEnv);
    expect([without.problems, without.warnings]).toEqual([
      [],
      ['variables: .env could not be compared: v0.1.0 has no env.example, or is not fetched yet'],
    ]);
    const [mode, , blob] = (await must(`git -C ${sample.work} ls-tree HEAD env.example`, gitEnv)).split(/\s/);
    const notFetched = { ...place([], { role, target: { commit: 'b'.repeat(40) } }), targetTree: [{ path: 'env.example', mode, blob } as TreeFile] };
    expect((await planned(check, ['variables'], notFetched, gitEnv)).problems?.[0]?.what).toBe(
      'variables: .env lacks what v0.1.0 needs: A (missing)',
    );
    const bin = join(dir, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'df'), '#!/bin/sh\necho head; echo "d 1 1 92160 1% /"\n');
    await writeFile(join(bin, 'docker'), "#!/bin/sh\ncase $* in 'system df'*) echo 'Images 4.1GB (80%)'; echo 'Build Cache 0B' ;; esac\n");
    for (const name of ['df', 'docker']) await chmod(join(bin, name), 0o755);
    const low = await planned(check, ['disk'], place([], { role }), { ...gitEnv, PATH: `${bin}:${process.env.PATH ?? ''}` });
    expect(low.problems?.[0]?.what).toMatch(/^disk: 90 MB are free at .*; could be freed: unused images 4\.1GB \(80%\)/);
  });
});
