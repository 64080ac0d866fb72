import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../lab/workspace/faults.ts';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { openClient, type SlackChannel, SlackError, slackChannel } from '../../../src/channels/slack.ts';
import type { Message } from '../../../src/domain/message.ts';

const incident = CHANNELS['inc-trading'];
const key = { rollback: 'sac-1', message: 'initial:#inc-trading' };
let workspace: Workspace;
let slack: SlackChannel;
beforeEach(async () => {
  workspace = await startWorkspace({ rateLimits: false });
  slack = slackChannel(openClient(workspace.botToken, workspace.apiUrl));
});
afterEach(() => workspace.stop());

const message = (more: Partial<Message> = {}): Message => ({
  key: key.message,
  to: '#inc-trading',
  inThread: false,
  live: false,
  text: 'SAC agent Rollback Initiated',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'SAC agent Rollback Initiated', verbatim: true } }],
  ...more,
});

const failure = async (work: Promise<unknown>): Promise<SlackError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SlackError);
  return error as SlackError;
};

describe('posting', () => {
  it('carries its key, unfurls nothing, and is updated in place', async () => {
    const posted = await slack.post(incident, message(), key);
    await slack.update(posted, message({ text: 'SAC agent Rollback Complete' }));
    const [there, ...more] = workspace.messages(incident);
    expect(more).toEqual([]);
    expect(there).toMatchObject({ ts: posted.ts, text: 'SAC agent Rollback Complete' });
    expect(there?.metadata?.event_payload).toEqual(key);
    expect(workspace.calls('chat.postMessage').map(({ args }) => [args.unfurl_links, args.unfurl_media])).toEqual([['false', 'false']]);
  });

  it('a reply stands in the thread; one for all stands in the channel too', async () => {
    const { ts } = await slack.post(incident, message(), key);
    await slack.post(incident, message({ inThread: true }), { ...key, message: 'phase-1' }, ts);
    await slack.post(incident, message({ inThread: true, broadcast: true }), { ...key, message: 'trouble-1' }, ts);
    expect(workspace.replies(incident, ts)).toHaveLength(2);
    expect(workspace.messages(incident)).toHaveLength(2);
  });
});

describe('what goes wrong', () => {
  const faults: [string, Fault, SlackError['kind'], boolean][] = [
    ['too many requests', { kind: 'ratelimited', retryAfterS: 3 }, 'later', false],
    ['an error of the server', { kind: 'http500' }, 'unknown', false],
    ['a lost answer', { kind: 'drop-reply' }, 'unknown', true],
    ['a trouble of Slack by name', { kind: 'error', code: 'internal_error' }, 'unknown', false],
    ['an archived channel', { kind: 'error', code: 'is_archived' }, 'refused', false],
    ['a channel without the bot', { kind: 'error', code: 'not_in_channel' }, 'refused', false],
  ];
  it.each(faults)('%s is told apart, and asked for once only: the queue retries', async (_what, fault, kind, isThere) => {
    workspace.faults.next('chat.postMessage', fault);
    const error = await failure(slack.post(incident, message(), key));
    expect(error.kind).toBe(kind);
    if (fault.kind === 'ratelimited') expect(error.retryAfterMs).toBe(3000);
    if (fault.kind === 'error') expect(error.code).toBe(fault.code);
    expect(workspace.calls('chat.postMessage').length).toBeLessThanOrEqual(1);
    expect((await slack.find(incident, key, '0')) !== undefined).toBe(isThere);
  });

  it('no answer at all is given up within seconds', async () => {
    workspace.faults.next('chat.postMessage', { kind: 'hang' });
    const startedAt = performance.now();
    const error = await failure(slack.post(incident, message(), key));
    expect(error.kind).toBe('unknown');
    expect(performance.now() - startedAt).toBeLessThan(7000);
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(5000); // Slack may still be doing it
  });

  it('what Slack says of a channel that was archived and of one that the bot was taken out of', async () => {
    const posted = await slack.post(incident, message(), key);
    workspace.archive(incident);
    expect(await failure(slack.update(posted, message()))).toMatchObject({ kind: 'refused', code: 'is_inactive' });
    expect(await failure(slack.post(incident, message(), key))).toMatchObject({ kind: 'refused', code: 'is_archived' });
    workspace.archive(incident, false);
    workspace.kick(incident);
    for (const work of [slack.update(posted, message()), slack.post(incident, message(), key), slack.find(incident, key, '0')])
      expect(await failure(work)).toMatchObject({ kind: 'refused', code: 'not_in_channel' });
    workspace.invite(incident);
    await slack.update(posted, message({ text: 'back' }));
    expect(workspace.message(incident, posted.ts)?.text).toBe('back');
  });

  it("a wrong token is refused in Slack's own word, and never told", async () => {
    const error = await failure(slackChannel(openClient('xoxb-not-this-one', workspace.apiUrl)).post(incident, message(), key));
    expect(error.code).toBe('invalid_auth');
    expect(error.message).not.toContain('xoxb');
  });
});

describe('removing', () => {
  it('takes a message away, and is content when it is gone already', async () => {
    const posted = await slack.post(incident, message(), key);
    await slack.remove(posted);
    expect(workspace.messages(incident)).toEqual([]);
    await slack.remove(posted);
    expect(workspace.calls('chat.delete').map(({ error }) => error)).toEqual([undefined, 'message_not_found']);
  });
});

describe('finding', () => {
  it('in a channel and in a thread, by both parts of the key, and only since then', async () => {
    const card = await slack.post(incident, message(), { ...key, message: 'card' });
    const reply = await slack.post(incident, message({ inThread: true }), { ...key, message: 'phase-1' }, card.ts);
    expect(await slack.find(incident, { ...key, message: 'card' }, '0')).toEqual(card);
    expect(await slack.find(incident, { ...key, message: 'phase-1' }, '0', card.ts)).toEqual(reply);
    expect(await slack.find(incident, { ...key, message: 'phase-2' }, '0', card.ts)).toBeUndefined();
    expect(await slack.find(incident, { rollback: 'sac-2', message: 'card' }, '0')).toBeUndefined();
    expect(await slack.find(incident, { ...key, message: 'card' }, card.ts)).toBeUndefined();
  });

  it('among many messages of others', async () => {
    const first = await slack.post(incident, message(), { ...key, message: 'card' });
    for (let i = 0; i < 250; i++) workspace.say('U0RILEYCH', incident, `message ${i}`);
    for (let i = 0; i < 250; i++) workspace.say('U0RILEYCH', incident, `reply ${i}`, first.ts);
    const reply = await slack.post(incident, message({ inThread: true }), { ...key, message: 'phase-9' }, first.ts);
    expect(await slack.find(incident, { ...key, message: 'card' }, '0')).toEqual(first);
    expect(await slack.find(incident, { ...key, message: 'phase-9' }, '0', first.ts)).toEqual(reply);
  });
});
