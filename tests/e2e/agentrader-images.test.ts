import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { addKey, approveAndProve, clone, commitOf, docker, imageId, onEc2, pins, release, snapshot, told, type } from '../helpers/agentrader.ts';
import { PEOPLE, toldInThread } from '../helpers/rollback.ts';

const longMs = 600_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'], watchFor: '1s' });
  const file = join(world.systemsDir, 'agentrader.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('keep: 5', 'keep: 2'));
  await release(world, { tag: 'v0.1.1', from: 'v0.1.0', change: "sed -i '/args:/d; /VERSION: /d' docker/docker-compose.yml" });
  await world.start();
});
afterAll(() => world?.stop());

const running = (): Promise<string> => docker(world, 'ps --format {{.Image}}');
const inContainer = (): Promise<string> => docker(world, `exec agentrader sh -c 'echo "$AGENTRADER_VERSION"'`);
const label = (image: string): Promise<string> => docker(world, `image inspect --format '{{index .Config.Labels "version"}}' ${image}`);

/** The version that git, image, container, and the running application each say. */
const versions = async (): Promise<string[]> => [
  await onEc2(world, `git -C ${clone} describe --tags --always`),
  await running(),
  await label(await docker(world, 'inspect --format {{.Image}} agentrader')),
  await inContainer(),
  await onEc2(world, 'curl -s http://localhost:8000/health'),
];

describe('images of aGENtrader', () => {
  let before: string;

  it('a compose file that passes no VERSION: the Dockerfile lies, which is found before anything is stopped, and what was done is put back', {
    timeout: longMs,
  }, async () => {
    await onEc2(world, `cd ${clone} && echo 'rate limit raised' >>README.md && printf 'call the exchange\\n' >notes.txt && chmod 600 notes.txt`);
    before = await snapshot(world);
    const rollback = await type(world, 'agentrader v0.1.1');
    const card = await rollback.until('approve', 180_000);
    expect(card.text).toContain('uncommitted work in /home/ubuntu/aGENtrader will be kept and set aside: README.md, notes.txt');
    await rollback.click(PEOPLE.approver, 'approve');
    const trouble = await rollback.until('retry', 180_000);
    expect(trouble.text.split('\n')[0]).toContain('production was not stopped');
    expect(trouble.text).toContain('6.1 Build');
    await toldInThread(world, rollback, 'is VERSION passed as a build argument?');
    const said = told(world, rollback);
    expect(said).toContain('the label version of agentrader:v0.1.1 is not v0.1.1: v0.2.0 (is VERSION passed as a build argument?)');
    expect(await running()).toBe('agentrader:v0.2.0');
    console.log(said);
    const undo = await type(world, 'undo agentrader-1');
    await approveAndProve(undo, /agentrader-1 is put back/);
    console.log(told(world, undo));
    await rollback.says(/handed over/);
    expect(await snapshot(world)).toBe(before);
  });

  it('v0.1.0 is built, and proven from the build argument to what the running container says', { timeout: longMs }, async () => {
    const rollback = await type(world, 'agentrader v0.1.0');
    const ms = await approveAndProve(rollback);
    console.log(`v0.1.0 with a build: proven ${ms} ms after approval`);
    expect(await versions()).toEqual(['v0.1.0', 'agentrader:v0.1.0', 'v0.1.0', 'v0.1.0', expect.stringContaining('"version":"v0.1.0"')]);
    await toldInThread(world, rollback, 'label version v0.1.0, AGENTRADER_VERSION v0.1.0');
    expect(await onEc2(world, `cat ${clone}/logs/rollback.log`)).toMatch(
      /^\S+Z rollback agentrader-3: agentrader v0\.2\.0 -> v0\.1\.0 \([0-9a-f]{12}\) on ec2-1$/,
    );
    expect(await onEc2(world, `git -C ${clone} log -1 --notes=rollback`)).toContain('rollback agentrader-3: agentrader v0.2.0 -> v0.1.0');
    const id = await imageId(world, 'agentrader:v0.1.0');
    await rollback.says(/Recorded as last known good/);
    expect(await pins(world)).toBe(`rollback-bot-pin_agentrader_v0.1.0 ${id}`);
    console.log(told(world, rollback));
  });

  it('its undo brings HEAD, uncommitted work, containers and images back; the proven image stays', { timeout: longMs }, async () => {
    const id = await imageId(world, 'agentrader:v0.1.0');
    const undo = await type(world, 'undo agentrader-3');
    const ms = await approveAndProve(undo, /agentrader-3 is put back/);
    console.log(`undo: proven ${ms} ms after approval\n${told(world, undo)}`);
    expect(await imageId(world, 'agentrader:v0.1.0')).toBe(id);
    const lines = (await snapshot(world)).split('\n').filter((line) => !line.startsWith('agentrader:v0.1.0 '));
    expect(lines.join('\n')).toBe(before);
  });

  it('the tag lost, the recorded image there: that very image runs, and nothing is built', { timeout: longMs }, async () => {
    const id = await imageId(world, 'agentrader:v0.1.0');
    await docker(world, 'tag agentrader-base:lab agentrader:v0.1.0');
    await docker(world, 'rmi agentrader:v0.1.0');
    const rollback = await type(world, 'agentrader v0.1.0');
    await approveAndProve(rollback);
    expect(await imageId(world, 'agentrader:v0.1.0')).toBe(id);
    expect(await docker(world, 'inspect --format {{.Image}} agentrader')).toBe(id);
  });

  it('a kept image is used again: the same id, in seconds', { timeout: longMs }, async () => {
    const id = await imageId(world, 'agentrader:v0.2.0');
    await addKey(world);
    const rollback = await type(world, 'agentrader v0.2.0');
    const ms = await approveAndProve(rollback);
    console.log(`v0.2.0 with its kept image: proven ${ms} ms after approval\n${told(world, rollback)}`);
    expect(await docker(world, 'inspect --format {{.Image}} agentrader')).toBe(id);
    expect(await versions()).toEqual(['v0.2.0', 'agentrader:v0.2.0', 'v0.2.0', 'v0.2.0', expect.stringContaining('"version":"v0.2.0"')]);
    await rollback.says(/Recorded as last known good/);
  });

  it('docker image prune -a takes no pinned image; one that is really gone is said on the card, and built; asked for by the full commit', {
    timeout: longMs,
  }, async () => {
    const id = await imageId(world, 'agentrader:v0.1.0');
    await docker(world, 'image prune -a -f');
    expect(await imageId(world, 'agentrader:v0.1.0')).toBe(id);
    await docker(world, 'rm rollback-bot-pin_agentrader_v0.1.0');
    await docker(world, 'image prune -a -f');
    expect(await docker(world, 'image ls -q agentrader:v0.1.0')).toBe('');
    await onEc2(world, 'docker load -q -i /srv/images/agentrader.tar.gz', 'root');
    const rollback = await type(world, `agentrader ${await commitOf(world, 'v0.1.0')}`);
    const card = await rollback.until('approve', 180_000);
    expect(card.text).toContain("ec2-1: v0.1.0's image is no longer on ec2-1: it is built again; a rebuild is not the image that worked");
    console.log(card.text);
    await approveAndProve(rollback);
    expect(await imageId(world, 'agentrader:v0.1.0')).not.toBe(id);
    expect(rollback.card().text).toContain('v0.1.0 proven on 1 of 1 host');
    await rollback.says(/Recorded as last known good/);
    expect(await pins(world)).toContain(await imageId(world, 'agentrader:v0.1.0'));
  });

  it('a commit without a tag by its first digits; of the pins only the newest stay', { timeout: longMs }, async () => {
    const commit = await commitOf(world, 'v0.2.0~5');
    const rollback = await type(world, `agentrader ${commit.slice(0, 8)}`);
    const version = `v0.1.0-2-g${commit.slice(0, 7)}`;
    await approveAndProve(rollback);
    expect(rollback.card().text).toContain(`${version} proven on 1 of 1 host`);
    expect(await versions()).toEqual([version, `agentrader:${version}`, version, version, expect.stringContaining(`"version":"${version}"`)]);
    await rollback.says(/Recorded as last known good/);
    await toldInThread(world, rollback, 'no longer kept, its image stays until it is pruned: rollback-bot-pin_agentrader_v0.2.0');
    expect((await pins(world)).split('\n').map((line) => line.split(' ')[0])).toEqual([
      `rollback-bot-pin_agentrader_${version}`,
      'rollback-bot-pin_agentrader_v0.1.0',
    ]);
    console.log(told(world, rollback));
  });
});
