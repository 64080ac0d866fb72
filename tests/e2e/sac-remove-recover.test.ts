import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../lab/workspace/model.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, completed, type Followed, incident, nextCard, opened, PEOPLE, planOf, toldPrivately, wholeOf } from '../helpers/rollback.ts';
import { prods, sacState, unitOf } from '../helpers/sac.ts';

let world: World;
let before: Record<string, string>;
let written: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  const file = join(world.systemsDir, 'sac.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('by: "#inc-trading"', 'by: "@sac-oncall"')); // so that somebody in the channel may not
  expect(readFileSync(file, 'utf8')).not.toBe(text);
  await world.start();
  before = await sacState(world);
  written = await dataOf();
});
afterAll(() => world?.stop());

/** People wait so long at most for the halt, in milliseconds. */
const haltWithinMs = 5000;
const tree = '/srv/trade-agent';

async function on(host: string, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user: 'deploy' });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
}

/** What the service writes; its log grows as long as it runs, so that its content is left out. */
async function dataOf(): Promise<Record<string, string>> {
  const of = async (host: string): Promise<[string, string]> => {
    const whole = await wholeOf(world, host, ['/var/lib/trade-agent', '/var/log/trade-agent']);
    return [host, whole.replaceAll(/^\S+ {2}.*\.log\n/gm, '')];
  };
  return Object.fromEntries(await Promise.all(prods.map(of)));
}

/** Answers how long it took until the unit is so on both hosts, in milliseconds, looked at from outside. */
async function until(state: 'active' | 'inactive', since: number): Promise<number> {
  const is = async (host: string): Promise<void> => {
    while (!(await unitOf(world, host)).startsWith(state)) expect(performance.now() - since).toBeLessThan(60_000);
  };
  await Promise.all(prods.map(is));
  return Math.round(performance.now() - since);
}

/** Waits until both hosts answer so; a service needs a moment after its start. */
async function healthOf(status: string): Promise<void> {
  const since = performance.now();
  for (const host of prods) while (!(await unitOf(world, host)).includes(`health ${status}`)) expect(performance.now() - since).toBeLessThan(60_000);
}

const settled = async (rollback: Followed): Promise<Message> => rollback.says(/cannot be done yet|Waiting for/, 180_000);

/** Chooses another scenario in the modal of Change version. */
async function choose(rollback: Followed, scenario: string): Promise<Message> {
  const { id } = await opened(world, rollback, PEOPLE.requester, 'change');
  await world.workspace.submit(id, PEOPLE.requester, { scenario });
  const isPlanned = () => rollback.card().text.includes(`Scenario: ${scenario}`) && rollback.buttons().includes('approve');
  await world.workspace.waitFor(isPlanned, `the plan for ${scenario}`, 180_000);
  return rollback.card();
}

describe('Stop trading, before anything is approved', () => {
  let rollback: Followed;

  it('is refused to who may not, and done for who may on both hosts within five seconds', async () => {
    rollback = await ask(world, 'sac v0.1.0 orders rejected');
    await rollback.until('halt');
    expect(rollback.buttons()).not.toContain('approve'); // the hosts are still being read
    await rollback.click(PEOPLE.requester, 'halt');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).includes('Stop trading is for @sac-oncall'), 'the refusal');
    expect(await unitOf(world, 'prod-1')).toMatch(/^active/);
    const since = performance.now();
    await rollback.click(PEOPLE.oncall, 'halt');
    const ms = await until('inactive', since);
    console.log(`halt: both hosts stopped ${ms} ms after the click`);
    expect(ms).toBeLessThan(haltWithinMs);
    const card = await rollback.says(/Trading is stopped on prod-1, prod-2 since/);
    expect(card.text).toContain('Open positions stay open.');
    await rollback.until('approve');
    expect(rollback.buttons()).toContain('halt-back');
    expect(rollback.buttons()).not.toContain('halt');
  });

  it('is taken back by its button, and everything is as it was', async () => {
    const since = performance.now();
    await rollback.click(PEOPLE.oncall, 'halt-back');
    console.log(`halt taken back: both hosts run ${await until('active', since)} ms after the click`);
    await rollback.says(/Resume trading was done on prod-1, prod-2/);
    await rollback.click(PEOPLE.requester, 'withdraw');
    await rollback.says(/was withdrawn/);
    await healthOf('503');
    expect(await sacState(world)).toEqual(before);
  });
});

describe('remove', () => {
  let removal: Followed;
  let listed: Record<string, string[]>;

  it('a directory that was made a link leads nowhere: a clear problem, and nothing is changed', async () => {
    const docs = `${tree}/docs/agents`;
    await on('dev-1', `cp -a ${docs} ~/precious && mv ${docs} ${docs}.away && ln -s ~/precious ${docs}`);
    const now = await sacState(world);
    const { text } = await settled(await ask(world, 'sac remove'));
    expect(text).toContain('1 problem found, nothing was changed');
    expect(text).toMatch(/dev-1 step 7: .*\/docs\/agents is a symbolic link, .* leads to \/home\/deploy\/precious, and is never followed/);
    expect(await sacState(world)).toEqual(now);
    await on('dev-1', `rm ${docs} && mv ${docs}.away ${docs} && rm -r ~/precious`);
    expect(await sacState(world)).toEqual(before);
  });

  it('shows the exact matches on every host in its plan', async () => {
    removal = await ask(world, 'sac remove');
    const { text } = await removal.until('approve');
    for (const part of ['SAC agent: removal', 'what was removed, after 14 d', 'kept for 14 days']) expect(text).toContain(part);
    const { work } = await planOf(world, removal.id);
    const filesOf = (run: '5@prod-1' | '5@prod-2' | '7@dev-1'): string[] => {
      const one = work[run];
      return one?.type === 'shell' ? one.from.split('\n').map((line) => line.replace(/\/? \(.*$/, '')) : [];
    };
    listed = { 'dev-1': filesOf('7@dev-1'), 'prod-1': filesOf('5@prod-1'), 'prod-2': filesOf('5@prod-2') };
    expect(listed['prod-1']).toEqual(listed['prod-2']);
    for (const path of [
      '/etc/trade-agent/sac_config.json',
      '/opt/trade-agent/sac/sac_replay.py',
      '/var/log/trade-agent/sac/agent.log',
      '/var/lib/trade-agent/sac/models',
    ])
      expect(listed['prod-1']).toContain(path);
    for (const path of [
      'src/rl/sac/sac_agent.py',
      'docs/agents/sac_replay_buffer.md',
      'tests/rl/sac/test_sac_replay.py',
      'scripts/train_sac.py',
      'models/sac_policy.pkl',
    ])
      expect(listed['dev-1']).toContain(`${tree}/${path}`);
  });

  it('a link that is planted after the plan stops it on that host, and what it leads to stays whole', async () => {
    const models = '/var/lib/trade-agent/sac/models';
    const elsewhere = () => wholeOf(world, 'prod-2', ['/var/lib/elsewhere']);
    await world.hosts.exec('prod-2', `mv ${models} /var/lib/elsewhere && ln -s /var/lib/elsewhere ${models}`);
    const precious = await elsewhere();
    expect(precious).toMatch(/\.pkl f /);
    await removal.click(PEOPLE.approver, 'approve');
    const { text } = await removal.until('retry');
    for (const part of ['all of production is STOPPED', 'Step 5 Production files on prod-2 was not run', 'no longer as the plan found it'])
      expect(text).toContain(part);
    expect(text).toMatch(/^prod-1: removed, proven, stopped since /m);
    expect(text).toMatch(/^dev-1: still as before, proven$/m);
    expect(await elsewhere()).toBe(precious);
    expect((await sacState(world))['prod-2']).toBe(
      before['prod-2']?.replace(/^active$/m, 'inactive').replace(/processes: \d+\nhealth 503/, 'processes: 0\nhealth 000'),
    );
    await world.hosts.exec('prod-2', `rm ${models} && mv /var/lib/elsewhere ${models}`);
    await removal.click(PEOPLE.approver, 'retry');
    await world.workspace.waitFor(() => !removal.buttons().includes('retry'), 'the retry');
  });

  it('takes away each of them, no other file, and the package; proven gone on all hosts', async () => {
    expect((await completed(removal)).text).toContain('removal proven on 3 of 3 hosts');
    const after = await sacState(world);
    for (const host of ['dev-1', ...prods]) {
      const gone = filesIn(before[host]).filter((path) => !filesIn(after[host]).includes(path));
      const named = (listed[host] ?? []).filter((path) => !path.startsWith('/var/') && filesIn(before[host]).includes(path));
      expect(gone.filter((path) => !path.includes('/site-packages/'))).toEqual(named.toSorted());
      expect(filesIn(after[host]).filter((path) => !filesIn(before[host]).includes(path))).toEqual([]);
    }
    expect(before['dev-1']).toContain('trade-agent-sac==0.2.0');
    expect(after['dev-1']).not.toContain('trade-agent-sac==');
    for (const host of prods) {
      expect(after[host]).toMatch(/^inactive$/m);
      expect((await dataOf())[host]).not.toMatch(/ f /);
      expect(
        await on(
          host,
          `find ~/.rollback-bot/kept/${removal.id}/5 -type f -name sac_agent.py | wc -l; cat ~/.rollback-bot/kept/${removal.id}/5/until`,
        ),
      ).toMatch(/^1\n\d{10}$/m);
    }
  });

  it('undo brings all back with owner, mode and content, and trading runs', async () => {
    const undo = await nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback undo ${removal.id}`));
    await undo.until('approve');
    await undo.click(PEOPLE.lead, 'approve');
    await completed(undo);
    expect(await sacState(world)).toEqual(before);
    expect(await dataOf()).toEqual(written);
  });
});

/** The regular files of a listing. */
const filesIn = (listing = ''): string[] => [...listing.matchAll(/^(\/\S+) f \d+ \d+:\d+ $/gm)].map(([, path]) => path ?? '').sort();

describe('scenarios', () => {
  it('a testing failure changes and proves development only', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    const card = await choose(rollback, 'testing failure');
    expect(card.text).toContain('only dev is changed and proven; left out: steps 1, 11.1, 11.2, 11.3, 11.4, 12, 12.4');
    await rollback.click(PEOPLE.approver, 'approve');
    expect((await completed(rollback)).text).toContain('v0.1.0 proven on 1 of 1 host');
    const now = await sacState(world);
    for (const host of prods) expect(now[host]).toBe(before[host]);
    expect(now['dev-1']).toContain('trade-agent-sac==0.1.0');
    expect(world.pipeline.runs).toEqual([]);
  });

  it('what was proven of development alone is not last known good', async () => {
    await world.workspace.command(PEOPLE.requester, incident, '/rollback sac recover');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).includes('No release of SAC agent was proven yet'), 'the refusal');
  });

  it('trading that was stopped from the card is no drift: the rollback runs, and starts it with the release that is proven', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await rollback.click(PEOPLE.oncall, 'halt');
    await rollback.says(/Trading is stopped on prod-1, prod-2 since/);
    await rollback.click(PEOPLE.approver, 'approve');
    expect((await completed(rollback)).text).toContain('v0.1.0 proven on 3 of 3 hosts');
    expect(rollback.buttons()).not.toContain('halt-back');
    for (const host of prods) expect(await unitOf(world, host)).toMatch(/^active[\s\S]*health 200/);
    await rollback.says(/Recorded as last known good/);
  });

  it('data corruption is handled by recover: a broken model and a lost configuration come back from the backup', async () => {
    await on('dev-1', `cd ${tree} && echo broken >models/sac_policy.pkl && rm configs/sac_config.json`);
    const rollback = await ask(world, 'sac v0.1.0');
    await settled(rollback);
    const card = await choose(rollback, 'data corruption');
    for (const part of ['SAC agent, recovery: v0.1.0 again', 'set aside and kept: models/sac_initial.pkl']) expect(card.text).toContain(part);
    await rollback.click(PEOPLE.approver, 'approve');
    await completed(rollback);
    const same = await on(
      'dev-1',
      `cd ${tree} && for file in models/sac_policy.pkl configs/sac_config.json; do cmp $file backups/v0.1.0/$file && echo same; done; ls models`,
    );
    expect(same).toBe('same\nsame\nsac_policy.pkl\n');
    const kept = await on('dev-1', `cd ~/.rollback-bot/kept/${rollback.id} && grep -rl broken . ; ls */extras`);
    expect(kept).not.toBe('');
    for (const host of prods) expect(await unitOf(world, host)).toMatch(/^active[\s\S]*health 200/);
  });

  it('by name it runs for last known good, and its undo brings back even what was broken', async () => {
    await on('dev-1', `cd ${tree} && echo broken >models/sac_policy.pkl`);
    const now = await sacState(world);
    const rollback = await ask(world, 'sac recover');
    const { text } = await rollback.until('approve');
    expect(text).toContain('SAC agent, recovery: v0.1.0 again');
    await rollback.click(PEOPLE.approver, 'approve');
    await completed(rollback);
    expect(await on('dev-1', `cat ${tree}/models/sac_policy.pkl | head -c 6`)).not.toBe('broken');
    const undo = await nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback undo ${rollback.id}`));
    await undo.until('approve');
    await undo.click(PEOPLE.lead, 'approve');
    await completed(undo);
    expect(await sacState(world)).toEqual(now);
  });
});
