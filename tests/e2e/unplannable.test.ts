import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { incident, PEOPLE } from '../helpers/rollback.ts';

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

describe('explore', () => {
  it('good', async () => {
    console.log(await cardOf('/rollback sac v0.1.0'));
  });
  it('paused pooled', async () => {
    await world.hosts.pause('prod-2');
    console.log(await cardOf('/rollback sac v0.1.0'));
    await world.hosts.unpause('prod-2');
  });
  it('sshd down', async () => {
    await world.hosts.stopSshd('prod-1');
    console.log(await cardOf('/rollback sac v0.1.0'));
    await world.hosts.startSshd('prod-1');
  });
  it('after', async () => {
    console.log(await cardOf('/rollback sac v0.1.0'));
  });
  it('backups', async () => {
    await breakOn('dev-1', `ls -R ${backup} && cp -a ${backup} /root/kept && echo x >>${backup}/configs/sac_config.json`).catch((e) => console.log(String(e)));
    console.log((await world.hosts.exec('dev-1', `ls -lR /srv/trade-agent/backups`)).stdout);
    console.log(await cardOf('/rollback sac v0.1.0'));
    await breakOn('dev-1', `rm ${backup}/MANIFEST.sha256`);
    console.log(await cardOf('/rollback sac v0.1.0'));
    await breakOn('dev-1', `rm -rf ${backup} && cp -a /root/kept ${backup}`);
  });
  it('tool and disk', async () => {
    await breakOn('dev-1', 'mv /usr/bin/git /usr/bin/git.away; mount -t tmpfs -o size=10m tmpfs /tmp');
    console.log(await cardOf('/rollback sac v0.1.0'));
    await breakOn('dev-1', 'mv /usr/bin/git.away /usr/bin/git; umount /tmp');
  });
  it('all', async () => {
    await product.stop();
    await world.hosts.pause('prod-2');
    const file = world.env.SSH_KNOWN_HOSTS ?? '';
    const known = readFileSync(file, 'utf8');
    const lines = known.trim().split('\n');
    console.log(known);
    const keys = lines.map((l) => l.split(' ').slice(1).join(' '));
    writeFileSync(file, lines.map((l, i) => `${l.split(' ')[0]} ${keys[(i + 1) % keys.length]}`).join('\n') + '\n');
    product = await world.start();
    console.log(await cardOf('/rollback sac v0.1.0'));
    await world.hosts.unpause('prod-2');
    writeFileSync(file, known);
  });
});
