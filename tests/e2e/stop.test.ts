import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wordsOf } from '../../lab/workspace/driver.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { keys } from '../../src/store/keys.ts';
import { ask, completed, eventsOf, type Followed, incident, nextCard, opened, PEOPLE, toldInThread, toldPrivately } from '../helpers/rollback.ts';

let world: World;
let redis: Redis;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  redis = new Redis(world.redis.url);
  await slowOnDemand();
  await world.start();
});
afterAll(async () => {
  redis?.disconnect();
  await world?.stop();
});

const on = async (host: string, command: string, user = 'root'): Promise<string> => {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout.trim();
};

const python = '/srv/trade-agent/.venv/bin/python';

/** On dev-1 the smoke test hangs with a child of its own while /var/tmp/slow is there, and fails while /var/tmp/broken is; on prod-1 a deployment hangs. */
async function slowOnDemand(): Promise<void> {
  const dev = `#!/bin/sh\\ncase "$*" in *smoke_test*)\\n[ ! -e /var/tmp/broken ] || { echo orders rejected; exit 7; }\\n[ ! -e /var/tmp/slow ] || { sleep 7771 & echo hanging; wait; } ;;\\nesac\\nexec ${python}.real "$@"\\n`;
  await on('dev-1', `mv ${python} ${python}.real && printf '${dev}' >${python} && chmod 755 ${python}`);
  const deploy = '/srv/deploy/deploy.sh';
  const prod = `#!/bin/sh\\n[ ! -e /var/tmp/slow ] || exec sleep 7772\\nexec ${deploy}.real "$@"\\n`;
  await on('prod-1', `mv ${deploy} ${deploy}.real && printf '${prod}' >${deploy} && chmod 755 ${deploy}`);
}

const sleeping = (host: string, seconds: number): Promise<string> => on(host, `pgrep -fxc 'sleep ${seconds}' || true`);
const lock = () => redis.hgetall(keys.lock('sac'));
const active = (host: string): Promise<string> => on(host, 'systemctl is-active sac-agent-service || true');
const started = async (text: string): Promise<Followed> => {
  const rollback = await ask(world, text);
  await rollback.until('approve');
  await rollback.click(PEOPLE.approver, 'approve');
  return rollback;
};
const type = (person: string, text: string) => world.workspace.command(person, incident, `/rollback ${text}`);

describe('Stop here, while a step runs on a host', () => {
  let rollback: Followed;

  it('is only for those who decide, and status says who holds the lock', async () => {
    await on('dev-1', 'touch /var/tmp/slow');
    rollback = await started('sac v0.1.0');
    await expect.poll(() => sleeping('dev-1', 7771), { timeout: 120_000 }).toBe('1');
    expect((await lock()).rollback).toBe(rollback.id);
    await rollback.click(PEOPLE.qa, 'stop');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.qa).includes(`${rollback.id} is stopped by @sac-leads`), 'the refusal');
    await type(PEOPLE.requester, 'status');
    await world.workspace.waitFor(
      () => new RegExp(`sac is locked by ${rollback.id} since .*; its worker \\S+ is alive`).test(toldPrivately(world, PEOPLE.requester)),
      'the lock in status',
    );
    await type(PEOPLE.approver, 'unlock sac it looks stuck');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.approver).includes('is at work'), 'no unlocking of what lives');
    expect((await lock()).rollback).toBe(rollback.id);
  });

  it('ends the whole process group, says what is done and what was cut, and leaves no lock', async () => {
    const clickedAt = performance.now();
    await rollback.click(PEOPLE.approver, 'stop');
    const card = await rollback.says(/was stopped/);
    console.log(`stopped ${Math.round(performance.now() - clickedAt)} ms after the click\n${card.text}`);
    expect(await sleeping('dev-1', 7771)).toBe('0');
    expect(await lock()).toEqual({});
    expect(card.text).toContain('production was not stopped');
    expect(card.text).toMatch(/Step 9\.1 Smoke test\*? on dev-1\*? was cut|\*Step 9\.1 Smoke test on dev-1\* was cut/);
    expect(card.text).toMatch(/\d+ of \d+ steps are done/);
    expect(rollback.buttons()).toEqual(expect.arrayContaining(['put-back', 'steps', 'report']));
    const events = await eventsOf(world, rollback.id);
    const chosenAt = events.findIndex((event) => event.type === 'stop-chosen');
    expect(events.slice(chosenAt).filter((event) => event.type === 'step-intended')).toEqual([]);
  });
});

describe('/rollback stop, while a pipeline deploys and production is stopped', () => {
  let rollback: Followed;

  it('ends the pipeline’s run, and says first that production is stopped', async () => {
    await on('dev-1', 'rm /var/tmp/slow');
    await on('prod-1', 'touch /var/tmp/slow');
    rollback = await started('sac v0.1.0');
    await expect.poll(() => sleeping('prod-1', 7772), { timeout: 120_000 }).toBe('1');
    await type(PEOPLE.requester, `stop ${rollback.id}`);
    const card = await rollback.says(/was stopped/);
    console.log(card.text);
    expect(card.text.split('\n')[0]).toContain('prod-1 is STOPPED');
    expect(world.pipeline.runs.at(-1)?.conclusion).toBe('cancelled');
    expect(card.text).toContain('cancelled');
    expect([await active('prod-1'), await active('prod-2')]).toEqual(['inactive', 'active']);
    expect(await lock()).toEqual({});
    await type(PEOPLE.requester, `stop ${rollback.id}`);
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).includes(`${rollback.id} does not run`), 'the refusal');
  });

  it('Put back brings production back', async () => {
    await on('prod-1', 'rm /var/tmp/slow; pkill -fx "sleep 7772" || true');
    const { id } = await opened(world, rollback, PEOPLE.requester, 'put-back');
    const undo = await nextCard(world, () => world.workspace.submit(id, PEOPLE.requester, { scope: 'all' }));
    await undo.until('approve');
    await undo.click(PEOPLE.approver, 'approve');
    await completed(undo);
    expect([await active('prod-1'), await active('prod-2')]).toEqual(['active', 'active']);
  });
});

describe('Skip, where the policy allows it', () => {
  it('passes one step over with a reason, which card, thread and report say; the proof is made all the same', async () => {
    await on('dev-1', 'touch /var/tmp/broken');
    const rollback = await started('sac v0.1.0');
    await rollback.until('skip');
    const asked = async (person: string, reason: string) => {
      const { id } = await opened(world, rollback, person, 'skip');
      await world.workspace.submit(id, person, { run: '9.1@dev-1', reason });
    };
    await asked(PEOPLE.approver, 'I want to');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.approver).includes('@sac-oncall') || dm(PEOPLE.approver).includes('@sac-oncall'));
    await asked(PEOPLE.oncall, 'the exchange is closed');
    await rollback.says(/under way|being proven|complete/);
    const card = await completed(rollback);
    expect(card.text).toContain('proven on 3 of 3 hosts');
    await toldInThread(world, rollback, 'was skipped by');
    expect(rollback.thread()).toContain('the exchange is closed');
    expect(await lock()).toEqual({});
  });
});

const dm = (person: string): string => world.workspace.messages(world.workspace.directChannel(person)).map(wordsOf).join('\n');
