import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, listing, PEOPLE, released } from '../helpers/rollback.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'] });
  await world.start();
});
afterAll(() => world?.stop());

const docker = async (command: string): Promise<string> => (await world.hosts.exec('ec2-1', `docker ${command}`)).stdout.trim();

describe('aGENtrader from v0.2.0 to v0.1.0', () => {
  it('checks out, builds before it stops, replaces the container, and proves it', async () => {
    const rollback = await ask(world, 'agentrader v0.1.0');
    await rollback.until('approve');
    expect(await docker('ps --format {{.Image}}')).toBe('agentrader:v0.2.0');
    await rollback.click(PEOPLE.approver, 'approve');
    await rollback.says(/proven on 1 of 1 host/);
    expect(rollback.card().text).toContain('proven on 1 of 1 host');
    expect(rollback.thread()).toContain('label version v0.1.0');
  });

  it('the host itself has the release in git, image, label, environment, health, and one container', async () => {
    const { stdout: head } = await world.hosts.exec('ec2-1', 'cd ~ubuntu/aGENtrader && git describe --tags --always && git status --porcelain', {
      user: 'ubuntu',
    });
    expect(head.trim()).toBe('v0.1.0');
    expect(await listing(world, 'ec2-1', '/home/ubuntu/aGENtrader/app')).toBe(
      await released(world, 'ec2-1', '/srv/git/aGENtrader.git', 'v0.1.0', 'app'),
    );
    expect(await docker('ps -q | wc -l')).toBe('1');
    expect(
      await docker(`inspect agentrader --format '{{.Config.Image}} {{index .Config.Labels "version"}} {{range .Config.Env}}{{println .}}{{end}}'`),
    ).toMatch(/^agentrader:v0\.1\.0 v0\.1\.0 [\s\S]*AGENTRADER_VERSION=v0\.1\.0/);
    expect((await world.hosts.exec('ec2-1', 'curl -s http://localhost:8000/health')).stdout).toContain('"version":"v0.1.0"');
  });
});
