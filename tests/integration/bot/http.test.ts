import { App } from '@slack/bolt';
import { Redis as Client } from 'ioredis';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../lab/hosts/ports.ts';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { sign } from '../../../lab/workspace/http/sign.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { boltLogger } from '../../../src/bot/bolt-logger.ts';
import type { Inbound } from '../../../src/bot/hearing.ts';
import { openHttp, slackPath } from '../../../src/bot/http.ts';
import { connectStore, type ScriptedRedis } from '../../../src/store/redis.ts';
import { Replays } from '../../../src/store/replays.ts';
import { attacks, inBody, post } from '../../helpers/attacks.ts';

const signingSecret = '0123456789abcdef0123456789abcdef';
const incident = CHANNELS['inc-trading'];
let redis: Redis;
let store: ScriptedRedis;
let workspace: Workspace;
let port: number;
const ends: (() => Promise<void>)[] = [];
const lines: string[] = [];
const turnedAway: number[] = [];
const typed: string[] = [];

beforeAll(async () => {
  redis = await startRedis();
  store = connectStore(redis.url);
  port = await freePort();
  workspace = await startWorkspace({ requestUrl: { url: `http://127.0.0.1:${port}${slackPath}`, signingSecret } });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  for (const list of [lines, turnedAway, typed]) list.length = 0;
});
afterAll(async () => {
  store.disconnect();
  await Promise.all([redis.stop(), workspace.stop()]);
});

/** Bolt behind our server, as the product puts them together, with one listener. */
async function open(app: (app: App) => void = listens, at = port): Promise<Inbound> {
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const replays = new Replays(store, Date.now);
  const inbound = openHttp({
    signingSecret,
    port: at,
    logger,
    boltLogger: boltLogger(logger),
    isFirst: (signature) => replays.isFirst(signature),
    onTurnedAway: (status) => void turnedAway.push(status),
    now: Date.now,
  });
  const bolt = new App({
    authorize: async () => ({ botToken: workspace.botToken, botId: 'B1', botUserId: 'U1' }),
    receiver: inbound.receiver,
    logger: boltLogger(logger),
    clientOptions: { slackApiUrl: workspace.apiUrl },
  });
  app(bolt);
  await inbound.start();
  ends.push(() => inbound.stop());
  return inbound;
}

const listens = (app: App): void =>
  app.command('/rollback', async ({ ack, command }) => {
    typed.push(command.text);
    await ack();
  });

describe('requests that are not Slack’s', () => {
  it.each(attacks('sac v0.1.0'))('$name: $status', async ({ send, status }) => {
    await open();
    expect(await send({ port, signingSecret })).toBe(status);
    expect(typed).toEqual([]);
    expect(turnedAway).toEqual(status === 200 ? [] : [status]);
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      status === 200 ? [] : [expect.objectContaining({ status, msg: 'a request was turned away' })],
    );
    for (const secret of [inBody, 'sac', signingSecret, 'x-slack-']) expect(lines.join('')).not.toContain(secret);
    expect(await workspace.command(PEOPLE.requester, incident, '/rollback still there')).toEqual({ ok: true }); // and it goes on
    expect(typed).toEqual(['still there']);
  });

  it('a request that came already is turned away, by another process too, and by this one when Redis has forgotten it', async () => {
    const other = await freePort();
    await open();
    await open(listens, other);
    await workspace.command(PEOPLE.requester, incident, '/rollback once');
    const request = workspace.requests.at(-1);
    const again = (at: number) => post({ port: at, signingSecret }, request?.body ?? '', request?.headers ?? {});
    expect([await again(port), await again(other)]).toEqual([409, 409]);
    const client = new Client(redis.url);
    await client.flushall();
    client.disconnect();
    expect(await again(port)).toBe(409);
    expect(typed).toEqual(['once']);
  });
});

describe('what Slack sends', () => {
  it('a command, byte for byte; the answer in the acknowledgement too', async () => {
    const seen: string[] = [];
    await open((app) =>
      app.command('/rollback', async ({ ack, command }) => {
        seen.push(`${command.user_id} ${command.text}`);
        await ack('heard: *ü & <here>*');
      }),
    );
    expect(await workspace.command(PEOPLE.requester, incident, '/rollback sac v0.1.0 ü & “x”=1')).toEqual({ ok: true });
    expect(seen).toEqual([`${PEOPLE.requester} sac v0.1.0 ü & “x”=1`]);
    expect(workspace.ephemerals(PEOPLE.requester).at(-1)?.text).toBe('heard: *ü & <here>*');
    expect(workspace.requests.at(-1)).toMatchObject({ status: 200 });
  });

  it('nobody acknowledges: three seconds, and the person is told', async () => {
    await open((app) => app.command('/rollback', async () => undefined));
    expect(await workspace.command(PEOPLE.requester, incident, '/rollback x')).toEqual({ ok: false, error: 'operation_timeout' });
  });

  it('a body of nearly a megabyte is read', async () => {
    await open();
    const body = new URLSearchParams({
      command: '/rollback',
      text: 'x'.repeat(1_000_000),
      user_id: 'U1',
      team_id: 'T1',
      channel_id: 'C1',
    }).toString();
    expect(await post({ port, signingSecret }, body, { ...sign(signingSecret, body) })).toBe(200);
    expect(typed[0]).toHaveLength(1_000_000);
  });

  it('health says what was heard when, and that nobody listens after the end', async () => {
    const inbound = await open();
    expect(inbound.hearing(Date.now())).toMatchObject({ ok: true, says: `listens for Slack on port ${port}; no command or click came yet` });
    await workspace.command(PEOPLE.requester, incident, '/rollback x');
    expect(inbound.hearing(Date.now() + 60_000).says).toContain('the last command or click came 60 s ago');
    await inbound.stop();
    ends.length = 0;
    expect(inbound.hearing(Date.now())).toMatchObject({ ok: false });
    expect(await workspace.command(PEOPLE.requester, incident, '/rollback x')).toEqual({ ok: false, error: 'dispatch_failed' });
  });

  it('a port that is taken is said at the start', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
