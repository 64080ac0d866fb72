import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, type Followed, incident, listing, PEOPLE, released, toldPrivately } from '../helpers/rollback.ts';

let world: World;
let product: ProductProcess;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '10s' });
  product = await world.start();
});
afterAll(() => world?.stop());

const prods = ['prod-1', 'prod-2'];
const repository = '/srv/git/trade-agent.git';

describe('SAC from v0.2.0 to v0.1.0', () => {
  let rollback: Followed;
  let pollution: string;

  it('reads the hosts, changes nothing, and shows a complete card', async () => {
    pollution = await listing(world, 'dev-1', '/srv/trade-agent/src/rl/sac', '*/__pycache__/*');
    rollback = await ask(world, 'sac v0.1.0 orders rejected');
    const card = await rollback.until('approve');
    for (const part of ['v0.2.0 → v0.1.0', 'orders rejected', '7 commits', '3 hosts', '/health answers 503', '9 h', 'Cannot be undone'])
      expect(card.text).toContain(part);
    expect(await listing(world, 'dev-1', '/srv/trade-agent/src/rl/sac', '*/__pycache__/*')).toBe(pollution);
    expect(pollution).toContain('sac_replay.py');
  });

  it('refuses the requester, and an outsider, privately', async () => {
    await rollback.click(PEOPLE.requester, 'approve');
    await rollback.click(PEOPLE.oncall, 'approve');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).includes('@sac-leads'));
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.oncall).includes('@sac-leads'));
    expect(rollback.buttons()).toContain('approve');
  });

  it('two clicks of two approvers start it once; everything runs and is proven', async () => {
    await Promise.all([
      rollback.click(PEOPLE.approver, 'approve'),
      rollback.click(PEOPLE.lead, 'approve'),
      rollback.click(PEOPLE.approver, 'approve'),
    ]);
    await rollback.says(/proven on 3 of 3 hosts/);
    expect(world.pipeline.runs.map((run) => run.inputs.host)).toEqual(prods);
    expect(rollback.card().text).toContain('proven on 3 of 3 hosts');
    expect(rollback.buttons()).not.toContain('approve');
  });

  it('the hosts themselves, byte by byte, are what the tag says', async () => {
    expect(await listing(world, 'dev-1', '/srv/trade-agent/src/rl/sac', '*/__pycache__/*')).toBe(
      await released(world, 'dev-1', repository, 'v0.1.0', 'src/rl/sac'),
    );
    expect(await listing(world, 'dev-1', '/srv/trade-agent/docs/agents')).toBe(await released(world, 'dev-1', repository, 'v0.1.0', 'docs/agents'));
    expect(await listing(world, 'dev-1', '/srv/trade-agent/configs')).toBe(await released(world, 'dev-1', repository, 'v0.1.0', 'configs'));
    for (const host of prods) {
      expect(await listing(world, host, '/opt/trade-agent/sac', '*/__pycache__/*')).toBe(
        await released(world, host, repository, 'v0.1.0', 'src/rl/sac'),
      );
      const health = await world.hosts.exec(
        host,
        'curl -s http://localhost:8080/health; systemctl is-active sac-agent-service; /opt/trade-agent/.venv/bin/python -m pip show trade-agent-sac 2>/dev/null | grep ^Version',
      );
      expect(health.stdout).toContain('"version": "0.1.0"');
      expect(health.stdout).toMatch(/active\nVersion: 0\.1\.0/);
    }
  });

  it('production went one host at a time', async () => {
    const stamps = async (host: string, word: string) =>
      Number(
        (await world.hosts.exec(host, `journalctl -u sac-agent-service -o short-unix --no-pager | grep ' ${word} ' | tail -1 | cut -d' ' -f1`))
          .stdout,
      );
    expect(await stamps('prod-2', 'Stopping')).toBeGreaterThan(await stamps('prod-1', 'Started'));
  });

  it('the signature does not hold the proof back, and only the on-call can give it', async () => {
    expect(rollback.buttons()).toContain('sign');
    await rollback.click(PEOPLE.oncall, 'sign');
    const view = await world.workspace.waitFor(() => world.workspace.views(PEOPLE.oncall).at(-1));
    expect(JSON.stringify(view)).toContain('sac_pnl_1h');
    await world.workspace.submit(view.id, PEOPLE.oncall);
    await rollback.says(/[Ss]igned by/);
    expect(rollback.buttons()).not.toContain('sign');
  });

  it('every audience had its message, in order, and the channel no more than six', async () => {
    const texts = (channel: string) => world.workspace.messages(channel).map((message) => message.text);
    expect(texts(incident).length).toBeLessThanOrEqual(6);
    expect(texts(incident).findIndex((text) => text.includes('Rollback Initiated'))).toBeLessThan(
      texts(incident).findIndex((text) => text.includes('Rollback Complete')),
    );
    const status = texts(CHANNELS['trading-status']);
    expect(status.filter((text) => text.includes('Rollback Progress Update')).length).toBeGreaterThanOrEqual(1);
    expect(status.at(-1)).toContain('Rollback Complete');
    await world.workspace.waitFor(
      () => texts(CHANNELS.management).some((text) => text.includes('Rollback Complete')),
      'the report to management once it is signed',
    );
    expect(texts(world.workspace.directChannel(PEOPLE.pm)).at(-1)).toContain('Rollback Complete');
    for (const field of ['System status', 'Verification results', 'Next steps', 'Lessons learned']) expect(status.at(-1)).toContain(field);
    for (const channel of [incident, CHANNELS['trading-status'], CHANNELS.management])
      expect(new Set(texts(channel)).size).toBe(texts(channel).length);
  });

  it('the thread tells each phase and the proof of each host', () => {
    for (const part of ['Phase 1 of 5', 'Phase 5 of 5', '8.1 Unit tests', 'prod-2: new', 'unit sac-agent-service: active, 1 instance'])
      expect(rollback.thread()).toContain(part);
  });

  it('leaves no lock and nothing but information in the log', async () => {
    expect(product.log.filter((line) => JSON.parse(line).level > 30)).toEqual([]);
  });

  it('there is nothing to do a second time, and it says so', async () => {
    await world.workspace.command(PEOPLE.requester, incident, '/rollback sac v0.1.0');
    await world.workspace.waitFor(
      () => world.workspace.messages(incident).some((message) => message.text.includes('run v0.1.0 already')),
      'the card that says so',
      30_000,
    );
  });
});
