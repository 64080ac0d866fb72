import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, GROUPS } from '../../../lab/workspace/people/channels.ts';
import { BOT, PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { buttons, call, modal, section } from './helpers.ts';

const incident = CHANNELS['inc-trading'];
let workspace: Workspace;

beforeAll(async () => {
  workspace = await startWorkspace({ rateLimits: false });
});

afterAll(() => workspace.stop());

const post = async (args: Record<string, unknown> = {}): Promise<string> => {
  const { body } = await call(workspace, 'chat.postMessage', { channel: incident, text: 'hello', ...args });
  expect(body).toMatchObject({ ok: true });
  return String(body.ts);
};

describe('refusals, in Slack’s words', () => {
  it.each<[string, string, Record<string, unknown>, string]>([
    ['no text', 'chat.postMessage', { channel: incident }, 'no_text'],
    ['blank text', 'chat.postMessage', { channel: incident, text: ' \n' }, 'no_text'],
    ['40,001 characters', 'chat.postMessage', { channel: incident, text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['unknown channel', 'chat.postMessage', { channel: 'C0NOWHERE', text: 'a' }, 'channel_not_found'],
    ['unknown person', 'chat.postMessage', { channel: 'U0NOBODY', text: 'a' }, 'channel_not_found'],
    ['a channel without the bot', 'chat.postMessage', { channel: CHANNELS['ops-lounge'], text: 'a' }, 'not_in_channel'],
    ['an archived channel', 'chat.postMessage', { channel: '#old-incidents', text: 'a' }, 'is_archived'],
    ['no channel', 'chat.postMessage', { text: 'a' }, 'invalid_arguments'],
    ['blocks that are not JSON', 'chat.postMessage', { channel: incident, blocks: '[{' }, 'invalid_blocks_format'],
    ['blocks that are not a list', 'chat.postMessage', { channel: incident, blocks: { type: 'divider' } }, 'invalid_blocks_format'],
    ['bad metadata', 'chat.postMessage', { channel: incident, text: 'a', metadata: { event_type: 'a' } }, 'invalid_metadata_format'],
    ['a thread that is none', 'chat.postMessage', { channel: incident, text: 'a', thread_ts: '1.000001' }, 'thread_not_found'],
    ['an update of nothing', 'chat.update', { channel: incident, ts: '1.000001', text: 'a' }, 'message_not_found'],
    ['an update by channel name', 'chat.update', { channel: '#inc-trading', ts: '1.000001', text: 'a' }, 'channel_not_found'],
    ['an ephemeral to someone not there', 'chat.postEphemeral', { channel: incident, user: PEOPLE.outsider, text: 'a' }, 'user_not_in_channel'],
    ['history without the bot', 'conversations.history', { channel: CHANNELS['ops-lounge'] }, 'not_in_channel'],
    ['replies of nothing', 'conversations.replies', { channel: incident, ts: '1.000001' }, 'thread_not_found'],
    ['a cursor made up', 'conversations.history', { channel: incident, cursor: 'abc' }, 'invalid_cursor'],
    ['an unknown group', 'usergroups.users.list', { usergroup: 'S0NOBODY' }, 'no_such_subteam'],
    ['an unknown address', 'users.lookupByEmail', { email: 'a@b.example' }, 'users_not_found'],
    ['an unknown user', 'users.info', { user: 'U0NOBODY' }, 'user_not_found'],
    ['a view nobody has', 'views.update', { view_id: 'V1', view: modal() }, 'not_found'],
    ['a trigger made up', 'views.open', { trigger_id: '1.2.a', view: modal() }, 'invalid_trigger_id'],
    ['a method nobody knows', 'chat.shout', {}, 'unknown_method'],
    ['a method of the prototype', 'constructor', {}, 'unknown_method'],
  ])('%s', async (_name, method, args, code) => {
    const { status, body } = await call(workspace, method, args);
    expect([status, body.ok, body.error]).toEqual([200, false, code]);
  });

  it('blocks: the findings in errors and in response_metadata', async () => {
    const { body } = await call(workspace, 'chat.postMessage', { channel: incident, blocks: [section('x'.repeat(3001))] });
    const findings = [
      'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ];
    expect(body).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: findings,
      response_metadata: { messages: findings.map((one) => `[ERROR] ${one}`) },
    });
  });

  it('tokens', async () => {
    const code = async (method: string, token: string | null) => (await call(workspace, method, {}, token)).body.error;
    expect(await code('auth.test', null)).toBe('not_authed');
    expect(await code('auth.test', 'xoxb-wrong')).toBe('invalid_auth');
    expect(await code('auth.test', workspace.appToken)).toBe('not_allowed_token_type');
    expect(await code('apps.connections.open', workspace.botToken)).toBe('not_allowed_token_type');
    expect((await call(workspace, 'auth.test')).body).toMatchObject({ ok: true, user_id: BOT.userId, bot_id: BOT.botId });
  });

  it('scopes', async () => {
    const narrow = await startWorkspace({ scopes: ['commands'] });
    const { body, headers } = await call(narrow, 'chat.postMessage', { channel: incident, text: 'a' });
    await narrow.stop();
    expect(body).toMatchObject({ ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'commands' });
    expect(headers.get('x-oauth-scopes')).toBe('commands');
  });
});

describe('messages', () => {
  it('text alone in an update removes the blocks and marks it edited; blocks alone do not mark it', async () => {
    const ts = await post({ blocks: [section('card'), buttons('a')] });
    await call(workspace, 'chat.update', { channel: incident, ts, text: 'b', blocks: [section('b')] });
    expect(workspace.message(incident, ts)).toMatchObject({
      text: 'b',
      isEdited: false,
      blocks: [{ type: 'section', block_id: expect.any(String) }],
    });
    await call(workspace, 'chat.update', { channel: incident, ts, text: 'done' });
    expect(workspace.message(incident, ts)).toMatchObject({ text: 'done', isEdited: true, blocks: [] });
    expect((await call(workspace, 'chat.update', { channel: incident, ts, text: 'x'.repeat(4001) })).body.error).toBe('msg_too_long');
    expect((await call(workspace, 'chat.update', { channel: incident, ts })).body.error).toBe('no_text');
  });

  it('only the bot’s own may be changed or deleted', async () => {
    const ts = workspace.say(PEOPLE.qa, incident, 'mine')?.ts ?? '';
    expect((await call(workspace, 'chat.update', { channel: incident, ts, text: 'a' })).body.error).toBe('cant_update_message');
    expect((await call(workspace, 'chat.delete', { channel: incident, ts })).body.error).toBe('cant_delete_message');
    const own = await post();
    expect((await call(workspace, 'chat.delete', { channel: incident, ts: own })).body.ok).toBe(true);
    expect(workspace.message(incident, own)).toBeUndefined();
  });

  it('a thread: replies stay out of the channel unless broadcast, and the first message counts them', async () => {
    const root = await post({ text: 'root' });
    const reply = await post({ text: 'one', thread_ts: root });
    await post({ text: 'two', thread_ts: reply, reply_broadcast: true });
    expect(workspace.replies(incident, root).map((one) => one.text)).toEqual(['one', 'two']);
    const { body } = await call(workspace, 'conversations.replies', { channel: incident, ts: reply });
    expect(body.messages).toMatchObject([{ ts: root, reply_count: 2 }, { text: 'one', thread_ts: root }, { text: 'two' }]);
    const history = await call(workspace, 'conversations.history', { channel: incident, oldest: root });
    expect((history.body.messages as { text: string }[]).map((one) => one.text)).toEqual(['two']);
  });

  it('history: newest first, between oldest and latest, by pages, metadata only when asked for', async () => {
    const metadata = { event_type: 'announcement', event_payload: { id: 'sac-42' } };
    const first = await post({ text: 'h1', metadata });
    await post({ text: 'h2' });
    const third = await post({ text: 'h3' });
    const read = async (args: object) => (await call(workspace, 'conversations.history', { channel: incident, ...args })).body;
    expect((await read({ oldest: first, latest: third })).messages).toMatchObject([{ text: 'h2' }]);
    const all = await read({ oldest: first, inclusive: true, include_all_metadata: true });
    expect(all.messages).toMatchObject([{ text: 'h3' }, { text: 'h2' }, { text: 'h1', metadata }]);
    expect(JSON.stringify(await read({ oldest: first, inclusive: true }))).not.toContain('announcement');
    const page = await read({ oldest: first, inclusive: true, limit: 2 });
    expect(page).toMatchObject({ has_more: true, messages: [{ text: 'h3' }, { text: 'h2' }] });
    const cursor = (page.response_metadata as { next_cursor: string }).next_cursor;
    expect(await read({ oldest: first, inclusive: true, limit: 2, cursor })).toMatchObject({ has_more: false, messages: [{ text: 'h1' }] });
  });

  it('go to a person by their id, in direct messages; ephemeral ones only to theirs', async () => {
    const { body } = await call(workspace, 'chat.postMessage', { channel: PEOPLE.pm, text: 'for you' });
    expect(body.channel).toBe(workspace.directChannel(PEOPLE.pm));
    expect((await call(workspace, 'conversations.open', { users: PEOPLE.pm })).body).toMatchObject({ channel: { id: body.channel } });
    await call(workspace, 'chat.postEphemeral', { channel: incident, user: PEOPLE.qa, text: 'psst' });
    expect(workspace.ephemerals(PEOPLE.qa)).toMatchObject([{ text: 'psst', channel: incident }]);
    expect(workspace.ephemerals(PEOPLE.pm)).toEqual([]);
    expect(JSON.stringify((await call(workspace, 'conversations.history', { channel: incident })).body)).not.toContain('psst');
  });

  it('reactions and pins, once; a permalink that opens the page', async () => {
    const ts = await post();
    const at = { channel: incident, timestamp: ts };
    expect((await call(workspace, 'reactions.add', { ...at, name: 'eyes' })).body.ok).toBe(true);
    expect((await call(workspace, 'reactions.add', { ...at, name: 'eyes' })).body.error).toBe('already_reacted');
    expect((await call(workspace, 'pins.add', at)).body.ok).toBe(true);
    expect((await call(workspace, 'pins.add', at)).body.error).toBe('already_pinned');
    const { body } = await call(workspace, 'chat.getPermalink', { channel: incident, message_ts: ts });
    const page = await fetch(String(body.permalink), { redirect: 'manual' });
    expect(decodeURIComponent(page.headers.get('location') ?? '')).toContain(ts);
  });
});

describe('people and groups', () => {
  it('are listed with their handles and members', async () => {
    const { body } = await call(workspace, 'usergroups.list', { include_users: true });
    expect(body.usergroups).toContainEqual(
      expect.objectContaining({ id: GROUPS['sac-leads'], handle: 'sac-leads', users: [PEOPLE.approver, PEOPLE.lead] }),
    );
    const users = (await call(workspace, 'users.list')).body.members as { id: string; name: string }[];
    expect(users.find((one) => one.id === PEOPLE.qa)).toMatchObject({ name: 'qa', is_bot: false });
    expect((await call(workspace, 'users.lookupByEmail', { email: 'Approver@lab.example' })).body).toMatchObject({ user: { id: PEOPLE.approver } });
    const channels = (await call(workspace, 'conversations.list', { exclude_archived: true })).body.channels as {
      name: string;
      is_member: boolean;
    }[];
    expect(channels.find((one) => one.name === 'ops-lounge')).toMatchObject({ is_member: false });
    expect(channels.some((one) => one.name === 'old-incidents')).toBe(false);
    expect((await call(workspace, 'conversations.members', { channel: incident })).body.members).not.toContain(PEOPLE.outsider);
  });
});
