import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SampleLab, startSamples } from '../../../lab/samples/start.ts';
import type { ContainerSeen, Reading } from '../../../src/domain/host.ts';
import type { AnyStepKind, ShellWork, Where } from '../../../src/domain/step.ts';
import { container } from '../../../src/proofs/container.ts';
import { http } from '../../../src/proofs/http.ts';
import { pythonPackage } from '../../../src/proofs/package.ts';
import { tree } from '../../../src/proofs/tree.ts';
import { unit } from '../../../src/proofs/unit.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { must, perform, planned, proven, shell, whereOf, workOf } from './planner.ts';
import { gitEnv, treeOf } from './repository.ts';

let samples: SampleLab;

/** Runs as the login user of a lab host, as its sshd would start it. */
const on =
  (name: 'dev-1' | 'ec2-1' | 'prod-1', user: string) =>
  async (text: string): Promise<Reading> =>
    samples.lab.exec(name, `export HOME=/home/${user}; ${text}`, { user, timeoutMs: 300_000 });

beforeAll(async () => {
  samples = await startSamples(['dev-1', 'ec2-1', 'prod-1']);
}, 600_000);
afterAll(() => samples?.stop(), 60_000);

const commitOf = async (repository: string, ref: string) => (await must(`git -C ${repository} rev-parse ${ref}^{commit}`, gitEnv)).trim();

async function placeOf(repository: string, parts: Omit<Parameters<typeof whereOf>[0], 'keep'>, keep: string): Promise<Where> {
  const commit = await commitOf(repository, 'v0.1.0');
  return whereOf({ ...parts, keep, target: { commit }, targetTree: await treeOf(repository, commit) });
}

describe('the compose steps on a real host', () => {
  const runs = on('ec2-1', 'ubuntu');
  const given = (keep: string) =>
    placeOf(
      samples.repositories.agentrader,
      {
        dir: '/home/ubuntu/aGENtrader',
        role: { name: 'ec2', python: 'python3', compose: { file: 'docker/docker-compose.yml', service: 'agentrader' } },
        system: { name: 'agentrader', release: { tags: 'v*', commits: 10, image: 'agentrader', keep: 5, dependencies: [] } },
      },
      `/home/ubuntu/keep/${keep}`,
    );
  const containers = async (): Promise<ContainerSeen[]> => {
    const format =
      '{"id":{{json .Id}},"image":{{json .Config.Image}},"imageId":{{json .Image}},"running":{{json .State.Running}},"labels":{{json .Config.Labels}},"env":{{json .Config.Env}}}';
    const lines = await must(`docker ps -a -q | xargs -r docker inspect --format '${format}'`, runs);
    return lines
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const seen = JSON.parse(line) as Omit<ContainerSeen, 'env'> & { env: string[] };
        return {
          ...seen,
          name: '',
          env: Object.fromEntries(seen.env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
        };
      });
  };
  const runsImage = async () => (await containers()).filter((one) => one.running).map((one) => one.image);

  it('rolls back to the target, proves it, and puts everything back', { timeout: 300_000 }, async () => {
    const before = await must(
      'cd ~/aGENtrader && git rev-parse HEAD && git status --porcelain && docker images -q --no-trunc agentrader | sort -u',
      runs,
    );
    expect(await runsImage()).toEqual(['agentrader:v0.2.0']);
    const checked = await planned(stepKinds.check as AnyStepKind, ['state', 'release', 'disk', 'tools', 'access'], await given('check'), runs);
    expect(checked.problems).toEqual([]);
    const steps = [
      ['collect', { containers: 'agentrader' }],
      ['git.fetch', 'tags'],
      ['git.checkout', 'v0.1.0'],
      ['compose.build', {}],
      ['compose.down', {}],
      ['compose.up', {}],
    ] as const;
    const works: ShellWork[] = [];
    for (const [key, params] of steps) {
      const plan = await planned(stepKinds[key] as AnyStepKind, params, await given(key), runs);
      expect({ key, problems: plan.problems ?? [] }).toEqual({ key, problems: [] });
      works.push(workOf(plan));
    }
    for (const [i, work] of works.entries()) {
      const done = await perform(work, runs);
      expect({ step: steps[i]?.[0], ...done }).toMatchObject({ step: steps[i]?.[0], exitCode: 0 });
    }
    const where = await given('proof');
    const proof = container.judge(
      { container: 'agentrader', label: 'version', env: 'AGENTRADER_VERSION' },
      { readings: [], containers: await containers() },
      where,
    );
    expect(proof).toMatchObject({ ok: true, version: 'v0.1.0' });
    expect(await proven(tree, { tree: 'all' }, where, runs)).toMatchObject({ ok: true });
    expect(await proven(http, { http: 'http://localhost:8000/health', version: 'version' }, where, runs)).toMatchObject({ ok: true });
    const watched = workOf(await planned(stepKinds.watch as AnyStepKind, { container: 'agentrader', for: '2s' }, where, runs));
    expect(await perform(watched, runs)).toMatchObject({ exitCode: 0 });
    const again = workOf(await planned(stepKinds['compose.build'] as AnyStepKind, {}, await given('again'), runs));
    expect(again.from).toBe(again.to);
    for (const work of works.reverse()) {
      const undone = await shell(work.restore ?? 'true', runs);
      expect(undone).toMatchObject({ exitCode: 0 });
    }
    expect(await runsImage()).toEqual(['agentrader:v0.2.0']);
    expect(
      await must('cd ~/aGENtrader && git rev-parse HEAD && git status --porcelain && docker images -q --no-trunc agentrader | sort -u', runs),
    ).toBe(before);
    expect((await proven(http, { http: 'http://localhost:8000/health', version: 'version' }, where, runs)).version).toBe('v0.2.0');
  });
});

describe('the systemd steps on a real host', () => {
  const runs = on('prod-1', 'deploy');
  const given = () => placeOf(samples.repositories['trade-agent'], { dir: '/opt/trade-agent' }, '/home/deploy/keep');

  it('stops and starts as an ordinary user, and names the sudo rule that is missing', { timeout: 120_000 }, async () => {
    const where = await given();
    expect((await proven(unit, { unit: 'sac-agent-service' }, where, runs)).found).toMatch(/^active, 1 instance, \d+ restarts$/);
    const stop = workOf(await planned(stepKinds['systemd.stop'] as AnyStepKind, 'sac-agent-service', where, runs));
    expect(stop.from).toBe('active');
    expect(await perform(stop, runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect((await proven(unit, { unit: 'sac-agent-service' }, where, runs)).ok).toBe(false);
    const start = workOf(
      await planned(
        stepKinds['systemd.start'] as AnyStepKind,
        'sac-agent-service',
        { ...where, keepDir: '/home/deploy/keep2' as Where['keepDir'] },
        runs,
      ),
    );
    expect(await perform(start, runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    const items = [
      { name: 'cpu', unit: 'sac-agent-service', of: 'cpu' },
      { name: 'memory', unit: 'sac-agent-service', of: 'memory', above: 1 },
      { name: 'p95', metric: 'sac_latency_p95_ms', at: 'http://localhost:8080/metrics' },
    ];
    const measured = await perform(workOf(await planned(stepKinds.measure as AnyStepKind, items, where, runs)), runs);
    expect(measured.exitCode).toBe(0);
    expect(Object.keys(stepKinds.measure?.values?.(measured.output) ?? {})).toEqual(['cpu', 'memory', 'p95']);
    const collected = await perform(workOf(await planned(stepKinds.collect as AnyStepKind, { journal: 'sac-agent-service' }, where, runs)), runs);
    expect(collected.output).toContain('orders rejected');
    const other = await planned(stepKinds['systemd.stop'] as AnyStepKind, 'ssh', where, runs);
    expect(other.problems?.[0]).toMatchObject({
      what: 'deploy may not stop ssh',
      advice: expect.stringContaining('NOPASSWD: /usr/bin/systemctl stop ssh'),
    });
  });
});

describe('the file and package steps on a real host', () => {
  const runs = on('dev-1', 'deploy');
  const files = {
    code: { name: 'code', dir: 'src/rl/sac', names: ['sac_agent.py', 'sac_features.py', '__init__.py'], ignore: ['__pycache__'] },
    config: { name: 'config', dir: 'configs', names: ['sac_config.json'], ignore: [] },
    docs: { name: 'docs', dir: 'docs/agents', names: ['sac_agent.md'], ignore: [] },
  };
  const given = async (keep: string, testsFromTarget = false): Promise<Where> => {
    const role = { name: 'dev', python: '.venv/bin/python', production: false };
    const system = { files, backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 365 * 86_400_000, record: [] } };
    return {
      ...(await placeOf(samples.repositories['trade-agent'], { dir: '/srv/trade-agent', role, system }, `/home/deploy/keep/${keep}`)),
      testsFromTarget,
    };
  };
  const state = () =>
    must(
      'cd /srv/trade-agent && git status --porcelain && git ls-files -s && git ls-files -z | xargs -0 sha256sum 2>&1 && .venv/bin/python -m pip freeze',
      runs,
    );

  it('rolls the clone, its configuration and the package back, and puts them back', { timeout: 300_000 }, async () => {
    const before = await state();
    const steps = [
      ['git.restore', 'code'],
      ['backup.restore', 'config'],
      ['git.restore', 'docs'],
      ['pip.replace', 'trade-agent-sac==0.1.0'],
    ] as const;
    const works: ShellWork[] = [];
    for (const [i, [key, params]] of steps.entries()) {
      const plan = await planned(stepKinds[key] as AnyStepKind, params, await given(`${i}`), runs);
      expect({ key, problems: plan.problems ?? [] }).toEqual({ key, problems: [] });
      expect(await perform(workOf(plan), runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
      works.push(workOf(plan));
    }
    const where = await given('proof');
    for (const name of Object.keys(files)) expect(await proven(tree, { tree: name }, where, runs)).toMatchObject({ ok: true });
    expect(await proven(pythonPackage, { package: 'trade-agent-sac' }, where, runs)).toMatchObject({ ok: true });
    for (const command of [
      'python -c "import src.rl.sac.sac_agent"',
      'pytest tests/rl/sac/test_sac_agent.py -v',
      'python scripts/validate_config.py configs/sac_config.json',
    ]) {
      const done = await perform(workOf(await planned(stepKinds.run as AnyStepKind, command, await given('run', true), runs)), runs);
      expect({ command, ...done }).toMatchObject({ command, exitCode: 0 });
    }
    for (const work of works.reverse()) expect(await shell(work.restore ?? '', runs)).toMatchObject({ exitCode: 0 });
    expect(await state()).toBe(before);
  });
});
