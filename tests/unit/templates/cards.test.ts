import { describe, expect, it } from 'vitest';
import type { State, Status } from '../../../src/domain/state.ts';
import { card } from '../../../src/templates/card.ts';
import { buttonsOf, readable } from '../../helpers/said.ts';
import { digest, type Story, statuses, storyAt } from '../../helpers/story.ts';

const mentions = { '@sac-leads': '<!subteam^S0SACLEADS>', '@sac-oncall': '<!subteam^S0SACONCAL>' };
const cardOf = (story: Story) => card({ state: story.state(), now: story.now() + 5000, outputs: {}, mentions });
const actionsOf = (story: Story) => buttonsOf(cardOf(story).blocks).map((button) => button.action_id);

describe('the card', () => {
  it('says all that an approver needs', () => {
    expect(readable(cardOf(storyAt('waiting')).blocks)).toMatchInlineSnapshot(`
      "# SAC agent: v0.2.0 → v0.1.0
      ⚠ *Cannot be undone:* trades made meanwhile.
      *prod-1, prod-2*: v0.2.0, health failing
      *dev-1*: v0.2.0
      Asked by <@U0RILEYCH>. Scenario: deployment failure. Symptoms: orders rejected.
      Undoes 7 commits. 3 hosts read. v0.1.0 last proven on <!date^1793707200^{date_short_pretty}|2026-11-03>.
      *Production is changed* in phase 4 of 5 (Deployment rollback), after ~6 h of development work by the estimates.
      *Production affected for* 2 min (estimate). *Whole runbook* 9 h (its estimates).
      *Checks:* OK.
      *Waiting for* <!subteam^S0SACLEADS> until <!date^1795231802^{date_short_pretty} {time}|2026-11-21 03:30 UTC>, then it expires.
      [Approve v0.1.0] [Show plan] [Change version] [Details] [Reject] [Withdraw]
      ~ *Phases* Assessment and preparation 1 h · Implementation rollback 2 h · Testing and validation 3 h · Deployment rollback 2 h · Verification and communication 1 h
      ~ *Commits undone*
      • \`1111111\` Tune the entropy target
      • \`2222222\` Cache features
      • \`3333333\` Add a reward term
      • \`4444444\` Read limits from the file
      • \`5555555\` Rename a metric
      • and 2 more
      ~ sac-42 · Approve and Reject are for <!subteam^S0SACLEADS>, Withdraw is for <@U0RILEYCH>"
    `);
  });

  it('says of trouble first what production does', () => {
    expect(readable(cardOf(storyAt('trouble')).blocks)).toMatchInlineSnapshot(`
      "# sac-42 needs a decision: prod-2 is STOPPED
      Production stopped since <!date^1795230063^{date_short_pretty} {time}|2026-11-21 03:01 UTC> (11 s).
      *prod-2*: changed in part, stopped since <!date^1795230063^{date_short_pretty} {time}|2026-11-21 03:01 UTC>
      *prod-1, dev-1*: changed, proof to come
      *Step 11.3 Start on prod-2* failed (exit 1, after 4 s): No space left on device
      Advice: 4.1 GB of unpinned images can go
      *Retry* runs what did not end well again, then goes on. *Put back…* shows a plan that restores what was changed; nothing changes until it is approved. *Leave as is* ends it here and changes nothing more.
      <!subteam^S0SACLEADS> or <@U0RILEYCH> can decide. The thread has the last lines of the output.
      [Retry] [Put back…] [Leave as is] [Show steps]
      ~ sac-42 · asked by <@U0RILEYCH> · approved by <@U0ADAOKAF>"
    `);
  });

  it('says that nobody is needed while it works', () => {
    expect(readable(cardOf(storyAt('running', 'agentrader')).blocks)).toMatchInlineSnapshot(`
      "# agentrader-42: ec2-1 stopped, v0.1.0 going in
      ▓▓▓▓▓░░░░ *Phase 4 of 5: Replace the containers* · 7 of 12 steps done
      28 s elapsed · at most 5:52 min left by its estimates · *production stopped for 6 s*
      Now: step 6.2 Start on ec2-1.
      *ec2-1*: changing, stopped since <!date^1795230026^{date_short_pretty} {time}|2026-11-21 03:00 UTC>
      Nothing needed from you. Owed next: Stakeholders, <!date^1795244404^{date_short_pretty} {time}|2026-11-21 07:00 UTC>.
      [Show steps] [Stop here]
      ~ agentrader-42 · asked by <@U0RILEYCH> · approved by <@U0ADAOKAF>"
    `);
  });

  it('says at the end what was proven', () => {
    expect(readable(cardOf(storyAt('complete')).blocks)).toMatchInlineSnapshot(`
      "# sac-42 complete: v0.1.0 proven on 3 of 3 hosts
      Production was stopped for 14 s. Proven 1:25 min after approval. Tests: 11 of 11 passed.
      *prod-1, prod-2, dev-1*: v0.1.0, proven
      Numbers wait for the signature of <!subteam^S0SACONCAL>. Nothing else waits for it.
      Owed by <@U0RILEYCH>: lessons learned, root cause analysis, risk register, process improvement, re-implementation plan, project tracking, review by <!date^1795489289^{date_short_pretty} {time}|2026-11-24 03:01 UTC>.
      Owed next: Management, <!date^1795316489^{date_short_pretty} {time}|2026-11-22 03:01 UTC>. The thread has every step, the numbers, the proof and the report.
      [Report] [Put back v0.2.0] [Show steps] [Add lessons learned] [Sign the numbers]
      ~ sac-42 · asked by <@U0RILEYCH> · approved by <@U0ADAOKAF>"
    `);
  });

  it.each<[Status, string[]]>([
    ['reading', ['change', 'details', 'withdraw']],
    ['shown', ['plan']],
    ['unplannable', []],
    ['waiting', ['approve', 'plan', 'change', 'details', 'reject', 'withdraw']],
    ['rejected', []],
    ['withdrawn', []],
    ['expired', []],
    ['running', ['steps', 'stop']],
    ['trouble', ['retry', 'put-back', 'leave', 'steps']],
    ['proving', ['steps', 'stop', 'sign']],
    ['complete', ['report', 'undo', 'steps', 'details', 'sign']],
    ['left', ['put-back', 'steps', 'report']],
    ['handed-over', ['steps']],
    ['stopping', ['steps']],
    ['stopped', ['put-back', 'steps', 'report']],
  ])('%s offers what applies and nothing else', (status, offered) => {
    expect(actionsOf(storyAt(status))).toEqual(offered);
  });

  it.each(statuses)('%s has a headline and is spoken, for both systems', (status) => {
    for (const system of ['sac', 'agentrader'] as const) {
      const { text, blocks } = cardOf(storyAt(status, system));
      expect(blocks[0]?.type).toBe('header');
      expect(text.length).toBeGreaterThan(20);
      expect(text).not.toMatch(/<!date|\*|`/);
    }
  });

  it('asks for approval of the digest that it shows', () => {
    const [approve] = buttonsOf(cardOf(storyAt('waiting')).blocks);
    expect(JSON.parse(approve?.value ?? '')).toEqual({ rollback: 'sac-42', digest });
    expect(approve?.confirm).toBeDefined();
  });

  it('offers no signing once it is signed', () => {
    const story = storyAt('complete');
    const run = '12.4@bot';
    story.tell({ type: 'signed', by: { id: 'U0NOORHAD', name: 'oncall', via: 'slack' }, run, numbers: { sac_pnl_1h: '1.5' } });
    expect(actionsOf(story)).not.toContain('sign');
    expect(readable(cardOf(story).blocks)).toContain('Numbers signed by <@U0NOORHAD>.');
  });

  it('counts the hosts before they are read', () => {
    expect(readable(cardOf(storyAt('reading')).blocks)).toContain('# SAC agent: back to v0.1.0\nReading 3 hosts… Nothing is changed.');
  });

  it('names what cannot be undone and every warning', () => {
    const story = storyAt('waiting', 'sac', { outline: { cannotUndo: ['sent orders'], warnings: ['the backup is 400 d old'] } });
    const said = readable(cardOf(story).blocks);
    expect(said).toContain('*Cannot be undone:* sent orders.');
    expect(said).toContain('• ⚠ the backup is 400 d old');
    expect(said).not.toContain('*Checks:* OK');
  });

  it('tells what a proof found otherwise', () => {
    const story = storyAt('proving').proven({ 'prod-2': 'unknown' }).tell({ type: 'trouble', where: 'proof', what: 'prod-2 is unknown' });
    const said = readable(cardOf(story).blocks);
    expect(said).toContain('*prod-2* package is 0.1.5 instead of 0.1.0');
    expect(said).toContain('*Retry* proves all hosts again.');
    expect(said).toContain('*prod-2*: cannot be told');
  });

  it('shows a step that is run again as running again', () => {
    const story = storyAt('trouble').tell({ type: 'retry-chosen', by: { id: 'U0ADAOKAF', name: 'approver', via: 'slack' } });
    expect(readable(cardOf(story).blocks)).toContain('Now: step 11.3 Start on prod-2.');
    expect(actionsOf(story)).toEqual(['steps', 'stop']);
  });

  it('names the state of production by host', () => {
    const title = (state: State) => readable(card({ state, now: state.at, outputs: {}, mentions }).blocks).split('\n')[0];
    expect(title(storyAt('trouble').state())).toBe('# sac-42 needs a decision: prod-2 is STOPPED');
    expect(title(storyAt('trouble', 'agentrader').state())).toBe('# agentrader-42 needs a decision: ec2-1 is STOPPED');
  });
});
