import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { incident, listing, PEOPLE } from '../helpers/rollback.ts';

let world: World;
let product: ProductProcess;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'] });
  product = await world.start();
});
afterAll(() => world?.stop());

const backup = '/srv/trade-agent/backups/v0.1.0';
/** People wait so long at most for the card to say what is wrong, in milliseconds. */
const saidWithinMs = 15_000;

/** Asks, and answers the card once its plan is made or cannot be made. */
async function cardOf(text: string): Promise<{ text: string; ms: number; ts: string }> {
  const { workspace } = world;
  const before = workspace.messages(incident).map(({ ts }) => ts);
  const askedAt = performance.now();
  await workspace.command(PEOPLE.requester, incident, text);
  const card = await workspace.waitFor(
    () => workspace.messages(incident).find((one) => !before.includes(one.ts) && /cannot be done yet|Waiting for/.test(one.text)),
    'the card to be complete',
    60_000,
  );
  return { text: card.text, ms: Math.round(performance.now() - askedAt), ts: card.ts };
}

const breakOn = async (host: string, command: string): Promise<void> => {
  const { exitCode, stderr } = await world.hosts.exec(host, command);
  expect([exitCode, stderr]).toEqual([0, '']);
};

/** What the product must leave as it is. */
const unchanged = (): Promise<string> => listing(world, 'dev-1', '/srv/trade-agent');

describe('a plan that cannot be made', () => {
  it('a dead host, a silent one, a corrupt backup and a full disk: all at once, each with its host and its mend', async () => {
    onTestFinished(async () => {
      await world.hosts.startSshd('prod-1');
      await world.hosts.unpause('prod-2');
      await breakOn('dev-1', 'umount /tmp /var/tmp');
    });
    await world.hosts.stopSshd('prod-1');
    await world.hosts.pause('prod-2');
    await breakOn('dev-1', `cp -a ${backup} /root/kept && echo x >>${backup}/configs/sac_config.json && mount -t tmpfs -o size=10m tmpfs /var/tmp`);
    await breakOn('dev-1', 'mount -t tmpfs -o size=10m tmpfs /tmp');
    const before = await unchanged();
    const { text, ms } = await cardOf('/rollback sac v0.1.0');
    console.log(`a dead and a silent host: said after ${ms} ms`);
    expect(ms).toBeLessThan(saidWithinMs);
    for (const part of [
      '5 problems found, nothing was changed',
      '• prod-1: cannot reach deploy@127.0.0.1',
      'it closed the connection before logging in → ',
      '• prod-2: cannot reach deploy@127.0.0.1',
      'no answer within 10000 ms → Check that the machine is up',
      '• dev-1 step 2: backups: corrupt: configs/sac_config.json',
      '• dev-1 step 2: disk: 10 MB are free at /tmp → free at least 200 MB',
      '• dev-1 step 5: the backup backups/v0.1.0/configs/sac_config.json is corrupt',
      'ask again: /rollback sac v0.1.0',
    ])
      expect(text).toContain(part);
    expect(await unchanged()).toBe(before);
  });

  it('a missing manifest and a missing tool', async () => {
    onTestFinished(() => breakOn('dev-1', `mv /usr/bin/git.away /usr/bin/git && rm -rf ${backup} && cp -a /root/kept ${backup}`));
    await breakOn('dev-1', `rm ${backup}/MANIFEST.sha256 && mv /usr/bin/git /usr/bin/git.away`);
    const { text, ms } = await cardOf('/rollback sac v0.1.0');
    console.log(`a missing manifest and a missing tool: said after ${ms} ms`);
    expect(ms).toBeLessThan(saidWithinMs);
    for (const part of [
      'dev-1 step 2: backups: there is no backups/v0.1.0/MANIFEST.sha256',
      'git is missing → install git',
      'choose a release that has one',
    ])
      expect(text).toContain(part);
  });

  it('a host key that is another one: nobody is let in, and the card says whom to suspect', async () => {
    const file = world.env.SSH_KNOWN_HOSTS ?? '';
    const known = readFileSync(file, 'utf8');
    const keys = known
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    onTestFinished(() => writeFileSync(file, known));
    await product.stop();
    writeFileSync(file, keys.map(([name, type], i) => `${name} ${type} ${keys[(i + 1) % keys.length]?.[2]}\n`).join(''));
    product = await world.start();
    const { text, ms } = await cardOf('/rollback sac v0.1.0');
    console.log(`a wrong host key: said after ${ms} ms`);
    expect(ms).toBeLessThan(saidWithinMs);
    expect(text).toContain('3 problems found');
    for (const host of ['dev-1', 'prod-1', 'prod-2'])
      expect(text).toMatch(new RegExp(`• ${host}: the host key of .* is not the one expected: it shows SHA256:`));
    expect(text).toContain('Somebody may be between the bot and the host');
  });

  it('once it is mended the same request can be made, without a restart', async () => {
    const { text, ms } = await cardOf('/rollback sac v0.1.0');
    console.log(`nothing wrong: complete after ${ms} ms`);
    expect(text).toContain('Checks: OK');
  });

  it('a repository that does not answer is named', async () => {
    const repository = world.repositories['trade-agent'];
    renameSync(repository, `${repository}.away`);
    const { text, ms } = await cardOf('/rollback sac v0.1.0');
    renameSync(`${repository}.away`, repository);
    console.log(`no repository: said after ${ms} ms`);
    expect(ms).toBeLessThan(saidWithinMs);
    expect(text).toContain('1 problem found, nothing was changed');
    expect(text).toMatch(/trade-agent\.git cannot be read: .* → Check the repository in the system file/);
  });
});
