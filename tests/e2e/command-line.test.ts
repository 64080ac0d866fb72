import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { addKey } from '../helpers/agentrader.ts';
import { identify, start } from '../helpers/command-line.ts';
import { ask, type Followed, incident, PEOPLE } from '../helpers/rollback.ts';

let world: World;
let rollback: Followed;
let worker: { kill9(): Promise<void> };
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'], watchFor: '20s' });
  await world.start('bot');
  worker = await world.start('worker');
});
afterAll(() => world?.stop());

const line = (...words: string[]) =>
  start(words, { REDIS_URL: world.env.REDIS_URL ?? '', SYSTEMS_DIR: world.systemsDir, DATA_DIR: world.env.DATA_DIR ?? '' });

describe('Slack goes away before anybody has approved', () => {
  it('who asked in Slack cannot approve on the command line; who may, does, for the plan that it shows', async () => {
    rollback = await ask(world, 'agentrader v0.1.0');
    await rollback.until('approve');
    identify(world.systemsDir, PEOPLE.requester);
    await expect.poll(async () => (await line('status').ended).out, { timeout: 60_000 }).toMatch(/Who is in which group: as Slack said/);
    world.workspace.faults.outage(true);
    expect(await line('approve', rollback.id).ended).toMatchObject({ code: 2, err: expect.stringContaining('@agentrader-leads') });
    identify(world.systemsDir, PEOPLE.approver);
    const shown = await line('approve', rollback.id).ended;
    expect(shown.out).toContain('aGENtrader: v0.2.0 → v0.1.0');
    const digest = /^Digest ([0-9a-f]{64})$/m.exec(shown.out)?.[1] ?? '';
    const approved = await line('approve', rollback.id, '--yes', digest.slice(0, 12)).ended;
    expect([approved.code, approved.err]).toEqual([0, '']);
  });

  it('it starts at once and is followed to its end; production has the old version', async () => {
    const followed = await line('follow', rollback.id).ended;
    expect([followed.code, followed.err]).toEqual([0, '']);
    expect(followed.out).toContain('Approved by @approver (command line) (1 of 1).');
    expect(followed.out).toMatch(/step 5 Stop on ec2-1: done after/);
    expect(followed.out).toMatch(/Complete: v0\.1\.0 proven on 1 of 1 host\.\n$/);
    expect((await world.hosts.exec('ec2-1', 'curl -s http://localhost:8000/health')).stdout).toContain('"version":"v0.1.0"');
    const at = (words: RegExp): number => {
      const [, h, m, s] = new RegExp(`^(\\d\\d):(\\d\\d):(\\d\\d) {2}${words.source}`, 'm').exec(followed.out) ?? [];
      return Number(h) * 3600 + Number(m) * 60 + Number(s);
    };
    console.log(`the first phase began ${at(/Phase 1/) - at(/Started/)} s after the approval`);
    expect(at(/Phase 1/) - at(/Started/)).toBeLessThanOrEqual(2);
  });

  it('nobody was told in Slack meanwhile; when it is back, the thread tells the whole story once', async () => {
    expect(rollback.card().text).toContain('Waiting for');
    world.workspace.faults.outage(false);
    await rollback.says(/complete: v0\.1\.0 proven on 1 of 1 host/, 120_000);
    const keys = (): string[] => world.workspace.replies(incident, rollback.ts).map((reply) => String(reply.metadata?.event_payload.message));
    await world.workspace.waitFor(() => keys().includes('report'), 'the report in the thread', 60_000);
    expect(keys().toSorted()).toEqual([...new Set(keys())].toSorted());
    const phases = keys().filter((key) => /^phase-\d+$/.test(key));
    expect(phases).toHaveLength(5);
    expect(phases).toEqual(phases.toSorted());
    expect(JSON.stringify(rollback.card().blocks)).toContain(`approved by <@${PEOPLE.approver}>`);
  });
});

describe('stop', () => {
  it('in the middle of a step: what runs is ended, what was done and cut is said, the lock is free', async () => {
    identify(world.systemsDir, PEOPLE.approver);
    await addKey(world); // with it v0.2.0 is healthy
    const again = await ask(world, 'agentrader v0.2.0');
    await again.until('approve');
    await again.click(PEOPLE.approver, 'approve');
    await again.says(/Now: step 7\.2 Watch/);
    const shown = await line('stop', again.id).ended;
    const digest = /^Digest ([0-9a-f]{64})$/m.exec(shown.out)?.[1] ?? '';
    const stopped = await line('stop', again.id, '--yes', digest.slice(0, 8)).ended;
    expect([stopped.code, stopped.err]).toEqual([0, '']);
    expect(stopped.out).toMatch(/step 7\.2 Watch on ec2-1: CUT after/);
    expect(stopped.out).toMatch(/^Done: step 1\.1 .*, step 6\.2 Start on ec2-1.*\nCut: step 7\.2 Watch on ec2-1\.\nNot begun: 2 of \d+ steps\.\n/m);
    expect((await line('status').ended).out).not.toContain('is locked by');
    await again.says(/was stopped/);
  });
});

describe('the worker is killed', () => {
  it('status says that it gives no sign, and that none lives', async () => {
    const before = await line('status').ended;
    expect(before.out).toMatch(/Workers that live: \S+:\d+/);
    await worker.kill9();
    await expect.poll(async () => (await line('status').ended).out, { timeout: 40_000, interval: 2000 }).toContain('No worker lives');
  });
});
