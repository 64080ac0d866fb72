import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { command, docker } from '../../../lab/hosts/docker.ts';
import { type HostSpec, type LabHosts, startHosts } from '../../../lab/hosts/hosts.ts';
import { imageExists } from '../../../lab/hosts/image.ts';
import { IMAGE_LABEL } from '../../../lab/hosts/labels.ts';
import { provisioned } from '../../../lab/hosts/provisioned.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const spec: HostSpec = { name: `test-${randomBytes(3).toString('hex')}`, user: 'deploy' };
let lab: LabHosts | undefined;
afterEach(() => lab?.stop());
afterAll(async () => {
  const images = await docker('images', '-q', '--filter', `label=${IMAGE_LABEL}=provisioned-${spec.name}`);
  if (images) await command('docker', ['rmi', '-f', ...images.split('\n')]);
});

test('provisioning is done once for one key, and what it did is there at every later start', async () => {
  const provision = vi.fn(async (host: Parameters<Parameters<typeof provisioned>[2]>[0]) => {
    await host.must(
      'echo done > /srv/mark; printf "[Service]\\nExecStart=/bin/sleep inf\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/sample.service; systemctl enable -q sample',
    );
    await host.must('id -un > ~/mine', { user: 'deploy' });
  });
  const image = await provisioned(spec, 'content 1', provision);
  expect(await provisioned(spec, 'content 1', provision)).toBe(image);
  expect(provision).toHaveBeenCalledTimes(1);

  lab = await startHosts([
    { ...spec, image },
    { name: 'twin-1', user: 'deploy', image },
  ]);
  for (const { name } of lab.hosts) {
    expect((await lab.exec(name, 'cat /srv/mark ~deploy/mine; systemctl is-active sample; hostname')).stdout).toBe(`done\ndeploy\nactive\n${name}\n`);
  }
  const keys = await Promise.all(lab.hosts.map(({ name }) => lab?.exec(name, 'cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id')));
  expect(keys[0]?.stdout).not.toBe(keys[1]?.stdout);
});

test('another key is provisioned anew, old images go, and a failure keeps nothing', async () => {
  const tags = [];
  for (const key of ['2', '3', '4', '5']) tags.push(await provisioned(spec, key, async () => undefined));
  expect(await Promise.all(tags.map(imageExists))).toEqual([false, true, true, true]);
  const failing = provisioned(spec, '6', async (host) => void (await host.must('echo no room >&2; exit 3')));
  await expect(failing).rejects.toThrow(/failed with 3:\nno room/);
});
