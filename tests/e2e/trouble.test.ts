import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import { wordsOf } from '../../lab/workspace/driver.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, type Followed, incident, PEOPLE, toldInThread, toldPrivately } from '../helpers/rollback.ts';

let world: World;
let product: ProductProcess;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  await smokeTestCanFail();
  product = await world.start();
});
afterAll(() => world?.stop());

const python = '/srv/trade-agent/.venv/bin/python';
const agent = '/srv/trade-agent/src/rl/sac/sac_agent.py';

const onHost = async (host: string, command: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user: 'deploy' });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

/** While /var/tmp/broken is there, dev-1's smoke test prints the token of the pipeline and fails. */
async function smokeTestCanFail(): Promise<void> {
  const token = world.env.GITHUB_TOKEN;
  const wrapper = `#!/bin/sh\\ncase "$*" in *smoke_test*) [ ! -e /var/tmp/broken ] || { echo "orders rejected, token was ${token}"; exit 7; } ;; esac\\nexec ${python}.real "$@"\\n`;
  await onHost('dev-1', `mv ${python} ${python}.real && printf '${wrapper}' >${python} && chmod 755 ${python}`);
}

const messagesIn = (channel: string): string[] => world.workspace.messages(channel).map(wordsOf);
const sha256 = (host: string, file: string): Promise<string> => onHost(host, `sha256sum <${file}`);

describe('trouble in the middle', () => {
  let drifted: Followed;
  let second: Followed;

  it('a host that was changed after the plan: nothing is done to it, and the card says so', async () => {
    second = await ask(world, 'sac v0.1.0');
    await second.until('approve');
    await onHost('dev-1', `cp -p ${agent} /var/tmp/before && echo '# changed by hand' >>${agent}`);
    const changed = await sha256('dev-1', agent);
    await onHost('dev-1', `cp -p ${agent} /var/tmp/changed && cp -p /var/tmp/before ${agent}`);
    drifted = await ask(world, 'sac v0.1.0');
    await drifted.until('approve');
    await onHost('dev-1', `cp -p /var/tmp/changed ${agent}`);
    const approvedAt = performance.now();
    await drifted.click(PEOPLE.approver, 'approve');
    const card = await drifted.until('retry');
    console.log(`drift: said after ${Math.round(performance.now() - approvedAt)} ms`);
    expect(card.text.split('\n')[0]).toContain('production was not stopped');
    expect(card.text).toContain('the host is no longer as the plan found it');
    expect(card.text).toContain('Put it back and press Retry, or have a new plan made');
    expect(await sha256('dev-1', agent)).toBe(changed);
  });

  it('a second rollback of the system is refused with the name of the first', async () => {
    await second.click(PEOPLE.lead, 'approve');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.lead).includes('sac-2 is running on sac'), 'the refusal');
    expect(second.buttons()).toContain('approve');
  });

  it('who may not decide cannot; left as it is, everybody hears that it was not completed', async () => {
    await drifted.click(PEOPLE.qa, 'leave');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.qa).includes('@sac-leads'));
    await drifted.click(PEOPLE.approver, 'leave');
    await drifted.says(/was left as it is/);
    expect(drifted.buttons()).not.toContain('retry');
    for (const channel of [incident, CHANNELS['trading-status'], CHANNELS.management])
      await world.workspace.waitFor(
        () => messagesIn(channel).some((text) => text.includes('Rollback Not Completed')),
        `the failed notice in ${channel}`,
      );
    for (const channel of [incident, CHANNELS['trading-status'], CHANNELS.management])
      expect(messagesIn(channel).filter((text) => text.includes('Rollback Not Completed'))).toHaveLength(1);
    expect(messagesIn(CHANNELS['client-notices'])).toEqual([]);
  });

  it('the lock is free: the second starts; a test that fails is shown with its last lines and without secrets', async () => {
    await onHost('dev-1', `cp -p /var/tmp/before ${agent} && touch /var/tmp/broken`);
    await second.click(PEOPLE.lead, 'approve');
    const card = await second.until('retry', 120_000);
    expect(card.text.split('\n')[0]).toContain('production was not stopped');
    expect(card.text).toContain('9.1 Smoke test');
    expect(card.text).toContain('exit 7');
    await toldInThread(world, second, 'orders rejected, token was •••');
    await expectNoSecretAnywhere();
  });

  it('Retry goes on; a deployment that fails with production stopped says that first', async () => {
    await onHost('dev-1', 'rm /var/tmp/broken');
    world.pipeline.faults.push('fail-run');
    await second.click(PEOPLE.requester, 'retry');
    await second.says(/is STOPPED/, 120_000);
    const card = await second.until('retry', 120_000);
    expect(card.text.split('\n')[0]).toContain('prod-1 is STOPPED');
    expect(card.text).toContain('11.2 Deploy');
    await toldInThread(world, second, 'the runner lost its connection to the host');
  });

  it('the answer of the pipeline lost, then sshd gone and back again: it goes on by itself, to the proof', async () => {
    world.pipeline.faults.push('lose-reply');
    await second.click(PEOPLE.approver, 'retry');
    await world.workspace.waitFor(() => world.pipeline.runs[1]?.conclusion === 'success', 'the deployment of prod-1', 60_000);
    await world.workspace.waitFor(() => !second.buttons().includes('retry'), 'the card to show that it goes on');
    await world.hosts.stopSshd('prod-1');
    const stoppedAt = performance.now();
    const away = await world.workspace
      .waitFor(() => second.buttons().includes('retry'), 'trouble', 5000)
      .then(
        () => 'asks people',
        () => 'waits for it',
      );
    await world.hosts.startSshd('prod-1');
    expect(away, second.card().text).toBe('waits for it');
    await second.says(/proven on 3 of 3 hosts/);
    console.log(`proven ${Math.round(performance.now() - stoppedAt)} ms after sshd went away`);
    expect(world.pipeline.runs.map((run) => run.inputs.host)).toEqual(['prod-1', 'prod-1', 'prod-2']);
    await world.workspace.waitFor(
      () => messagesIn(CHANNELS['trading-status']).some((text) => text.includes('Rollback Complete')),
      'the completion notice',
    );
    await expectNoSecretAnywhere();
  });
});

/** The token is in no message, no event, no plan, no output in Redis and no line of the log. */
async function expectNoSecretAnywhere(): Promise<void> {
  const token = world.env.GITHUB_TOKEN ?? '';
  expect(JSON.stringify([world.workspace.calls(), product.log])).not.toContain(token);
  const redis = new Redis(world.redis.url);
  try {
    for (const key of await redis.keys('*')) expect((await redis.dump(key))?.includes(token) ?? false, key).toBe(false);
    const texts = (await redis.keys('*:output:*')).map((key) => redis.hvals(key));
    expect((await Promise.all(texts)).flat().join('\n')).not.toContain(token);
  } finally {
    redis.disconnect();
  }
}
