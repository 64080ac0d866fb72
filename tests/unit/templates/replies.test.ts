import { describe, expect, it } from 'vitest';
import { help, receivedReply, refusalReply, statusReply, versionsReply } from '../../../src/templates/replies.ts';
import { beginsAt, storyAt } from '../../helpers/story.ts';

const remove = { name: 'remove', about: 'Takes the listed files away', target: 'none', byHand: false, runbook: [], proof: {} } as const;
const sac = { name: 'sac', title: 'SAC agent', variants: { remove } };

describe('private answers', () => {
  it('lists versions as the document does', () => {
    const tags = [
      {
        version: 'v0.2.0',
        tag: 'v0.2.0',
        commit: 'b'.repeat(40),
        date: '2025-04-24T10:00:00Z',
        subject: 'Merge',
        annotation: 'Initial stable release',
      },
      { version: 'v0.1.0', tag: 'v0.1.0', commit: 'a'.repeat(40), date: '2025-03-01T10:00:00Z', subject: 'Beta <release>' },
    ];
    const commits = [{ commit: 'abc1234def', author: 'Ada', date: '2025-04-24T10:00:00Z', subject: 'Fix deployment pipeline' }];
    const said = versionsReply(sac, { tags, commits, proven: [{ version: 'v0.1.0', at: 0 }] });
    expect(said).toMatchInlineSnapshot(`
      "*Available versions of SAC agent:*
      \`v0.2.0\` - Initial stable release
      \`v0.1.0\` - Beta &lt;release&gt;
      *Recent commits:*
      \`abc1234\` (2025-04-24) - Fix deployment pipeline
      Last proven: v0.1.0, <!date^0^{date_short_pretty} {time}|1970-01-01 00:00 UTC>.
      To ask for one: \`/rollback sac v0.2.0\`"
    `);
  });

  it('says what can be typed, also when nothing is configured', () => {
    expect(help([sac])).toMatchInlineSnapshot(`
      "What can be typed:
      • \`/rollback &lt;system&gt; &lt;version&gt; [variant] [--dry-run]\` asks for a rollback; nothing is changed until it is approved, and with --dry-run never
      • \`/rollback &lt;system&gt; &lt;variant&gt;\` asks for a variant that knows its own version
      • \`/rollback stop &lt;id&gt;\` ends what a rollback is doing on its hosts; nothing is put back by it
      • \`/rollback undo &lt;id&gt;\` asks for putting a rollback back
      • \`/rollback &lt;system&gt; record\` proves what runs now and keeps it as last known good: its files are copied to its backup, its image is pinned
      • \`/rollback drill &lt;system&gt;\` rehearses on a system that is marked for it
      • \`/rollback versions &lt;system&gt;\` lists the versions there are
      • \`/rollback status\` shows what is open
      • \`/rollback unlock &lt;system&gt; &lt;why&gt;\` takes the lock from a rollback that nobody works on any more
      • \`/rollback help\` shows this
      Systems:
      • \`sac\` (SAC agent)
          ◦ \`remove\` Takes the listed files away"
    `);
    expect(help([])).toContain('No system is configured.');
  });

  it('tells what is open and what ended', () => {
    const running = storyAt('running');
    const now = running.now();
    const said = statusReply([running.state(), storyAt('trouble', 'agentrader').state(), storyAt('complete', 'sac', { id: 'sac-41' }).state()], {
      now,
      locks: [],
      dangers: [],
    });
    expect(said).toMatchInlineSnapshot(`
      "2 rollbacks open:
      • sac-42, SAC agent to v0.1.0: is running, phase 4 of 5, 26 of 33 steps done in 1:03 min. Asked by requester, <!date^1795230001^{date_short_pretty} {time}|2026-11-21 03:00 UTC>.
      • agentrader-42, aGENtrader to v0.1.0: needs a decision, ec2-1 is STOPPED. Asked by requester, <!date^1795230001^{date_short_pretty} {time}|2026-11-21 03:00 UTC>.
      Ended:
      • sac-41, SAC agent to v0.1.0: is complete, v0.1.0 proven on 3 of 3 hosts. Asked by requester, <!date^1795230001^{date_short_pretty} {time}|2026-11-21 03:00 UTC>."
    `);
    expect(statusReply([], { now, locks: [], dangers: [] })).toBe('No rollback is open.');
  });

  it('tells who holds a lock, whether the holder lives, and what of Redis could lose data', () => {
    const lock = { system: 'sac', rollback: 'sac-42', since: beginsAt, isRightful: true, waits: false };
    const said = (more: object) => statusReply([], { now: beginsAt, locks: [{ ...lock, ...more }], dangers: [] });
    expect(said({ worker: 'bot-1:7', isAlive: true })).toMatch(/sac is locked by sac-42 since .*; its worker bot-1:7 is alive$/);
    expect(said({ worker: 'bot-1:7', isAlive: false })).toMatch(
      /gives no sign, another goes on within seconds; .*`\/rollback unlock sac &lt;why&gt;`$/,
    );
    expect(said({ waits: true })).toMatch(/which waits for a decision$/);
    expect(said({ isRightful: false })).toMatch(/does not run any more; if it stays so: `\/rollback unlock sac &lt;why&gt;`$/);
    expect(statusReply([], { now: beginsAt, locks: [], dangers: ['Redis may evict'] })).toBe('No rollback is open.\n⚠ Redis may evict');
  });

  it('says why not and what instead, without paging anyone', () => {
    expect(refusalReply({ code: 'version-unknown', message: 'There is no @here of SAC agent.', advice: 'Type /rollback versions sac' })).toBe(
      'There is no ＠here of SAC agent.\nType /rollback versions sac',
    );
    expect(refusalReply({ code: 'malformed', message: 'x'.repeat(5000), advice: '' }).length).toBeLessThanOrEqual(3000);
  });

  it('tells of what is no usual rollback', () => {
    const dry = storyAt('shown').state();
    const handed = storyAt('handed-over', 'agentrader').state();
    const said = statusReply([dry, handed], { now: dry.at, locks: [], dangers: [] });
    expect(said).toContain('sac-42, Dry run: SAC agent to v0.1.0: was a dry run, nothing was changed.');
    expect(said).toContain('agentrader-42, aGENtrader to v0.1.0: was handed over to agentrader-43, which puts it back.');
  });

  it('says that a request is in', () => expect(receivedReply('sac-42')).toContain('sac-42: received.'));
});
