import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import type { Message } from '../../lab/workspace/model.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, eventsOf, type Followed, incident, PEOPLE } from '../helpers/rollback.ts';

let world: World;
let product: ProductProcess;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac', 'agentrader'], watchFor: '20s', progressEvery: '6s' });
  product = await world.start();
});
afterAll(() => world?.stop());

const minuteMs = 60_000;

/** Every message of a rollback wherever it is, oldest first, by the key it carries. */
function delivered(rollback: string): { key: string; at: number; message: Message }[] {
  const { workspace } = world;
  const channels = [...Object.values(CHANNELS), ...Object.values(PEOPLE).map((person) => workspace.directChannel(person))];
  const all = channels.flatMap((channel) => workspace.messages(channel).flatMap((one) => [one, ...workspace.replies(channel, one.ts)]));
  const seen = new Map(all.map((one) => [`${one.channel} ${one.ts}`, one]));
  return [...seen.values()]
    .flatMap((message) => {
      const about = message.metadata?.event_payload;
      return about?.rollback === rollback ? [{ key: String(about.message), at: Number(message.ts), message }] : [];
    })
    .sort((a, b) => a.at - b.at);
}

/** Each message was delivered once; in each destination the phases in their order, the notices in theirs. */
function expectOnceAndInOrder(rollback: string): void {
  const all = delivered(rollback);
  const keys = all.map(({ key }) => key);
  expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
  expect(keys[0]).toBe('card');
  for (const channel of new Set(all.map(({ message }) => message.channel))) {
    const here = all.filter(({ message }) => message.channel === channel).map(({ key }) => key);
    const order = (fits: RegExp) => here.filter((key) => fits.test(key)).map((key) => Number(key.match(/\d+/)?.[0]));
    for (const fits of [/^phase-\d+$/, /^progress-\d+/]) expect(order(fits)).toEqual(order(fits).toSorted((a, b) => a - b));
    const first = (name: string) => here.findIndex((key) => key.startsWith(name));
    if (first('completion') >= 0) expect(first('initial')).toBeLessThan(first('completion'));
  }
}

/** How many steps of a rollback have ended, as its log has it. */
const stepsEnded = async (rollback: string): Promise<number> =>
  (await eventsOf(world, rollback)).filter(({ type }) => type === 'step-finished').length;

/** How many steps have ended on a host, as the receipts there say: looked at from outside, without the product. */
const endedOn = async (host: string): Promise<number> =>
  Number((await world.hosts.exec(host, "cat ~/.rollback-bot/steps/*.exit | grep -c ' [.]$'", { user: 'deploy' })).stdout);

const venv = '/srv/trade-agent/.venv/bin';
const held = '/var/tmp/held';

/** From here on pytest on dev-1 waits for as long as {@link held} is there. */
async function holdTests(): Promise<void> {
  const wrapper = `#!/bin/sh\\nwhile [ -e ${held} ]; do sleep 0.1; done\\nexec ${venv}/pytest.real "$@"\\n`;
  const make = `touch ${held} && mv ${venv}/pytest ${venv}/pytest.real && printf '${wrapper}' >${venv}/pytest && chmod 755 ${venv}/pytest`;
  const { exitCode, stderr } = await world.hosts.exec('dev-1', make, { user: 'deploy' });
  expect([exitCode, stderr]).toEqual([0, '']);
}

/** Whether a step on dev-1 is held in its middle. */
const isHeld = async (): Promise<boolean> => (await world.hosts.exec('dev-1', `pgrep -f '${venv}/[p]ytest'`)).exitCode === 0;

describe('Slack in trouble while a rollback runs', () => {
  let rollback: Followed;

  it('429, 500, no answer, a lost answer: every message comes once and in order, and the rollback is not held up', async () => {
    rollback = await ask(world, 'agentrader v0.1.0');
    await rollback.until('approve');
    for (const fault of [
      { kind: 'ratelimited', retryAfterS: 2 },
      { kind: 'http500' },
      { kind: 'hang' },
      { kind: 'drop-reply' },
      { kind: 'drop-reply' },
    ] as const)
      world.workspace.faults.next('chat.postMessage', fault);
    world.workspace.faults.next('chat.update', { kind: 'http500' }, 2);
    await rollback.click(PEOPLE.approver, 'approve');
    await rollback.says(/Phase 5 of 5|Validation/, 120_000);
  });

  it('an outage of some seconds: it goes on meanwhile, and the schedule goes on afterwards', async () => {
    const [endedBefore, toldBefore] = [await stepsEnded('agentrader-1'), delivered('agentrader-1').length];
    world.workspace.faults.outage(true);
    await expect.poll(() => stepsEnded('agentrader-1'), { timeout: 60_000, interval: 200 }).toBeGreaterThan(endedBefore);
    expect(delivered('agentrader-1')).toHaveLength(toldBefore);
    world.workspace.faults.outage(false);
    const backAt = performance.now();
    const before = world.workspace.ephemerals(PEOPLE.requester).length;
    await expect
      .poll(async () => (await world.workspace.command(PEOPLE.requester, incident, '/rollback status')).ok, { timeout: 30_000, interval: 500 })
      .toBe(true);
    await world.workspace.waitFor(() => world.workspace.ephemerals(PEOPLE.requester)[before], 'the answer to status');
    console.log(`a command is answered ${Math.round(performance.now() - backAt)} ms after Slack is back`);
    await rollback.says(/proven on 1 of 1/);
    await world.workspace.waitFor(() => delivered('agentrader-1').some(({ key }) => key.startsWith('completion')), 'the completion');
    expectOnceAndInOrder('agentrader-1');
  });
});

describe('Redis in trouble while a rollback runs', () => {
  let rollback: Followed;

  it('a minute without it stops only progress: commands are answered within 3 s, steps on hosts go on, and then the rollback does', async () => {
    await holdTests();
    rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await rollback.click(PEOPLE.approver, 'approve');
    await rollback.says(/Phase 3 of 5/);
    await expect.poll(isHeld, { timeout: 120_000, interval: 100 }).toBe(true);
    const endedBefore = await endedOn('dev-1');
    await world.redis.kill9();
    const killedAt = performance.now();
    const before = world.workspace.ephemerals(PEOPLE.requester).length;
    await world.workspace.command(PEOPLE.requester, incident, '/rollback sac v0.2.0');
    const answer = await world.workspace.waitFor(() => world.workspace.ephemerals(PEOPLE.requester)[before], 'the answer');
    console.log(`Redis gone: a command is answered after ${Math.round(performance.now() - killedAt)} ms: ${answer.text}`);
    expect(performance.now() - killedAt).toBeLessThan(3000);
    expect(answer.text).toMatch(/Nothing was changed|does not know whether it was done/);
    expect(await endedOn('dev-1')).toBe(endedBefore);
    const { exitCode } = await world.hosts.exec('dev-1', `rm ${held}`);
    expect(exitCode).toBe(0);
    await expect.poll(() => endedOn('dev-1'), { timeout: 30_000, interval: 200 }).toBeGreaterThan(endedBefore);
    console.log(`a step on dev-1 ended ${Math.round(performance.now() - killedAt)} ms after Redis was killed`);
    expect(rollback.card().text).toContain('Phase 3 of 5');
    while (performance.now() - killedAt < minuteMs) {
      const askedAt = performance.now();
      const seen = world.workspace.ephemerals(PEOPLE.requester).length;
      await world.workspace.command(PEOPLE.requester, incident, '/rollback status');
      await world.workspace.waitFor(() => world.workspace.ephemerals(PEOPLE.requester)[seen], 'the answer', 3000);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, askedAt + 5000 - performance.now()))); // a person asks now and then
    }
    await world.redis.restart();
    const backAt = performance.now();
    await rollback.says(/Phase 4 of 5/);
    console.log(`phase 4 began ${Math.round(performance.now() - backAt)} ms after Redis was back`);
    expect(performance.now() - backAt).toBeLessThan(20_000);
  });

  it('the whole product killed and started again: the schedule survives, nothing is told or done twice', async () => {
    await world.workspace.waitFor(() => delivered('sac-1').some(({ key }) => key.startsWith('progress-')), 'the first progress', 30_000);
    await product.kill9();
    const told = delivered('sac-1').filter(({ key }) => key.startsWith('progress-')).length;
    product = await world.start();
    await world.workspace.waitFor(
      () => delivered('sac-1').filter(({ key }) => key.startsWith('progress-')).length >= told + 2,
      'two more progress messages',
      60_000,
    );
    await rollback.says(/proven on 3 of 3 hosts/);
    expect(world.pipeline.runs.map((run) => run.inputs.host)).toEqual(['prod-1', 'prod-2']);
    expect(rollback.thread()).not.toContain('attempt 2');
    await world.workspace.waitFor(() => delivered('sac-1').some(({ key }) => key.startsWith('completion:#trading-status')), 'the completion');
    expectOnceAndInOrder('sac-1');
  });
});
