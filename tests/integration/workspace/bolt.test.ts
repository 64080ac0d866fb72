import type { App, BlockAction, ButtonAction, SlackViewAction, ViewSubmitAction } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANNELS, GROUPS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { boltApp, buttons, modal, section } from './helpers.ts';

const incident = CHANNELS['inc-trading'];
let workspace: Workspace;
let app: App;

beforeEach(async () => {
  workspace = await startWorkspace();
  app = boltApp(workspace);
});

afterEach(async () => {
  await app.stop();
  await workspace.stop();
});

const card = (text: string, ...ids: string[]) => ({ text, blocks: [section(text), ...(ids.length > 0 ? [buttons(...ids)] : [])] });

describe('a Bolt app in Socket Mode', () => {
  it('gets a command, posts a card, is clicked, opens a modal, and updates the card', async () => {
    app.command('/rollback', async ({ ack, command, client }) => {
      await ack({ text: `Asked for ${command.text}` });
      await client.chat.postMessage({
        channel: command.channel_id,
        ...card(`<@${command.user_id}> asks <!subteam^${GROUPS['sac-leads']}>`, 'approve', 'reject'),
      });
    });
    app.action<BlockAction<ButtonAction>>('reject', async ({ ack, body, client, action }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: modal({ private_metadata: `${body.message?.ts} ${action.value}` }) as never });
    });
    app.view<ViewSubmitAction>('reason', async ({ ack, view, body, client }) => {
      await ack();
      const why = view.state.values.why?.text?.value;
      const [ts = ''] = view.private_metadata.split(' ');
      await client.chat.update({ channel: incident, ts, ...card(`Rejected by ${body.user.name}: ${why}`) });
    });
    await app.start();

    expect(await workspace.command(PEOPLE.requester, incident, '/rollback sac v0.1.0')).toEqual({ ok: true });
    const posted = await workspace.waitFor(() => workspace.messages(incident)[0], 'the card');
    expect(workspace.ephemerals(PEOPLE.requester)[0]?.text).toBe('Asked for sac v0.1.0');
    expect(posted.mentions).toEqual({ here: false, channel: false, everyone: false, users: [PEOPLE.requester], groups: [GROUPS['sac-leads']] });

    expect(await workspace.click(PEOPLE.approver, incident, posted.ts, 'reject')).toEqual({ ok: true });
    const view = await workspace.waitFor(() => workspace.views(PEOPLE.approver)[0], 'the modal');
    expect(await workspace.submit(view.id, PEOPLE.approver)).toEqual({ ok: false, errors: { why: 'Please complete this required field.' } });
    expect(await workspace.submit(view.id, PEOPLE.approver, { why: 'not during market hours' })).toEqual({ ok: true });
    await workspace.waitFor(() => workspace.message(incident, posted.ts)?.text.startsWith('Rejected by approver: not during'), 'the update');
    expect(workspace.messages(incident)).toHaveLength(1);
    expect(workspace.message(incident, posted.ts)).toMatchObject({ isEdited: false });
    expect(workspace.views(PEOPLE.approver)).toEqual([]);
  });

  it('sends the payloads Slack sends', async () => {
    const seen: { command?: object; action?: BlockAction } = {};
    app.command('/rollback', async ({ ack, body, respond }) => {
      seen.command = body;
      await ack();
      await respond({ response_type: 'in_channel', ...card('go?', 'go') });
    });
    app.action<BlockAction>('go', async ({ ack, body }) => {
      seen.action = body;
      await ack();
    });
    await app.start();
    await workspace.command(PEOPLE.requester, incident, '/rollback sac  v0.1.0 ');
    const posted = await workspace.waitFor(() => workspace.messages(incident)[0], 'the answer');
    expect(seen.command).toMatchObject({
      command: '/rollback',
      text: 'sac  v0.1.0',
      user_id: PEOPLE.requester,
      user_name: 'requester',
      channel_name: 'inc-trading',
      api_app_id: expect.any(String),
    });
    await workspace.click(PEOPLE.lead, incident, posted.ts, 'go');
    expect(seen.action).toMatchObject({
      type: 'block_actions',
      user: { id: PEOPLE.lead, username: 'lead' },
      channel: { id: incident, name: 'inc-trading' },
      container: { type: 'message', message_ts: posted.ts, is_ephemeral: false },
      message: { ts: posted.ts, text: 'go?' },
      actions: [{ action_id: 'go', type: 'button', value: 'go-value', block_id: posted.blocks[1]?.block_id }],
      response_url: expect.stringMatching(/^http/),
      trigger_id: expect.stringMatching(/^\d+\.\d+\./),
    });
  });

  it('shows errors in a modal, updates it, pushes another and clears all', async () => {
    let answer: object = { response_action: 'errors', errors: { why: 'Say more.' } };
    app.command('/rollback', async ({ ack, command, client }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal() as never });
    });
    app.view<SlackViewAction>('reason', async ({ ack }) => ack(answer as never));
    await app.start();
    await workspace.command(PEOPLE.requester, incident, 'x');
    const view = await workspace.waitFor(() => workspace.views(PEOPLE.requester)[0], 'the modal');
    const submit = (id = view.id) => workspace.submit(id, PEOPLE.requester, { text: 'no' });
    expect(await submit()).toEqual({ ok: false, errors: { why: 'Say more.' } });
    answer = { response_action: 'update', view: modal({ title: { type: 'plain_text', text: 'Second' } }) };
    expect(await submit()).toEqual({ ok: true });
    expect(workspace.views(PEOPLE.requester)[0]?.payload.title).toMatchObject({ text: 'Second' });
    answer = { response_action: 'push', view: modal() };
    await submit();
    expect(workspace.views(PEOPLE.requester)).toHaveLength(2);
    answer = { response_action: 'errors', errors: { nosuch: 'x' } };
    const top = workspace.views(PEOPLE.requester)[1]?.id;
    expect(await submit(top)).toEqual({ ok: false, error: 'invalid_response_errors' });
    answer = { response_action: 'clear' };
    await submit(top);
    expect(workspace.views(PEOPLE.requester)).toEqual([]);
  });

  it('tells of a modal closed by hand, of mentions, direct messages and the Home tab', async () => {
    const told: string[] = [];
    app.command('/rollback', async ({ ack, command, client }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal({ notify_on_close: true }) as never });
    });
    app.view({ callback_id: 'reason', type: 'view_closed' }, async ({ ack }) => {
      told.push('closed');
      await ack();
    });
    app.event('app_mention', async ({ event }) => void told.push(`mention ${event.text}`));
    app.event('message', async ({ event }) => void told.push(`message ${event.channel_type}`));
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [section('Open rollbacks: none')] } as never });
    });
    await app.start();
    await workspace.command(PEOPLE.requester, incident, 'x');
    const view = await workspace.waitFor(() => workspace.views(PEOPLE.requester)[0], 'the modal');
    expect(await workspace.close(view.id, PEOPLE.requester)).toEqual({ ok: true });
    workspace.say(PEOPLE.requester, incident, '<@U0ROLLBOT> help');
    workspace.say(PEOPLE.requester, workspace.directChannel(PEOPLE.requester), 'help');
    workspace.openHome(PEOPLE.requester);
    await workspace.waitFor(() => workspace.home(PEOPLE.requester), 'the Home tab');
    await expect.poll(() => told.toSorted()).toEqual(['closed', 'mention <@U0ROLLBOT> help', 'message im']);
  });

  it('offers what the app suggests in an external select, and takes a choice', async () => {
    let chosen: unknown;
    const choice = (value: string) => ({ text: { type: 'plain_text' as const, text: value }, value });
    app.options('version', async ({ ack, payload }) =>
      ack({ options: ['v0.1.0', 'v0.2.0'].filter((one) => one.includes(payload.value)).map(choice) }),
    );
    app.action<BlockAction>('version', async ({ ack, body }) => {
      chosen = body.actions[0];
      await ack();
    });
    await app.start();
    const select = { type: 'actions', elements: [{ type: 'external_select', action_id: 'version', min_query_length: 0 }] };
    const { ts = '' } = await app.client.chat.postMessage({ channel: incident, text: 'Which?', blocks: [select] as never });
    const offered = await workspace.suggest(PEOPLE.requester, { channelId: incident, ts }, 'version', '0.1');
    expect(offered.map((option) => option.value)).toEqual(['v0.1.0']);
    expect(await workspace.click(PEOPLE.requester, incident, ts, 'version', 'v0.1.0')).toEqual({ ok: true });
    expect(chosen).toMatchObject({ type: 'external_select', selected_option: { value: 'v0.1.0' } });
    await expect(workspace.click(PEOPLE.requester, incident, ts, 'nosuch')).rejects.toThrow('It offers: version.');
  });
});
