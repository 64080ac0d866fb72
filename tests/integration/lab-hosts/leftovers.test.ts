import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { docker } from '../../../lab/hosts/docker.ts';
import { type LabHosts, startHosts } from '../../../lab/hosts/hosts.ts';
import { RUN_LABEL } from '../../../lab/hosts/labels.ts';
import { removeLeftovers } from '../../../lab/hosts/leftovers.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const root = fileURLToPath(new URL('../../..', import.meta.url));
let lab: LabHosts | undefined;
afterEach(() => lab?.stop());

test('hosts of a run that was killed are removed, those of a living run stay', async () => {
  lab = await startHosts([{ name: 'alive-1', user: 'deploy' }]);
  const source =
    "import('./lab/hosts/hosts.ts').then((m) => m.startHosts([{ name: 'dead-1', user: 'deploy' }])).then((r) => { console.log(r.runId); setInterval(() => {}, 1e6); });";
  const other = spawn(process.execPath, ['--import', 'tsx', '-e', source], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(other.stdout, 'data')) as [Buffer];
  const otherRun = said.toString().trim();
  expect(await removeLeftovers()).toEqual([]);
  other.kill('SIGKILL');
  await once(other, 'close');
  expect(await removeLeftovers()).toEqual([`rollback-lab-${otherRun}-dead-1`]);
  expect(await containersOf(otherRun)).toBe('');
  expect(await containersOf(lab.runId)).not.toBe('');
});

test('a start that fails leaves nothing behind and says why', async () => {
  const bad = startHosts([
    { name: 'good-1', user: 'deploy' },
    { name: 'bad-1', user: 'deploy', sudo: ['this is no sudo rule'] },
  ]);
  await expect(bad).rejects.toThrow(/bad-1 ended while it started[\s\S]*syntax error/);
  expect(await docker('ps', '-a', '--filter', 'name=-good-1', '--filter', 'name=-bad-1', '--format', '{{.Names}}')).toBe('');
});

test('a host name that would be an option or a shell word is refused', async () => {
  await expect(startHosts([{ name: '--privileged', user: 'deploy' }])).rejects.toThrow('"--privileged"');
  await expect(startHosts([{ name: 'a-1', user: "x'; id #" }])).rejects.toThrow('is no name');
});

function containersOf(runId: string): Promise<string> {
  return docker('ps', '-aq', '--filter', `label=${RUN_LABEL}=${runId}`);
}
