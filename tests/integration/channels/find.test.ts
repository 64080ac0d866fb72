import { expect, test } from 'vitest';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace } from '../../../lab/workspace/start.ts';
import { openClient, slackChannel } from '../../../src/channels/slack.ts';

const key = { rollback: 'sac-1', message: 'completion:@pm' };
const message = { key: key.message, to: '@pm', text: 'Complete', blocks: [], live: false, inThread: false };

test.each([
  ['a channel', CHANNELS['inc-trading']],
  ['a direct message, which was addressed by the person', PEOPLE.pm],
])('a message whose post was interrupted is found again in %s, and no other', async (_where, to) => {
  const workspace = await startWorkspace();
  try {
    const slack = slackChannel(openClient(workspace.botToken, workspace.apiUrl));
    const since = String((Date.now() - 60_000) / 1000);
    expect(await slack.find(to, key, since)).toBeUndefined();
    const posted = await slack.post(to, message, key);
    expect(await slack.find(to, key, since)).toEqual(posted);
    expect(await slack.find(to, { ...key, message: 'initial:@pm' }, since)).toBeUndefined();
  } finally {
    await workspace.stop();
  }
});
