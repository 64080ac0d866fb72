import { App } from '@slack/bolt';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { boltLogger } from '../../../src/bot/bolt-logger.ts';
import type { Inbound } from '../../../src/bot/hearing.ts';
import { openSocket } from '../../../src/bot/socket.ts';

let workspace: Workspace;
let inbound: Inbound | undefined;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterEach(async () => {
  workspace.faults.clear();
  await inbound?.stop();
  inbound = undefined;
});
afterAll(() => workspace.stop());

async function connected(): Promise<Inbound> {
  const logger = boltLogger(pino({ level: 'silent' }));
  const slackApiUrl = workspace.apiUrl;
  const retryConfig = { forever: true, minTimeout: 100, maxTimeout: 200 };
  inbound = openSocket({ appToken: workspace.appToken, logger, clientOptions: { slackApiUrl, retryConfig }, now: Date.now });
  const app = new App({
    authorize: async () => ({ botToken: workspace.botToken, botId: 'B1', botUserId: 'U1' }),
    receiver: inbound.receiver,
    logger,
    clientOptions: { slackApiUrl },
  });
  app.command('/rollback', async ({ ack }) => ack());
  await inbound.start();
  return inbound;
}

it('connected: since when, and when the last command or click came', async () => {
  const { hearing } = await connected();
  expect(hearing(Date.now() + 5000)).toEqual({ ok: true, says: 'connected to Slack for 5 s; no command or click came yet' });
  await workspace.command(PEOPLE.requester, CHANNELS['inc-trading'], '/rollback x');
  const { says, lastAt } = hearing(Date.now() + 60_000);
  expect(says).toContain('the last command or click came 60 s ago');
  expect(Date.now() - (lastAt ?? 0)).toBeLessThan(5000);
});

it('cut off: nobody is alarmed while it connects anew; after fifteen seconds it is not well, and says since when', async () => {
  const { hearing } = await connected();
  workspace.faults.outage(true);
  await expect.poll(() => hearing(Date.now()).says).toContain('not connected to Slack for 0 s');
  expect(hearing(Date.now() + 10_000).ok).toBe(true);
  expect(hearing(Date.now() + 16_000)).toMatchObject({
    ok: false,
    says: expect.stringContaining('not connected to Slack for 16 s: a connection is being'),
  });
  workspace.faults.outage(false);
  await expect.poll(() => hearing(Date.now() + 16_000), { timeout: 20_000 }).toMatchObject({ ok: true });
});

it('asked by Slack to connect anew, it does', async () => {
  const { hearing } = await connected();
  workspace.sockets.refresh();
  await expect.poll(() => hearing(Date.now()).says).toContain('not connected');
  await expect.poll(() => hearing(Date.now()).says, { timeout: 20_000 }).toMatch(/^connected/);
});

it('before it has connected it is not well for long', async () => {
  inbound = openSocket({
    appToken: workspace.appToken,
    logger: boltLogger(pino({ level: 'silent' })),
    clientOptions: { slackApiUrl: workspace.apiUrl },
    now: Date.now,
  });
  expect(inbound.hearing(Date.now() + 20_000)).toMatchObject({ ok: false });
});
