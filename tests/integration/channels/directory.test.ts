import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANNELS, GROUPS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { slackDirectory } from '../../../src/channels/directory.ts';
import { openClient } from '../../../src/channels/slack.ts';
import type { Directory } from '../../../src/domain/directory.ts';

let workspace: Workspace;
let directory: Directory;
let now: number;
beforeEach(async () => {
  now = Date.now();
  workspace = await startWorkspace({ rateLimits: false });
  directory = slackDirectory(openClient(workspace.botToken, workspace.apiUrl), () => now);
});
afterEach(() => workspace.stop());

const hours = (count: number): number => count * 3_600_000;

describe('who is who', () => {
  it('channels and people by name, ids as they are; nobody for names that are not there', async () => {
    expect(await directory.destination('#inc-trading')).toBe(CHANNELS['inc-trading']);
    expect(await directory.destination('@pm')).toBe(PEOPLE.pm);
    expect(await directory.destination(PEOPLE.qa)).toBe(PEOPLE.qa);
    expect(await directory.destination('#no-such-channel')).toBeUndefined();
    expect(await directory.destination('#old-incidents')).toBeUndefined();
  });

  it('members of a group, of a channel, and one person', async () => {
    expect(await directory.isMember(PEOPLE.approver, '@sac-leads')).toBe(true);
    expect(await directory.isMember(PEOPLE.requester, '@sac-leads')).toBe(false);
    expect(await directory.isMember(PEOPLE.requester, '#inc-trading')).toBe(true);
    expect(await directory.isMember(PEOPLE.outsider, '#inc-trading')).toBe(false);
    expect(await directory.isMember(PEOPLE.pm, '@pm')).toBe(true);
    for (const nothing of ['@nobody', '#nowhere', '@', '#']) expect(await directory.isMember(PEOPLE.approver, nothing)).toBe(false);
  });

  it('mentions that page, and the names of people', async () => {
    expect(await directory.mentions(['@sac-leads', '@pm', '@nobody'])).toEqual({
      '@sac-leads': `<!subteam^${GROUPS['sac-leads']}>`,
      '@pm': `<@${PEOPLE.pm}>`,
    });
    expect(await directory.nameOf(PEOPLE.requester)).toBe('requester');
  });
});

describe('how often Slack is asked', () => {
  it('names are remembered, membership is asked for every time: it decides who may', async () => {
    for (let i = 0; i < 5; i++) await directory.isMember(PEOPLE.approver, '@sac-leads');
    expect(workspace.calls('usergroups.users.list')).toHaveLength(5);
    expect(workspace.calls('usergroups.list')).toHaveLength(1);
    for (let i = 0; i < 5; i++) await directory.destination('#inc-trading');
    expect(workspace.calls('users.conversations')).toHaveLength(1);
    now += hours(2);
    await directory.destination('#inc-trading');
    expect(workspace.calls('users.conversations')).toHaveLength(2);
  });

  it('a failure is not remembered: the next question is answered', async () => {
    workspace.faults.next('users.conversations', { kind: 'http500' });
    await expect(directory.destination('#inc-trading')).rejects.toThrow();
    expect(await directory.destination('#inc-trading')).toBe(CHANNELS['inc-trading']);
  });

  it('when membership cannot be asked for, nobody is taken for a member', async () => {
    expect(await directory.isMember(PEOPLE.approver, '@sac-leads')).toBe(true);
    workspace.faults.outage(true);
    await expect(directory.isMember(PEOPLE.approver, '@sac-leads')).rejects.toThrow();
    workspace.faults.outage(false);
  });

  it('names that were known are used while Slack does not answer', async () => {
    await directory.destination('#inc-trading');
    now += hours(2);
    workspace.faults.outage(true);
    expect(await directory.destination('#inc-trading')).toBe(CHANNELS['inc-trading']);
    workspace.faults.outage(false);
  });
});
