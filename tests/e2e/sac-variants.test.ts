import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { ask, completed, eventsOf, type Followed, incident, nextCard, PEOPLE, planOf, planTexts } from '../helpers/rollback.ts';
import { prods, sacState, unitOf } from '../helpers/sac.ts';

let world: World;
let before: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  await world.start();
  before = await sacState(world);
});
afterAll(() => world?.stop());

/** Without the rollback's own id, and without the limit that follows from what memory the service used when the plan was made. */
const masked = (text: string): string =>
  text
    .replaceAll(/sac-\d+/g, 'sac-N')
    .replaceAll(/(judge memory_mb \\?"\$value\\?" 2048 '') [\d.]+/g, '$1 LIMIT')
    .replaceAll(/(memory_mb) [\d.]+ before/g, '$1 BEFORE');

/** What a person reads on the pages: long commands go over several code blocks, and Slack's three signs are escaped. */
const read = (texts: readonly string[]): string =>
  texts.join('').replaceAll('\n``````\n', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const numberOf = async (host: string, command: string): Promise<number> => Number((await world.hosts.exec(host, command)).stdout.trim());

let dry: Followed;

describe('a dry run', () => {
  let pages: string;

  it('shows a whole card that nobody can approve, and leaves the hosts as they are', async () => {
    dry = await ask(world, 'sac v0.1.0 --dry-run');
    const { text } = await dry.until('plan');
    expect(dry.buttons()).toEqual(['plan']);
    for (const part of ['Dry run: SAC agent: v0.2.0 → v0.1.0', 'it cannot be approved', '7 commits', 'in earnest: /rollback sac v0.1.0'])
      expect(text).toContain(part);
    pages = read(await planTexts(world, dry, PEOPLE.requester));
    const { work } = await planOf(world, dry.id);
    const shell = Object.values(work).flatMap((one) => (one.type === 'shell' ? [one.guard, one.command, one.verify, one.restore] : []));
    expect(shell.length).toBeGreaterThan(80);
    for (const command of shell) expect(pages.includes(command ?? ''), command).toBe(true);
    expect(await sacState(world)).toEqual(before);
  });

  it('shows byte for byte the commands of a plan in earnest', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    expect(masked(read(await planTexts(world, rollback, PEOPLE.requester)))).toBe(masked(pages));
    await rollback.click(PEOPLE.requester, 'withdraw');
    await rollback.says(/was withdrawn/);
  });
});

describe('production first', () => {
  let first: Followed;
  let undo: Followed;

  it('says on the card that production is changed first, and when', async () => {
    first = await ask(world, 'sac v0.1.0 production-first orders rejected');
    const { text } = await first.until('approve');
    for (const part of ['SAC agent, production-first: v0.2.0 → v0.1.0', 'Production is changed first in phase 2 of 7', 'orders rejected'])
      expect(text).toContain(part);
  });

  it('is approved for the very commands that the dry run showed, in another order', async () => {
    const [shown, asked] = await Promise.all([planOf(world, dry.id), planOf(world, first.id)]);
    const worksOf = ({ work }: Plan) => JSON.parse(masked(JSON.stringify(work))) as Plan['work'];
    expect(worksOf(asked)).toEqual(worksOf(shown));
  });

  it('trading that is stopped from the card meanwhile is no drift', async () => {
    await first.click(PEOPLE.requester, 'halt');
    await first.says(/Trading is stopped on prod-1, prod-2 since/);
    for (const host of prods) expect(await unitOf(world, host)).toMatch(/^inactive/);
  });

  it('has production started, watched and measured before development is touched', async () => {
    await first.click(PEOPLE.approver, 'approve');
    await completed(first);
    const order = (await eventsOf(world, first.id)).flatMap((event) => (event.type === 'step-finished' ? [event.run as string] : []));
    for (const run of ['12@prod-1', '12@prod-2']) expect(order.indexOf('4@dev-1')).toBeGreaterThan(order.indexOf(run));
    for (const run of ['11.4@prod-1', '11.4@prod-2']) expect(order.indexOf('12@prod-1')).toBeGreaterThan(order.indexOf(run));
    const thread = first.thread();
    expect(thread.indexOf('4 Code · dev-1')).toBeGreaterThan(thread.indexOf('12 Verification · prod-2'));
    const startedS = await numberOf(
      'prod-2',
      'journalctl -u sac-agent-service -o short-unix --no-pager | grep " Started " | tail -1 | cut -d" " -f1',
    );
    expect(await numberOf('dev-1', 'stat -c %.Z /srv/trade-agent/src/rl/sac/sac_agent.py')).toBeGreaterThan(startedS);
    for (const host of ['dev-1', ...prods]) expect((await sacState(world))[host]).not.toBe(before[host]);
  });

  it('its undo says first what cannot come back, and names what was deployed and edited since', async () => {
    await world.hosts.exec('prod-1', '/srv/deploy/deploy.sh v0.2.0');
    await world.hosts.exec('dev-1', `echo '# later' >>/srv/trade-agent/src/rl/sac/sac_agent.py`, { user: 'deploy' });
    undo = await nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback undo ${first.id}`));
    const { text } = await undo.until('approve');
    const [, second = ''] = text.split('\n');
    for (const part of ['Cannot come back', 'production was without', 'messages that were sent', 'trades made meanwhile'])
      expect(second).toContain(part);
    for (const part of [
      `Put back ${first.id} (all): SAC agent to v0.2.0`,
      `prod-1 changed after ${first.id}: package`,
      `dev-1 changed after ${first.id}: tree code`,
      `Stop trading was chosen before ${first.id} ran: what ran before is started again`,
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('prod-2 changed');
  });

  it('and brings every host back as it was, byte for byte, the host that went last first', async () => {
    await undo.click(PEOPLE.approver, 'approve');
    const card = await completed(undo);
    expect(card.text).toContain(`${first.id} is put back, 3 of 3 hosts as recorded before it`);
    expect(world.pipeline.runs.map(({ inputs, ref }) => `${inputs.host} ${ref}`)).toEqual([
      ...prods.map((host) => `${host} v0.1.0`),
      ...prods.toReversed().map((host) => `${host} v0.2.0`),
    ]);
    expect(await sacState(world)).toEqual(before);
  });
});
