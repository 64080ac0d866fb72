import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlsOf } from '../../lab/workspace/driver.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { keys } from '../../src/store/keys.ts';
import { ask, completed, eventsOf, type Followed, incident, nextCard, opened, PEOPLE, toldInThread } from '../helpers/rollback.ts';
import { prods, sacState, unitOf } from '../helpers/sac.ts';

let world: World;
let before: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  await world.start();
  before = await sacState(world);
});
afterAll(() => world?.stop());

const on = async (host: string, command: string): Promise<void> => {
  const { exitCode, stderr } = await world.hosts.exec(host, command);
  expect([exitCode, stderr]).toEqual([0, '']);
};

async function lockHolder(): Promise<string | undefined> {
  const redis = new Redis(world.redis.url);
  try {
    return (await redis.hgetall(keys.lock('sac'))).rollback;
  } finally {
    redis.disconnect();
  }
}

/** Opens Put back… on the card, chooses, and follows the card that appears. */
async function putBack(rollback: Followed, chosen: Record<string, string>): Promise<Followed> {
  const { id } = await opened(world, rollback, PEOPLE.requester, 'put-back');
  return nextCard(world, () => world.workspace.submit(id, PEOPLE.requester, chosen));
}

/** What a deployment that broke between the package and the configuration leaves. */
async function mixture(host: string): Promise<string> {
  const command = `printf 'package %s, ' "$(/opt/trade-agent/.venv/bin/python -B -m pip show trade-agent-sac 2>/dev/null | sed -n 's/^Version: //p')"
for tag in v0.1.0 v0.2.0; do git -c safe.directory='*' --git-dir=/srv/git/trade-agent.git show $tag:configs/sac_config.json | cmp -s - /etc/trade-agent/sac_config.json && echo "configuration of $tag"; done`;
  return (await world.hosts.exec(host, command)).stdout;
}

describe('two production hosts, one after the other', () => {
  let rollback: Followed;

  it('two hosts in trouble have a Retry each, which does nothing on the other', async () => {
    rollback = await ask(world, 'sac v0.1.0 orders rejected');
    await rollback.until('approve');
    for (const host of prods) await on(host, 'mount -t tmpfs -o size=10m tmpfs /tmp');
    await rollback.click(PEOPLE.approver, 'approve');
    const card = await rollback.until('retry-host');
    expect(card.text).toContain('production was not stopped');
    const labels = controlsOf(card).map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['Retry all', 'Retry prod-1', 'Retry prod-2']));
    await on('prod-1', 'umount /tmp');
    await rollback.click(PEOPLE.requester, 'retry-host');
    await world.workspace.waitFor(() => rollback.buttons().includes('retry') && !rollback.buttons().includes('retry-host'), 'one host left', 120_000);
    expect(rollback.card().text).toContain('on prod-2 failed');
    expect(rollback.card().text).not.toContain('on prod-1 failed');
    const attempts = (await eventsOf(world, rollback.id)).flatMap((event) => (event.type === 'step-intended' ? [event.run] : []));
    expect(attempts.filter((run) => run === '2@prod-1')).toHaveLength(2);
    expect(attempts.filter((run) => run === '2@prod-2')).toHaveLength(1);
    await on('prod-2', 'umount /tmp');
  });

  it('the deployment of the second breaks in the middle: the board says which host is what', async () => {
    await on('prod-2', 'mount --bind /etc/trade-agent /etc/trade-agent && mount -o remount,bind,ro /etc/trade-agent');
    await rollback.click(PEOPLE.requester, 'retry');
    await rollback.says(/prod-2 is STOPPED/);
    const { text } = await rollback.until('put-back');
    expect(text.split('\n')[0]).toBe(`${rollback.id} needs a decision: prod-2 is STOPPED`);
    for (const part of [/^prod-2: changed in part, stopped since /m, /^prod-1, dev-1: v0\.1\.0, proven$/m, /Step 11\.2 Deploy on prod-2 failed/])
      expect(text).toMatch(part);
    await toldInThread(world, rollback, "cannot create regular file '/etc/trade-agent/sac_config.json.new': Read-only file system");
    await world.workspace.waitFor(() => world.workspace.messages(incident).at(-1)?.text.includes('prod-2 is STOPPED'), 'the channel to hear of it');
    expect(await unitOf(world, 'prod-1')).toContain('health 200');
    expect(await unitOf(world, 'prod-2')).toMatch(/^inactive/);
    expect(await mixture('prod-2')).toBe('package 0.1.0, configuration of v0.2.0\n');
    await on('prod-2', 'umount /etc/trade-agent');
  });

  it('Put back all: the stopped host comes first, and all three are v0.2.0 again, byte for byte', async () => {
    const undo = await putBack(rollback, { scope: 'all' });
    const { text } = await undo.until('approve');
    expect(text).toContain(`Puts back all that ${rollback.id} changed`);
    expect(await lockHolder()).toBe(rollback.id);
    await undo.click(PEOPLE.lead, 'approve');
    await completed(undo);
    const done = (await eventsOf(world, undo.id)).flatMap((event) => (event.type === 'step-finished' ? [event.run] : []));
    expect(done.slice(0, 5)).toEqual(['11.2@prod-2', '11.1@prod-2', '11.3@prod-1', '11.2@prod-1', '11.1@prod-1']);
    expect(await sacState(world)).toEqual(before);
    const card = await rollback.says(/was handed over to/);
    expect(card.text).toContain(undo.id);
    expect(await lockHolder()).toBeUndefined();
  });
});

describe('one step on one host put back', () => {
  let rollback: Followed;

  it('prod-2 runs what ran before, prod-1 stays new, and only that is proven', async () => {
    rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await on('prod-2', '(exec 9>/opt/trade-agent/.deploy.lock; flock -x 9; exec sleep 600) >/dev/null 2>&1 & echo $! >/root/deploying');
    await rollback.click(PEOPLE.approver, 'approve');
    await rollback.until('put-back');
    await toldInThread(world, rollback, 'another deployment is running on this host');
    const undo = await putBack(rollback, { scope: 'step:11.1', host: 'prod-2' });
    const { text } = await undo.until('approve');
    for (const part of [`Put back ${rollback.id} (step 11.1, on prod-2)`, '1 step', `The rest of ${rollback.id} stays`, '1 host read'])
      expect(text).toContain(part);
    await undo.click(PEOPLE.approver, 'approve');
    expect((await completed(undo)).text).toContain('1 of 1 host as recorded before it');
    expect(await unitOf(world, 'prod-2')).toMatch(/^active[\s\S]*health 503/);
    expect(await unitOf(world, 'prod-1')).toMatch(/^active[\s\S]*health 200/);
    expect((await sacState(world))['prod-2']).toBe(before['prod-2']);
  });

  it('then the rest: the step that is back already stays so', async () => {
    await on('prod-2', 'kill "$(cat /root/deploying)"');
    const undo = await nextCard(world, () => world.workspace.command(PEOPLE.oncall, incident, `/rollback undo ${rollback.id}`));
    await undo.until('approve');
    await undo.click(PEOPLE.lead, 'approve');
    await completed(undo);
    expect(await sacState(world)).toEqual(before);
    expect(await lockHolder()).toBeUndefined();
  });
});
