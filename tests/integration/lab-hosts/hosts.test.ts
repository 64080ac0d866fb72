import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { command, docker } from '../../../lab/hosts/docker.ts';
import { type LabHosts, startHosts } from '../../../lab/hosts/hosts.ts';
import { RUN_LABEL } from '../../../lab/hosts/labels.ts';

vi.setConfig({ testTimeout: 60_000 });

let lab: LabHosts;
let startedMs: number;

beforeAll(async () => {
  const from = Date.now();
  lab = await startHosts([
    {
      name: 'prod-1',
      user: 'deploy',
      groups: ['systemd-journal'],
      sudo: ['# restarts only', '/usr/bin/systemctl restart cron-like.service', '/usr/bin/systemctl restart ssh'],
    },
    { name: 'ec2-1', user: 'ubuntu', groups: ['docker'], engine: true },
  ]);
  startedMs = Date.now() - from;
}, 900_000);

afterAll(() => lab?.stop(), 60_000);

test('both hosts are up within seconds', () => {
  expect(startedMs).toBeLessThan(30_000); // 3 s on two idle cores
});

test.each(['prod-1', 'ec2-1'])('%s is a whole machine, entered by key as an ordinary user', async (name) => {
  const seen = await ssh(
    name,
    'id -u; id -un; hostname; systemctl is-system-running; ps -p 1 -o comm=; git --version; python3 --version; systemctl is-active ssh',
  );
  expect(seen.stderr).toBe('');
  const [uid, user, host, state, first, git, python, sshd] = seen.stdout.split('\n');
  expect(Number(uid)).toBeGreaterThanOrEqual(1000);
  expect([user, host, state, first, sshd]).toEqual([lab.host(name).user, name, 'running', 'systemd', 'active']);
  expect(git).toContain('git version');
  expect(python).toContain('Python 3.');
});

test('the tools that the systems need are there', async () => {
  const tools =
    'curl --version; sudo -V; docker --version; docker-compose --version; pytest-3 --version; busybox; python3 -m pip --version; python3 -c "import venv, setuptools, wheel"';
  for (const tool of tools.split('; ')) expect.soft((await ssh('prod-1', `${tool} >/dev/null`)).exitCode, tool).toBe(0);
});

test('the host key is checked, and each host has its own', async () => {
  const other = await mkdtemp(join(tmpdir(), 'lab-hosts-test-'));
  const known = join(other, 'known_hosts');
  await writeFile(
    known,
    `[127.0.0.1]:${lab.host('ec2-1').port} ${(await lab.exec('prod-1', 'cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).stdout}`,
  );
  expect((await ssh('ec2-1', 'true', { known })).stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  await rm(other, { recursive: true });
});

test('nobody enters with a password or as root', async () => {
  const refused = await ssh('prod-1', 'true', { user: 'root' });
  expect(refused.exitCode).toBe(255);
  expect(refused.stderr).toContain('Permission denied (publickey)');
});

test('sudo allows what the spec names and refuses the rest', async () => {
  expect(await ssh('prod-1', 'sudo -n /usr/bin/systemctl restart ssh && systemctl is-active ssh')).toMatchObject({ exitCode: 0, stdout: 'active\n' });
  for (const forbidden of ['/usr/bin/systemctl stop ssh', '/usr/bin/systemctl restart dbus', '/usr/bin/id', 'su'])
    expect(await ssh('prod-1', `sudo -n ${forbidden}`), forbidden).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('password is required'),
    });
  expect((await ssh('ec2-1', 'sudo -n /usr/bin/systemctl restart ssh')).exitCode).toBe(1);
});

test('the inner engine runs containers only where it was asked for', async () => {
  expect((await ssh('prod-1', 'systemctl is-active docker')).stdout).toBe('inactive\n');
  const image = 'mkdir -p /tmp/i/bin && cp /bin/busybox /tmp/i/bin/ && tar -C /tmp/i -c . | docker import - box:1';
  expect(await ssh('ec2-1', image)).toMatchObject({ exitCode: 0 });
  expect(await ssh('ec2-1', 'docker run --rm box:1 /bin/busybox echo inside')).toMatchObject({ exitCode: 0, stdout: 'inside\n' });
  const built = await ssh(
    'ec2-1',
    'cd /tmp/i && printf "FROM box:1\\nARG VERSION=lie\\nLABEL version=\\$VERSION\\nRUN [\\"/bin/busybox\\", \\"true\\"]\\n" > Dockerfile && docker build -q --build-arg VERSION=v1 -t app:1 . && docker inspect -f "{{.Config.Labels.version}}" app:1',
  );
  expect(built.stdout.split('\n')[1]).toBe('v1');
});

test('compose publishes a port that the host itself reaches', async () => {
  const file =
    'version: "3.8"\\nservices:\\n  web:\\n    image: box:1\\n    command: [/bin/busybox, httpd, -f, -p, "8000", -h, /bin]\\n    ports: ["8000:8000"]\\n';
  const up = await ssh(
    'ec2-1',
    `mkdir -p ~/web && cd ~/web && printf '${file}' > docker-compose.yml && docker-compose up -d && curl -sf --retry 20 --retry-all-errors --retry-delay 0 localhost:8000/busybox | wc -c && docker-compose down -t 0`,
  );
  expect(up.exitCode, up.stderr).toBe(0);
  expect(Number(up.stdout.trim())).toBeGreaterThan(100_000);
});

test('sshd down is seen as a closed door, and comes back', async () => {
  await lab.stopSshd('prod-1');
  expect((await ssh('prod-1', 'true')).exitCode).toBe(255);
  await lab.startSshd('prod-1');
  expect((await ssh('prod-1', 'true')).exitCode).toBe(0);
});

test('a paused host is silent and goes on afterwards', async () => {
  await lab.pause('prod-1');
  expect((await ssh('prod-1', 'true', { timeoutS: 1 })).exitCode).toBe(255);
  await lab.unpause('prod-1');
  expect((await ssh('prod-1', 'true')).exitCode).toBe(0);
});

test('a power cut and a boot: new boot id, same key, port, files and inner images; /tmp is empty', async () => {
  const before = (await ssh('ec2-1', 'echo kept > kept; cat /proc/sys/kernel/random/boot_id; journalctl -b -o cat -n 0')).stdout;
  await lab.kill('ec2-1');
  expect((await ssh('ec2-1', 'true')).exitCode).toBe(255);
  await lab.restart('ec2-1');
  const after = await ssh(
    'ec2-1',
    'cat kept; ls /tmp/i 2>/dev/null; docker run --rm box:1 /bin/busybox echo inside; cat /proc/sys/kernel/random/boot_id',
  );
  expect(after.stdout).toMatch(/^kept\ninside\n/);
  expect(after.stdout).not.toContain(before.trim());
});

test('files are copied in, owned by root', async () => {
  await lab.copyIn('prod-1', import.meta.dirname, '/srv/some/where');
  const seen = await lab.exec('prod-1', 'stat -c "%U %n" /srv/some/where/hosts.test.ts; id -un', { user: 'deploy' });
  expect(seen.stdout).toBe('root /srv/some/where/hosts.test.ts\ndeploy\n');
});

test('stop leaves no container, volume or directory', async () => {
  const ids = (await docker('ps', '-q', '--filter', `label=${RUN_LABEL}=${lab.runId}`)).split('\n');
  const volumes = (await docker('inspect', '--format', '{{range .Mounts}}{{.Name}}{{end}}', ...ids)).split('\n');
  expect(volumes.every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
  await lab.stop();
  expect(await docker('ps', '-aq', '--filter', `label=${RUN_LABEL}=${lab.runId}`)).toBe('');
  for (const volume of volumes) expect((await command('docker', ['volume', 'inspect', volume])).exitCode).toBe(1);
  expect((await command('test', ['-e', lab.dir])).exitCode).toBe(1);
});

/** The system's own client, as a person would use it. */
function ssh(name: string, text: string, how: { user?: string; known?: string; timeoutS?: number } = {}) {
  const { address, port, user } = lab.host(name);
  const options = [
    `UserKnownHostsFile=${how.known ?? lab.knownHostsFile}`,
    'GlobalKnownHostsFile=none',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    `ConnectTimeout=${how.timeoutS ?? 10}`,
    'LogLevel=ERROR',
  ];
  return command('ssh', [
    '-F',
    'none',
    '-i',
    lab.privateKeyFile,
    '-p',
    String(port),
    ...options.flatMap((option) => ['-o', option]),
    `${how.user ?? user}@${address}`,
    text,
  ]);
}
