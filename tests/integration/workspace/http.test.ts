import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { BOT, PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';

const signingSecret = 'f'.repeat(32);
const incident = CHANNELS['inc-trading'];

interface Came {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly text?: string;
}

let server: Server;
let workspace: Workspace;
let came: Came[];
let reply: (one: Came) => Reply | undefined;
beforeEach(async () => {
  came = [];
  reply = () => ({ status: 200 });
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const one = { headers: request.headers, body };
    came.push(one);
    const answer = reply(one);
    if (answer) response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain' }).end(answer.text ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  workspace = await startWorkspace({ requestUrl: { url, signingSecret } });
});
afterEach(async () => {
  await workspace.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const type = (text = '/rollback sac v0.1.0') => workspace.command(PEOPLE.requester, incident, text);
const told = () => workspace.ephemerals(PEOPLE.requester).map(({ text }) => text);

it('a command is a signed form, and the answer is shown: as text or as JSON', async () => {
  reply = () => ({ status: 200, text: 'received' });
  expect(await type()).toEqual({ ok: true });
  reply = () => ({ status: 200, type: 'application/json', text: JSON.stringify({ text: 'again' }) });
  expect(await type()).toEqual({ ok: true });
  expect(told()).toEqual(['received', 'again']);
  const [{ headers, body }] = came as [Came];
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({ command: '/rollback', text: 'sac v0.1.0', user_id: PEOPLE.requester });
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  const stamp = String(headers['x-slack-request-timestamp']);
  expect(Math.abs(Date.now() / 1000 - Number(stamp))).toBeLessThan(5);
  expect(headers['x-slack-signature']).toBe(`v0=${createHmac('sha256', signingSecret).update(`v0:${stamp}:${body}`).digest('hex')}`);
});

const failures: readonly [string, Reply | undefined, string][] = [
  ['no answer in time', undefined, 'operation_timeout'],
  ['turned away', { status: 401 }, 'http_client_error'],
  ['broken', { status: 500 }, 'http_service_error'],
];
it.each(failures)('%s: the person is told, and a command is not sent again', async (_, answer, error) => {
  reply = () => answer;
  expect(await type()).toEqual({ ok: false, error });
  expect(workspace.notices(PEOPLE.requester).map(({ text }) => text)).toEqual([`/rollback failed with the error "${error}"`]);
  expect(came).toHaveLength(1);
});

it('nobody listens: dispatch_failed', async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await type()).toEqual({ ok: false, error: 'dispatch_failed' });
});

it('an event is JSON, and is sent again when it was not taken, signed anew', async () => {
  reply = ({ headers }) => ({ status: headers['x-slack-retry-num'] === undefined ? 500 : 200 });
  workspace.say(PEOPLE.requester, incident, `<@${BOT.userId}> hello`);
  await expect.poll(() => came.length, { timeout: 5000 }).toBe(2);
  expect(came.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1']);
  expect(JSON.parse(came[1]?.body ?? '')).toMatchObject({ type: 'event_callback', event: { type: 'app_mention' } });
});
