import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, eventsOf, type Followed, incident, nextCard, PEOPLE, planTexts } from '../helpers/rollback.ts';
import { prods, sacState } from '../helpers/sac.ts';

let world: World;
let before: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  await world.start();
  before = await sacState(world);
});
afterAll(() => world?.stop());

/** The plan apart from the rollback's own id, and from what memory the service happened to use when its plan was made. */
const withoutIds = (texts: readonly string[]): string[] =>
  texts.map((text) => text.replaceAll(/sac-\d+/g, 'sac-N').replaceAll(/(memory_mb )[\d.]+( before)|(\["?memory_mb.*)/g, '$1N$2'));

const sleeping = async (host: string, command: string): Promise<number> => Number((await world.hosts.exec(host, command)).stdout.trim());

describe('a dry run', () => {
  let dry: string[];

  it('shows a whole card that nobody can approve, and leaves the hosts as they are', async () => {
    const rollback = await ask(world, 'sac v0.1.0 --dry-run');
    const { text } = await rollback.until('plan');
    console.log(text);
    expect(rollback.buttons()).toEqual(['plan']);
    for (const part of ['v0.2.0 → v0.1.0', 'this is a dry run', 'cannot be approved', '/rollback sac v0.1.0']) expect(text).toContain(part);
    dry = await planTexts(world, rollback, PEOPLE.requester);
    expect(dry.join('\n')).toContain('systemctl stop sac-agent-service');
    expect(await sacState(world)).toEqual(before);
  });

  it('shows byte for byte the commands of a plan in earnest', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    const real = await planTexts(world, rollback, PEOPLE.requester);
    expect(withoutIds(real)).toEqual(withoutIds(dry));
    await rollback.click(PEOPLE.requester, 'withdraw');
    await rollback.says(/was withdrawn/);
  });
});

describe('production first', () => {
  let rollback: Followed;

  it('says on the card that production is changed first', async () => {
    rollback = await ask(world, 'sac v0.1.0 production-first orders rejected');
    const { text } = await rollback.until('approve');
    console.log(text);
    expect(text).toContain('production-first: v0.2.0 → v0.1.0');
    expect(text).toContain('Production is changed first');
  });

  it('has production started, watched and measured before development is touched', async () => {
    await rollback.click(PEOPLE.approver, 'approve');
    await rollback.says(/proven on 3 of 3 hosts/);
    console.log(rollback.card().text, '\n\n', rollback.thread());
    const order = (await eventsOf(world, rollback.id)).flatMap((event) => (event.type === 'step-finished' ? [event.run] : []));
    expect(order.indexOf('4@dev-1')).toBeGreaterThan(order.indexOf('12@prod-2'));
    expect(order.indexOf('12@prod-1')).toBeGreaterThan(order.indexOf('11.4@prod-2'));
    const started = await sleeping('prod-2', `date -d "$(systemctl show -p ActiveEnterTimestamp --value sac-agent-service)" +%s`);
    expect(await sleeping('dev-1', 'stat -c %Z /srv/trade-agent/src/rl/sac/sac_agent.py')).toBeGreaterThanOrEqual(started);
    expect(await sacState(world)).not.toEqual(before);
  });
});

describe('undo', () => {
  let undo: Followed;
  let id: string;

  it('notices what was deployed and edited since, and says what cannot come back first', async () => {
    id = world.workspace.messages(incident).flatMap(({ text }) => /^\*?(sac-\d+) complete/.exec(text)?.[1] ?? [])[0] ?? '';
    await world.hosts.exec('prod-1', '/srv/deploy/deploy.sh v0.2.0');
    await world.hosts.exec('dev-1', `echo '# later' >>/srv/trade-agent/src/rl/sac/sac_agent.py`, { user: 'deploy' });
    undo = await nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback undo ${id}`));
    const { text } = await undo.until('approve');
    console.log(text);
    for (const part of [
      `Put back ${id}`,
      'v0.2.0',
      'Cannot come back',
      'trades made meanwhile',
      'messages',
      `prod-1 changed after ${id}`,
      `dev-1 changed after ${id}`,
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('prod-2 changed');
  });

  it('brings every host back as it was, byte for byte, and proves it', async () => {
    await undo.click(PEOPLE.approver, 'approve');
    await undo.says(/complete|needs a decision/);
    console.log(undo.card().text, '\n\n', undo.thread());
    expect(undo.card().text).toContain('complete');
    expect(world.pipeline.runs.map(({ inputs, ref }) => `${inputs.host} ${ref}`)).toEqual([
      ...prods.map((host) => `${host} v0.1.0`),
      ...prods.toReversed().map((host) => `${host} v0.2.0`),
    ]);
    expect(await sacState(world)).toEqual(before);
  });
});
