import { describe, expect, it } from 'vitest';
import type { OutlinePhase } from '../../../src/domain/plan.ts';
import { noRelease } from '../../../src/domain/release.ts';
import { messages } from '../../../src/templates/messages.ts';
import { reportView } from '../../../src/templates/views.ts';
import { buttonsOf, messageOf, readable } from '../../helpers/said.ts';
import { people, type Story } from '../../helpers/story.ts';
import { actionsOf, cardOf, carriedBy, halt, phases, said, told, undoing } from './told.ts';

const running = (options = {}) => told(options).requested().planned().started();
const result = { outcome: 'failed', exitCode: 1, stage: 'command', durationMs: 900, outputBytes: 0 } as const;
const reportOf = (story: Story): string =>
  readable(messageOf(messages({ state: story.state(), now: story.now(), outputs: {}, mentions: {} }), 'report').blocks);

/** Both production hosts fail at once. */
function bothFailed(): Story {
  const story = running().upTo('11.2@prod-1');
  story.tell({ type: 'step-intended', run: '11.2@prod-2', attempt: 1, bootId: 'b', storeId: 's' });
  for (const run of ['11.2@prod-1', '11.2@prod-2'] as const) story.tell({ type: 'step-finished', run, attempt: 1, result });
  return story.tell({ type: 'trouble', where: 'step', what: 'two runs' });
}

describe('work by hand', () => {
  const byHand: OutlinePhase[] = phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => ({ ...step, type: 'hand', undoable: false })),
  }));
  const start = () => running({ request: { variant: 'manual' }, outline: { phases: byHand, variant: 'manual', byHand: true } });

  it('shows the exact commands, host by host, with two buttons each', () => {
    const story = start().upTo('11.1@prod-1').tell({ type: 'step-intended', run: '11.1@prod-2', attempt: 1, bootId: 'b', storeId: 's' });
    const hands = {
      '11.1@prod-1': 'ssh deploy@prod-1\nsudo systemctl stop sac',
      '11.1@prod-2': 'ssh deploy@prod-2\nsudo systemctl stop sac && echo `x`',
    };
    expect(said(story, hands)).toMatchInlineSnapshot(`
      "# sac-42: SAC agent to v0.1.0, rollback by hand, under way
      ▓▓▓░░░░░░ *Phase 3 of 3: Deployment* · 3 of 9 steps done
      19 s elapsed · at most 2 h left by its estimates
      *Waits for a person:* step 11.1 Stop on prod-1, step 11.1 Stop on prod-2.
      Run this for step 11.1 Stop on prod-1:
      \`\`\`
      ssh deploy@prod-1
      sudo systemctl stop sac
      \`\`\`
      Run this for step 11.1 Stop on prod-2:
      \`\`\`
      ssh deploy@prod-2
      sudo systemctl stop sac &amp;&amp; echo \`x\`
      \`\`\`
      <!subteam^S0SACLEADS> or <@U0RILEYCH> can tick it off.
      *prod-1, prod-2*: changing
      *dev-1*: changed, proof to come
      Nothing else waits for people.
      [Done on prod-1] [Failed on prod-1] [Done on prod-2] [Failed on prod-2] [Show steps] [Show plan] [Stop here]
      ~ sac-42 · asked by <@U0RILEYCH> · approved by <@U0ADAOKAF>"
    `);
    expect(actionsOf(story)).toEqual(['tick', 'tick-failed', 'tick-2', 'tick-failed-2', 'steps', 'plan', 'stop']);
    expect(carriedBy(story, 'tick-2')).toEqual({ rollback: 'sac-42', run: '11.1@prod-2' });
  });

  it('points to the plan where the commands do not fit or are not known', () => {
    const story = start().upTo('4@dev-1');
    expect(said(story)).toContain('The commands of step 4 Code on dev-1 are under *Show plan*.');
    expect(said(story, { '4@dev-1': 'x'.repeat(9000) })).toContain('The commands of step 4 Code on dev-1 are under *Show plan*.');
    expect(buttonsOf(cardOf(story).blocks).map(({ text }) => text.text)).toEqual([
      'Done on dev-1',
      'It failed',
      'Show steps',
      'Show plan',
      'Stop here',
    ]);
  });
});

describe('trouble', () => {
  it('offers each host by itself where more than one is in trouble', () => {
    const story = bothFailed();
    expect(actionsOf(story)).toEqual(['retry', 'retry-host', 'retry-host-2', 'put-back', 'leave', 'steps']);
    expect(carriedBy(story, 'retry-host-2')).toEqual({ rollback: 'sac-42', host: 'prod-2' });
    expect(said(story)).toContain('*Put back…* shows a plan that restores what was changed; nothing changes until it is approved.');
  });

  it('offers no putting back of what changed nothing, nor of an undo', () => {
    expect(actionsOf(running().failing('1@prod-1'))).toEqual(['retry', 'leave', 'steps']);
    expect(actionsOf(undoing().requested().planned().started().failing('11.2@prod-1'))).toEqual(['retry', 'leave', 'steps']);
  });
});

describe('what was left or handed over', () => {
  it('offers to put back what was begun', () => {
    const story = bothFailed().tell({ type: 'left', by: people.requester });
    expect(actionsOf(story)).toEqual(['put-back', 'steps', 'report']);
    expect(said(story)).toContain('To try again: /rollback sac v0.1.0 *Put back…* shows a plan');
  });

  it('says who puts it back', () => {
    const story = bothFailed().tell({ type: 'handed-over', to: 'sac-43' });
    expect(said(story)).toMatchInlineSnapshot(`
      "# sac-42 was handed over to sac-43, which puts it back
      SAC agent to v0.1.0 does nothing more since <!date^1795230026^{date_short_pretty} {time}|2026-11-21 03:00 UTC>. What the hosts run now is on the card of *sac-43*.
      *When it was handed over:* Production stopped since <!date^1795230018^{date_short_pretty} {time}|2026-11-21 03:00 UTC> (8 s).
      *prod-1*: changed in part, stopped since <!date^1795230018^{date_short_pretty} {time}|2026-11-21 03:00 UTC>
      *prod-2*: changed in part, stopped since <!date^1795230020^{date_short_pretty} {time}|2026-11-21 03:00 UTC>
      *dev-1*: changed, not proven
      *Step 11.2 Deploy on prod-1* failed (exit 1, after 900 ms)
      *Step 11.2 Deploy on prod-2* failed (exit 1, after 900 ms)
      [Show steps]
      ~ sac-42 · asked by <@U0RILEYCH> · approved by <@U0ADAOKAF>"
    `);
  });

  it('lets trading be resumed from there', () => {
    const story = told({ request: { halt } }).requested().tell({ type: 'halt-chosen', by: people.oncall, way: 'halt' });
    for (const host of halt.hosts) story.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    story.planned().started().failing('4@dev-1').tell({ type: 'handed-over', to: 'sac-43' });
    expect(said(story)).toContain('*Trading is stopped* on prod-1, prod-2 since');
    expect(actionsOf(story)).toEqual(['halt-back', 'steps']);
  });
});

describe('the end', () => {
  it('offers to go back to what ran before, once, and dates what is owed', () => {
    const afterwards = [{ what: 'root cause analysis' }, { what: 'review', withinMs: 259_200_000 }];
    const story = running({ outline: { afterwards } }).completed();
    expect(said(story)).toMatchInlineSnapshot(`
      "# sac-42 complete: v0.1.0 proven on 3 of 3 hosts
      Production was stopped for 10 s. Proven 30 s after approval.
      *prod-1, prod-2, dev-1*: v0.1.0, proven
      Owed by <@U0RILEYCH>: lessons learned, root cause analysis, review by <!date^1795489234^{date_short_pretty} {time}|2026-11-24 03:00 UTC>.
      The thread has every step, the numbers, the proof and the report.
      [Report] [Put back v0.2.0] [Show steps] [Add lessons learned]
      ~ sac-42 · asked by <@U0RILEYCH> · approved by <@U0ADAOKAF>"
    `);
    expect(carriedBy(story, 'undo')).toEqual({ rollback: 'sac-42' });
  });

  it('says what was recorded', () => {
    const story = running()
      .completed()
      .tell({ type: 'recorded', lines: ['prod-1: 41 packages', 'prod-2: 41 packages'] });
    expect(said(story)).toContain('*Recorded as last known good*; the report says what was kept of it.');
    expect(said(story)).not.toContain('41 packages');
    expect(JSON.stringify(reportView(story.state()))).toContain('prod-1: 41 packages');
  });

  it('of a removal is a removal', () => {
    const story = running({ version: 'nothing', request: { variant: 'remove' }, outline: { variant: 'remove', target: noRelease } }).completed();
    expect(said(story)).toContain('# sac-42 complete: removal proven on 3 of 3 hosts');
    expect(said(story)).toContain('*prod-1, prod-2, dev-1*: removed, proven');
    expect(said(story)).not.toContain('nothing,');
  });

  it('of a record says that nothing was changed', () => {
    const story = told({ version: 'v0.2.0', request: { variant: 'record' }, outline: { variant: 'record', phases: [], afterwards: [] } });
    story.requested().planned().started().completed();
    expect(said(story)).toContain('Nothing was changed: what runs was proven.');
    expect(actionsOf(story)).toEqual(['report', 'steps']);
  });
});

describe('an undo', () => {
  it('says first what cannot come back, then what is put back where', () => {
    expect(said(undoing().requested().planned())).toMatchInlineSnapshot(`
      "# Put back sac-42 (all): SAC agent to v0.2.0
      ⚠ *Cannot come back:* production was without for 12 s; 3 messages that were sent.
      *prod-1, prod-2*: v0.2.0, health failing
      *dev-1*: v0.2.0
      Asked by <@U0RILEYCH>.
      Puts back all that sac-42 changed: 7 steps, the last first.
      • *prod-1, prod-2*: 11.3 Start, 11.2 Deploy, 11.1 Stop
      • *dev-1*: 4 Code
      3 hosts read. v0.2.0 last proven on <!date^1793707200^{date_short_pretty}|2026-11-03>.
      *Production is changed first* in phase 1 of 2 (Put back: Deployment).
      *Production affected for* 2 min (estimate).
      *Checks:* OK.
      If sac-42 still holds the lock, it passes to this one when it starts. *Waiting for* <!subteam^S0SACLEADS> until <!date^1795231802^{date_short_pretty} {time}|2026-11-21 03:30 UTC>, then it expires.
      [Approve putting back sac-42] [Show plan] [Details] [Reject] [Withdraw]
      ~ *Phases* Put back: Deployment · Put back: Implementation
      ~ sac-43 · Approve and Reject are for <!subteam^S0SACLEADS>, Withdraw is for <@U0RILEYCH>"
    `);
  });

  it('of a part says that the rest stays', () => {
    const story = undoing({ whole: false, scope: 'phase 3, on prod-2', runs: ['11.1@prod-2', '11.2@prod-2'] });
    const text = said(story.requested().planned());
    expect(text.split('\n')[0]).toBe('# Put back sac-42 (phase 3, on prod-2): SAC agent');
    expect(text).toContain(
      'Puts back sac-42 (phase 3, on prod-2): 2 steps, the last first. The rest of sac-42 stays.\n• *prod-2*: 11.2 Deploy, 11.1 Stop',
    );
  });

  it('ends with hosts as they were recorded', () => {
    const story = undoing().requested().planned().started().completed();
    expect(said(story)).toContain('# sac-43 complete: sac-42 is put back, 3 of 3 hosts as recorded before it');
    expect(said(story)).toContain('*prod-1, prod-2, dev-1*: as recorded before sac-42, proven');
    expect(actionsOf(story)).toEqual(['report', 'steps', 'details']);
  });

  it('does not claim more than was proven', () => {
    const story = undoing().requested().planned().started().proven({ 'prod-2': 'old' }).tell({ type: 'trouble', where: 'proof', what: 'x' });
    const text = said(story.tell({ type: 'left', by: people.requester }));
    expect(text).toContain('*prod-2*: not put back: still as it was, proven');
    expect(text).toContain('It is not complete: sac-42 is not proven to be put back.');
    expect(reportOf(story)).toContain('2 of 3 hosts as recorded before sac-42.');
    expect(reportOf(story)).not.toContain('is put back,');
  });
});

describe('the report', () => {
  it('says all of it', () => {
    const story = running({ request: { halt }, outline: { warnings: ['the backup is 400 d old'] } });
    story.upTo('11.2@prod-1').tell({ type: 'step-finished', run: '11.2@prod-1', attempt: 1, result });
    story.tell({ type: 'trouble', where: 'step', what: 'x' }, { type: 'message-posted', key: 'trouble-1', channel: 'C', ts: '1' });
    story.tell({ type: 'retry-chosen', by: people.approver }).completed();
    expect(reportOf(story)).toMatchInlineSnapshot(`
      "*Report of sac-42: SAC agent: v0.2.0 → v0.1.0*
      *Result:* v0.1.0 proven on 3 of 3 hosts.
      *Asked* by requester, <!date^1795230001^{date_short_pretty} {time}|2026-11-21 03:00 UTC>. *Approved* by approver (<!date^1795230003^{date_short_pretty} {time}|2026-11-21 03:00 UTC>).
      *How long it took*
      • 35 s from start to end (the runbook estimates 5 h).
      • Production was stopped for 15 s. Expected was 2 min (estimate).
      • Phase 1, Assessment: 5 s (estimated 1 h), 2 of 2 steps
      • Phase 2, Implementation: 3 s (estimated 2 h), 1 of 1 steps
      • Phase 3, Deployment: 18 s (estimated 2 h), 6 of 6 steps
      *Why*
      • scenario: deployment failure
      • symptoms: orders rejected
      • impact: no new orders
      • scope: production
      *Issues encountered*
      • It needed a decision once; the thread has it with the last lines of the output.
      • step 11.2 Deploy on prod-1 took 2 attempts
      • Warned beforehand: the backup is 400 d old
      *Verification*
      • dev-1: v0.1.0, proven (2 of 2 proofs)
      • prod-1: v0.1.0, proven (2 of 2 proofs)
      • prod-2: v0.1.0, proven (2 of 2 proofs)
      *Lessons learned:* owed by requester
      *Next steps owed:* root cause analysis"
    `);
  });

  it('follows lessons and recording, and is not there before the end', () => {
    const story = running().upTo('4@dev-1');
    expect(() => reportOf(story)).toThrow();
    story.completed().tell({ type: 'described', by: people.requester, answers: { lessons: 'Watch longer' } });
    expect(reportOf(story)).toContain('*Lessons learned:* Watch longer');
  });

  it('of what was left says why', () => {
    const text = reportOf(bothFailed().tell({ type: 'left', by: people.requester }));
    expect(text).toContain('*Result:* not completed, left as it is by requester: all of production is STOPPED. v0.1.0 proven on 0 of 3 hosts.');
    expect(text).toContain('• *Step 11.2 Deploy on prod-1* failed (exit 1, after 900 ms)');
  });
});
