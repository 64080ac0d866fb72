import type { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { boltApp, buttons, call, modal, respond, section } from './helpers.ts';

const incident = CHANNELS['inc-trading'];
let nowMs: number;
let workspace: Workspace;
let app: App | undefined;

beforeEach(async () => {
  nowMs = Date.now();
  workspace = await startWorkspace({ now: () => nowMs });
});

afterEach(async () => {
  await app?.stop();
  app = undefined;
  await workspace.stop();
});

const post = (channel: string = incident) => call(workspace, 'chat.postMessage', { channel, text: 'a' });

async function afterCommand(): Promise<{ responseUrl: string; trigger: string }> {
  app = boltApp(workspace);
  const seen = { responseUrl: '', trigger: '' };
  app.command('/rollback', async ({ ack, command }) => {
    Object.assign(seen, { responseUrl: command.response_url, trigger: command.trigger_id });
    await ack();
  });
  await app.start();
  await workspace.command(PEOPLE.requester, incident, 'x');
  return seen;
}

describe('rate limits', () => {
  it('chat.postMessage: a burst of 3, then one a second in each channel, with 429 and Retry-After', async () => {
    const statuses = [(await post()).status, (await post()).status, (await post()).status];
    const refused = await post();
    expect(statuses).toEqual([200, 200, 200]);
    expect([refused.status, refused.body.error, refused.headers.get('retry-after')]).toEqual([429, 'ratelimited', '1']);
    expect((await post(CHANNELS.general)).status).toBe(200);
    nowMs += 1000;
    expect([(await post()).status, (await post()).status]).toEqual([200, 429]);
  });

  it('chat.update: 50 a minute', async () => {
    const ts = String((await post()).body.ts);
    const update = async () => (await call(workspace, 'chat.update', { channel: incident, ts, text: 'b' })).status;
    const statuses = await Promise.all(Array.from({ length: 51 }, update));
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    nowMs += 1200;
    expect(await update()).toBe(200);
  });
});

describe('response URLs', () => {
  it('are good five times', async () => {
    const { responseUrl } = await afterCommand();
    for (let use = 1; use <= 5; use += 1) expect(await respond(responseUrl, { text: `${use}` })).toEqual({ status: 200, text: 'ok' });
    expect(await respond(responseUrl, { text: '6' })).toEqual({ status: 404, text: '{"ok":false,"error":"used_url"}' });
    expect(workspace.ephemerals(PEOPLE.requester).map((one) => one.text)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('are good for thirty minutes', async () => {
    const { responseUrl } = await afterCommand();
    nowMs += 30 * 60_000;
    expect((await respond(responseUrl, { text: 'in time' })).status).toBe(200);
    nowMs += 1;
    expect(await respond(responseUrl, { text: 'late' })).toEqual({ status: 404, text: '{"ok":false,"error":"expired_url"}' });
  });

  it('refuse what chat.postMessage refuses, and that is no use', async () => {
    const { responseUrl } = await afterCommand();
    expect(await respond(responseUrl, {})).toMatchObject({ status: 400, text: '{"ok":false,"error":"no_text"}' });
    expect((await respond(responseUrl, { blocks: [section('x'.repeat(3001))] })).text).toContain('must be less than 3001 characters');
    expect(workspace.ephemerals(PEOPLE.requester)).toEqual([]);
  });

  it('of a click replace, add to or delete the message that was clicked', async () => {
    await afterCommand();
    const urls: string[] = [];
    app?.action('go', async ({ ack, body }) => {
      await ack();
      urls.push((body as { response_url: string }).response_url);
    });
    const ts = String((await call(workspace, 'chat.postMessage', { channel: incident, text: 'a', blocks: [section('a'), buttons('go')] })).body.ts);
    await workspace.click(PEOPLE.requester, incident, ts, 'go');
    const [url = ''] = urls;
    await respond(url, { text: 'private', response_type: 'ephemeral', replace_original: false });
    await respond(url, { text: 'public', response_type: 'in_channel', replace_original: false, thread_ts: ts });
    expect(workspace.ephemerals(PEOPLE.requester).map((one) => one.text)).toEqual(['private']);
    expect(workspace.replies(incident, ts).map((one) => one.text)).toEqual(['public']);
    await respond(url, { text: 'replaced', replace_original: true });
    expect(workspace.message(incident, ts)).toMatchObject({ text: 'replaced', blocks: [] });
    await respond(url, { delete_original: true });
    expect(workspace.message(incident, ts)).toBeUndefined();
  });
});

describe('trigger ids and views', () => {
  it('a trigger opens one view, within three seconds', async () => {
    const { trigger } = await afterCommand();
    const open = async (id: string) => (await call(workspace, 'views.open', { trigger_id: id, view: modal() })).body;
    expect(await open(trigger)).toMatchObject({ ok: true, view: { callback_id: 'reason', state: { values: {} } } });
    expect(await open(trigger)).toMatchObject({ ok: false, error: 'exchanged_trigger_id' });
    app?.action('go', async ({ ack }) => ack());
    const late = await call(workspace, 'chat.postMessage', { channel: incident, text: 'a', blocks: [buttons('go')] });
    await workspace.click(PEOPLE.requester, incident, String(late.body.ts), 'go');
    const payload = workspace.sockets.envelopes.at(-1)?.payload;
    nowMs += 3001;
    expect(await open(String(payload?.trigger_id))).toMatchObject({ error: 'expired_trigger_id' });
  });

  it('a view is changed only with its current hash, and refused with the place of the fault', async () => {
    const { trigger } = await afterCommand();
    const opened = (await call(workspace, 'views.open', { trigger_id: trigger, view: modal() })).body.view as { id: string; hash: string };
    const update = async (args: object) => (await call(workspace, 'views.update', { view_id: opened.id, view: modal(), ...args })).body;
    expect(await update({ hash: opened.hash })).toMatchObject({ ok: true });
    expect(await update({ hash: opened.hash })).toMatchObject({ error: 'hash_conflict' });
    const messages = [
      '[ERROR] failed to match all allowed schemas [json-pointer:/view/title]',
      '[ERROR] must be less than 25 characters [json-pointer:/view/title/text]',
    ];
    expect(await update({ view: modal({ title: { type: 'plain_text', text: 'x'.repeat(25) } }) })).toEqual({
      ok: false,
      error: 'invalid_arguments',
      response_metadata: { messages },
    });
  });
});

describe('faults', () => {
  const client = () =>
    new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 300 });
  const say = () => client().chat.postMessage({ channel: incident, text: 'a' });

  it('429, 500, a refusal, and then all is well', async () => {
    workspace.faults.next('chat.postMessage', { kind: 'ratelimited', retryAfterS: 7 });
    workspace.faults.next('chat.postMessage', { kind: 'http500' });
    workspace.faults.next('chat.postMessage', { kind: 'error', code: 'fatal_error' });
    await expect(say()).rejects.toMatchObject({ retryAfter: 7 });
    await expect(say()).rejects.toMatchObject({ statusCode: 500 });
    await expect(say()).rejects.toMatchObject({ data: { error: 'fatal_error' } });
    expect(await say()).toMatchObject({ ok: true });
    expect(workspace.messages(incident)).toHaveLength(1);
  });

  it('a dropped reply: it is posted, and nobody knows; a hanging call ends by the client’s own timeout', async () => {
    workspace.faults.next('chat.postMessage', { kind: 'drop-reply' });
    await expect(say()).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect(workspace.messages(incident)).toHaveLength(1);
    workspace.faults.next('chat.postMessage', { kind: 'hang' });
    await expect(say()).rejects.toThrow();
    expect(workspace.messages(incident)).toHaveLength(1);
  });

  it('an outage: 503 and cut connections, until it ends', async () => {
    await afterCommand();
    workspace.faults.outage(true);
    await expect(say()).rejects.toMatchObject({ statusCode: 503 });
    await expect.poll(() => workspace.sockets.count).toBe(0);
    workspace.faults.clear();
    expect(await say()).toMatchObject({ ok: true });
  });
});
