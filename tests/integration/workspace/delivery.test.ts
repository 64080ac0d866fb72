import type { App, BlockAction } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { boltApp, buttons, call, section } from './helpers.ts';

const incident = CHANNELS['inc-trading'];
let workspace: Workspace;
const apps: App[] = [];

beforeEach(async () => {
  workspace = await startWorkspace({ times: { ackMs: 200, redeliverMs: 300 }, rateLimits: false });
});

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
  await workspace.stop();
});

async function started(prepare: (app: App) => void): Promise<App> {
  const app = boltApp(workspace);
  apps.push(app);
  prepare(app);
  await app.start();
  return app;
}

const type = (text = 'x') => workspace.command(PEOPLE.requester, incident, text);
const notices = () => workspace.notices(PEOPLE.requester).map((one) => one.text);

describe('delivery', () => {
  it('nobody connected: dispatch_failed, and the person is told', async () => {
    expect(await type('/rollback sac v0.1.0')).toEqual({ ok: false, error: 'dispatch_failed' });
    expect(notices()).toEqual(['/rollback failed with the error "dispatch_failed"']);
  });

  it('no acknowledgement in time: operation_timeout; the envelope comes once more, and its late answer is not shown', async () => {
    let times = 0;
    await started((app) =>
      app.command('/rollback', async ({ ack }) => {
        times += 1;
        if (times === 2) await ack('late');
      }),
    );
    expect(await type()).toEqual({ ok: false, error: 'operation_timeout' });
    expect(notices()).toEqual(['/rollback failed with the error "operation_timeout"']);
    await expect.poll(() => times).toBe(2);
    expect(workspace.sockets.envelopes[0]).toMatchObject({ sends: 2 });
    expect(workspace.ephemerals(PEOPLE.requester)).toEqual([]);
  });

  it('an envelope asked for twice arrives twice, one for each connection; a replay once more', async () => {
    const seen: string[] = [];
    for (const name of ['one', 'two']) {
      await started((app) =>
        app.command('/rollback', async ({ ack }) => {
          seen.push(name);
          await ack();
        }),
      );
    }
    expect(workspace.sockets.count).toBe(2);
    workspace.sockets.duplicateNext();
    expect(await type()).toEqual({ ok: true });
    await expect.poll(() => seen.toSorted()).toEqual(['one', 'two']);
    const [envelope] = workspace.sockets.envelopes;
    if (envelope) workspace.sockets.replay(envelope);
    await expect.poll(() => seen.length).toBe(3);
  });

  it('envelopes take turns on the connections; while one is asked to go, the other has them all', async () => {
    const seen: string[] = [];
    for (const name of ['one', 'two']) {
      await started((app) =>
        app.command('/rollback', async ({ ack }) => {
          seen.push(name);
          await ack();
        }),
      );
    }
    await type();
    await type();
    expect(seen.toSorted()).toEqual(['one', 'two']);
    workspace.sockets.refresh('first');
    expect(workspace.sockets.count).toBe(1);
    await type();
    await type();
    expect(seen.slice(2)).toEqual(['two', 'two']);
  });

  it('a ticket opens one connection', async () => {
    const { body } = await call(workspace, 'apps.connections.open', {}, workspace.appToken);
    const open = (url: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.on('message', (data) => {
          resolve(String((JSON.parse(String(data)) as { type: string }).type));
          socket.close();
        });
        socket.on('error', (error) => resolve(error.message));
      });
    expect(await open(String(body.url))).toBe('hello');
    expect(await open(String(body.url))).toContain('403');
  });

  it('a click on a copy of an old card reaches the app, although the card has changed', async () => {
    const actions: unknown[] = [];
    await started((app) =>
      app.action<BlockAction>('approve', async ({ ack, body }) => {
        actions.push(body.message?.text);
        await ack();
      }),
    );
    const posted = await call(workspace, 'chat.postMessage', { channel: incident, text: 'old', blocks: [section('old'), buttons('approve')] });
    const ts = String(posted.body.ts);
    const old = workspace.message(incident, ts);
    await call(workspace, 'chat.update', { channel: incident, ts, text: 'new', blocks: [section('new')] });
    await expect(workspace.click(PEOPLE.approver, incident, ts, 'approve')).rejects.toThrow('It offers: none.');
    if (old) expect(await workspace.clickOld(PEOPLE.approver, old, 'approve')).toEqual({ ok: true });
    expect(actions).toEqual(['old']);
  });

  it('only members may act, and only commands the app has', async () => {
    await expect(workspace.command(PEOPLE.outsider, incident, 'x')).rejects.toThrow('not a member of #inc-trading');
    expect(await workspace.command(PEOPLE.requester, incident, '/deploy x')).toEqual({ ok: false, error: 'invalid_command' });
    expect(workspace.say(PEOPLE.requester, incident, '/rollback sac', '1.1')).toBeUndefined();
    expect(notices()).toEqual(['/deploy is not a valid command.', '/rollback is not supported in threads. Sorry!']);
  });
});
