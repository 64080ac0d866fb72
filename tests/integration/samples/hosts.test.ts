import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Pipeline, startPipeline } from '../../../lab/pipeline/server.ts';
import { sshDeploy } from '../../../lab/pipeline/ssh-deploy.ts';
import { git } from '../../../lab/samples/git.ts';
import { run } from '../../../lab/samples/run.ts';
import { type SampleLab, startSamples } from '../../../lab/samples/start.ts';
import { sh } from '../../../src/domain/sh.ts';

// Whole hosts on two cores beside other work: a limit for what hangs, not a measure of speed.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let samples: SampleLab;
let pipeline: Pipeline;

beforeAll(async () => {
  samples = await startSamples(['dev-1', 'prod-1', 'prod-2', 'ec2-1']);
  const { lab, pipelineKeyFile, repositories } = samples;
  const deploy = sshDeploy({ hosts: lab.hosts, knownHostsFile: lab.knownHostsFile, privateKeyFile: pipelineKeyFile });
  pipeline = await startPipeline({ token: 't', repositories: { 'acme/trade-agent': repositories['trade-agent'] }, deploy });
});

afterAll(async () => {
  await pipeline?.stop();
  await samples?.stop();
});

/** As a person would: the system's ssh, as the host's ordinary user. Answers exit status and all output. */
async function ssh(name: string, command: string): Promise<{ ok: boolean; text: string }> {
  const { port, user } = samples.lab.host(name);
  const options = [`UserKnownHostsFile=${samples.lab.knownHostsFile}`, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((o) => ['-o', o]);
  const args = ['-F', '/dev/null', ...options, '-i', samples.lab.privateKeyFile, '-p', String(port), `${user}@127.0.0.1`, `{ ${command}\n} 2>&1`];
  return run('ssh', args).then(
    ({ stdout }) => ({ ok: true, text: stdout.trim() }),
    (error: Error) => ({ ok: false, text: error.message }),
  );
}

const must = async (name: string, command: string): Promise<string> => {
  const { ok, text } = await ssh(name, command);
  expect(ok, `${name}: ${command}\n${text}`).toBe(true);
  return text;
};

const curl = (name: string, url: string) => must(name, `curl -s -w ' %{http_code}' ${url}`);

/** `blob path` of every file below a directory of a host, hashed by git itself; names that git ignores included. */
const blobs = (name: string, dir: string) =>
  must(name, `cd ${dir} && find . -type f | sort | while read -r f; do echo "$(git hash-object --no-filters "$f") $f"; done`);

const released = async (ref: string, dir: string) => {
  const listed = await git(samples.repositories['trade-agent'], ['ls-tree', '-r', '--format=%(objectname) ./%(path)', `${ref}:${dir}`]);
  return listed.split('\n').sort(byPath).join('\n');
};
const byPath = (a: string, b: string) => (a.slice(41) < b.slice(41) ? -1 : 1);

describe('sac before the rollback', () => {
  it.each(['prod-1', 'prod-2'])('%s runs v0.2.0, fails its health check and says why in the journal', async (host) => {
    expect(await curl(host, 'localhost:8080/health')).toMatch(/"failing", "reason": "orders rejected: .*tick size.*"version": "0\.2\.0"}\s+503$/);
    await vi.waitFor(async () => expect(await must(host, 'journalctl -u sac-agent-service --since -30m')).toContain('ERROR orders rejected'), 10_000);
    expect(await blobs(host, '/opt/trade-agent/sac')).toBe(await released('v0.2.0', 'src/rl/sac'));
    expect(await must(host, 'systemctl show -p User --value sac-agent-service; stat -c %U /var/log/trade-agent/sac/agent.log')).toBe(
      'trade-agent\ntrade-agent',
    );
    const metrics = await curl(host, 'localhost:8080/metrics');
    expect(Number(/^sac_error_rate_percent (.*)$/m.exec(metrics)?.[1])).toBeGreaterThan(50);
    expect(Number(/^sac_latency_p95_ms (.*)$/m.exec(metrics)?.[1])).toBeGreaterThan(250);
  });

  it('lets the user do only what the sudo rules say', async () => {
    expect((await ssh('prod-1', 'sudo -n systemctl stop ssh')).ok).toBe(false);
    expect((await ssh('prod-1', 'sudo -n /srv/deploy/deploy.sh v0.1.0')).ok).toBe(false);
    for (const place of ['/opt/trade-agent', '/opt/trade-agent/.venv', '/var/lib/trade-agent', '/etc'])
      expect((await ssh('prod-1', `touch ${place}/x`)).ok, place).toBe(false);
    expect((await ssh('dev-1', 'sudo -n true')).ok).toBe(false);
  });

  it('has on production a model, a report and a log that its user may take away, and may not write', async () => {
    const listed = await must(
      'prod-1',
      'cd / && ls -d var/lib/trade-agent/sac/models/sac_*.pkl var/lib/trade-agent/sac/reports/sac_*.html var/log/trade-agent/sac/*.log',
    );
    const files = [...listed.split('\n').map((file) => `/${file}`), '/opt/trade-agent/sac/sac_agent.py', '/etc/trade-agent/sac_config.json'];
    expect(files).toHaveLength(5);
    for (const file of files) {
      expect((await ssh('prod-1', `echo x >>${file}`)).ok, file).toBe(false);
      const before = await must(
        'prod-1',
        `stat -c '%A %U %G' ${file} $(dirname ${file}) && stat -c %y ${file} && mv ${file} ~/taken && stat -c '%A %U' ~/taken && mv ~/taken ${file}`,
      );
      expect(before).toMatch(/^-rw[x-]r-[x-]r-[x-] (root root|trade-agent trade-agent)\ndrwxrwxr-x \S+ trade-ops\n/);
      expect(await must('prod-1', `stat -c '%A %U %G' ${file}`)).toBe(before.split('\n')[0]);
    }
  });

  it('has a clean clone at v0.2.0 with models, reports and a backup on dev-1', async () => {
    expect(await must('dev-1', 'cd /srv/trade-agent && git describe --tags && git status --porcelain && git remote get-url origin')).toBe(
      'v0.2.0\n/srv/git/trade-agent.git',
    );
    expect(await must('dev-1', 'cd /srv/trade-agent && git fetch --quiet --tags && ls models/sac_*.pkl reports/sac_*.html')).toContain(
      'models/sac_policy.pkl',
    );
    expect(await must('dev-1', 'cd /srv/trade-agent/backups/v0.1.0 && sha256sum -c MANIFEST.sha256')).toMatch(/configs\/sac_config.json: OK/);
  });

  it("passes v0.2.0's own tests, which is how it got out", async () => {
    expect(await must('dev-1', 'cd /srv/trade-agent && .venv/bin/pytest -q')).toMatch(/26 passed/);
  });
});

describe('sac, rolled back by hand as its document says', () => {
  const dev = (command: string) => must('dev-1', `cd /srv/trade-agent && PATH=$PWD/.venv/bin:$PATH && ${command}`);

  it('restores code, configuration and documents on dev-1', async () => {
    await dev('git restore --no-overlay --source v0.1.0 --staged --worktree -- src/rl/sac docs/agents');
    await dev('cp backups/v0.1.0/configs/sac_config.json configs/');
    expect(await dev('python scripts/validate_config.py configs/sac_config.json')).toContain('is valid');
    expect(await dev('python scripts/validate_data_integrity.py')).toContain('data integrity passed: 2 models, 1 backups');
    expect(await blobs('dev-1', '/srv/trade-agent/docs/agents')).toBe(await released('v0.1.0', 'docs/agents'));
  });

  it("passes v0.1.0's tests and scripts, in a work tree of it", async () => {
    await dev('git worktree add --quiet --detach /tmp/target v0.1.0');
    const target = (command: string) => dev(`cd /tmp/target && ${command}`);
    const checks = ['test_env_compatibility', 'smoke_test_sac', 'test_model_persistence', 'test_deterministic'];
    await target('python -c "import src.rl.sac.sac_agent"');
    for (const check of checks) expect(await target(`python scripts/${check}.py`)).toMatch(/passed|compatible/);
    for (const part of ['agent', 'features', 'integration', 'environment', 'acceptance'])
      expect(await target(`pytest tests/rl/sac/test_sac_${part}.py -v`)).toMatch(/\d+ passed/);
    expect(await target('python scripts/validate_config.py configs/sac_config.json')).toContain('is valid');
    await dev('git worktree remove --force /tmp/target');
  });

  it("v0.1.0's validation refuses v0.2.0's configuration", async () => {
    const { ok, text } = await ssh(
      'dev-1',
      'cd /srv/trade-agent && git show v0.1.0:scripts/validate_config.py >/tmp/v.py && git show v0.2.0:configs/sac_config.json >/tmp/c.json && python3 /tmp/v.py /tmp/c.json',
    );
    expect(ok).toBe(false);
    expect(text).toMatch(/schema_version: 2, this release knows 1[\s\S]*order_type: unknown key/);
  });

  it('replaces the package on dev-1', async () => {
    await dev('pip uninstall -q -y trade-agent-sac && pip install -q trade-agent-sac==0.1.0');
    expect(await dev('cd / && python -c "import src.rl.sac; print(src.rl.sac.__version__)"')).toBe('0.1.0');
  });

  it('stops, deploys through the pipeline, and starts on prod-1 alone', async () => {
    await must('prod-1', 'sudo -n systemctl stop sac-agent-service');
    const run = await deploy('prod-1');
    expect(run, run?.log).toMatchObject({ conclusion: 'success' });
    await must('prod-1', 'sudo -n systemctl start sac-agent-service');
    expect(await curl('prod-1', 'localhost:8080/health')).toBe('{"status": "ok", "version": "0.1.0"}\n 200');
    expect(await blobs('prod-1', '/opt/trade-agent/sac')).toBe(await released('v0.1.0', 'src/rl/sac'));
    expect(await blobs('prod-1', '/etc/trade-agent')).toBe(await released('v0.1.0', 'configs'));
    expect(await must('prod-1', '/opt/trade-agent/.venv/bin/python -m pip show trade-agent-sac')).toContain('Version: 0.1.0');
    expect(await curl('prod-2', 'localhost:8080/health')).toContain('"0.2.0"');
    const metrics = await curl('prod-1', 'localhost:8080/metrics');
    expect(Number(/^sac_error_rate_percent (.*)$/m.exec(metrics)?.[1])).toBeLessThan(1);
    expect(Number(/^sac_latency_p95_ms (.*)$/m.exec(metrics)?.[1])).toBeLessThan(250);
  });

  it('deploys the same release again to the same state, and refuses what is no release', async () => {
    const before = await blobs('prod-1', '/opt/trade-agent/sac');
    expect(await deploy('prod-1')).toMatchObject({ conclusion: 'success' });
    expect(await blobs('prod-1', '/opt/trade-agent/sac')).toBe(before);
    for (const release of ['', 'v9.9.9', '--upload-pack=x', 'v0.1.0;id', 'v0.1.0\nx']) {
      const { exitCode, stderr } = await samples.lab.exec('prod-1', sh`sudo -n /srv/deploy/deploy.sh ${release}`, { user: 'pipeline' });
      expect(exitCode, `${release}: ${stderr}`).not.toBe(0);
    }
    expect(await must('prod-1', 'ls -A /opt/trade-agent')).toBe('.deploy.lock\n.venv\nsac');
    expect(await must('prod-1', "stat -c '%A %U %G' /opt/trade-agent/sac")).toBe('drwxrwxr-x root trade-ops');
  });

  it('stops at SIGTERM, long before systemd would kill it', async () => {
    const startedMs = Date.now();
    await must('prod-2', 'sudo -n systemctl stop sac-agent-service');
    expect(Date.now() - startedMs).toBeLessThan(5000);
  });

  async function deploy(host: string) {
    const before = pipeline.runs.length;
    const body = JSON.stringify({ ref: 'v0.1.0', inputs: { host }, return_run_details: true });
    const url = `${pipeline.url}/repos/acme/trade-agent/actions/workflows/deploy.yml/dispatches`;
    expect((await fetch(url, { method: 'POST', headers: { authorization: 'Bearer t' }, body })).status).toBe(200);
    expect(pipeline.runs).toHaveLength(before + 1);
    const run = pipeline.runs[before];
    await run?.ended;
    return run;
  }
});

describe('agentrader', () => {
  const ec2 = (command: string) => must('ec2-1', `cd ~/aGENtrader && ${command}`);
  const validate = () => ssh('ec2-1', 'cd ~/aGENtrader && python3 deployment/validate_deployment.py');

  it('runs v0.2.0, fails, says why, and has no image of v0.1.0', async () => {
    expect(await ec2('git describe --tags --always && git status --porcelain')).toBe('v0.2.0');
    expect(await curl('ec2-1', 'http://localhost:8000/health')).toMatch(/"failing","reason":"market data refused: .*"version":"v0.2.0"}\n 503$/);
    expect(await ec2('docker logs agentrader')).toContain('ERROR market data refused');
    expect(await ec2("docker images --format '{{.Repository}}:{{.Tag}}' agentrader")).toBe('agentrader:v0.2.0');
    expect((await validate()).text).toMatch(/deployment is not valid:\s+health is failing: market data refused/);
  });

  it('is rolled back by hand as its document says', async () => {
    await ec2('git fetch --quiet --all --tags && git checkout --quiet v0.1.0');
    await ec2('cd docker && VERSION=$(git describe --tags --always) docker-compose build --no-cache');
    await ec2('cd docker && docker-compose down && VERSION=$(git describe --tags --always) docker-compose up -d');
    expect(await validate()).toEqual({ ok: true, text: 'deployment is valid' });
    expect(await curl('ec2-1', 'http://localhost:8000/health')).toBe('{"status":"ok","version":"v0.1.0"}\n 200');
    expect(await ec2('docker inspect agentrader')).toMatch(/"AGENTRADER_VERSION=v0\.1\.0"[\s\S]*"version": "v0\.1\.0"/);
    expect(await ec2('git status --porcelain')).toBe('');
  });

  it('has a default version that lies when the build argument is not passed', async () => {
    await ec2('docker build --quiet -t lie -f docker/Dockerfile .');
    expect(await ec2("docker inspect --format '{{.Config.Labels.version}}' lie")).toBe('v0.2.0');
    await ec2('docker rmi lie');
  });

  it('passes its own flow test', async () => {
    expect(await ec2('bash deployment/test_deployment_flow.sh')).toContain('Deployment flow passed');
  });
});
