import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/decide.ts';
import { noRelease } from '../../../src/domain/release.ts';
import { buttonsOf } from '../../helpers/said.ts';
import { people } from '../../helpers/story.ts';
import { actionsOf, cardOf, carriedBy, halt, phases, said, stagesOf, told, undoing } from './told.ts';

const title = (text: string): string => text.split('\n')[0] ?? '';

describe('a request before it is approved', () => {
  it('says what is lost before all else, then variant, scenario and when production is changed', () => {
    const outline = {
      about: 'Production first, then development',
      selected: 'deployment failure: left out: step 12.4',
      cannotUndo: ['sent orders'],
      warnings: ['the runbook has changed since it was last run'],
    };
    expect(said(told({ outline, request: { halt } }).requested().planned())).toMatchInlineSnapshot(`
      "# SAC agent: v0.2.0 → v0.1.0
      ⚠ *Cannot be undone:* sent orders.
      *prod-1, prod-2*: v0.2.0, health failing
      *dev-1*: v0.2.0
      Asked by <@U0RILEYCH>. Scenario: deployment failure. Symptoms: orders rejected.
      Production first, then development
      *Scenario* deployment failure: left out: step 12.4.
      Undoes 7 commits. 3 hosts read. v0.1.0 last proven on <!date^1793707200^{date_short_pretty}|2026-11-03>.
      *Production is changed* in phase 3 of 3 (Deployment), after ~3 h of development work by the estimates.
      *Production affected for* 2 min (estimate). *Whole runbook* 5 h (its estimates).
      *Checks:* 1 warning
      • ⚠ the runbook has changed since it was last run
      *Waiting for* <!subteam^S0SACLEADS> until <!date^1795231802^{date_short_pretty} {time}|2026-11-21 03:30 UTC>, then it expires.
      [Approve v0.1.0] [Stop trading now] [Show plan] [Change version] [Details] [Reject] [Withdraw]
      ~ *Phases* Assessment 1 h · Implementation 2 h · Deployment 2 h
      ~ *Commits undone*
      • \`1111111\` Tune the entropy target
      • \`2222222\` Cache features
      • \`3333333\` Add a reward term
      • \`4444444\` Read limits from the file
      • \`5555555\` Rename a metric
      • and 2 more
      ~ sac-42 · Approve and Reject are for <!subteam^S0SACLEADS>, Withdraw is for <@U0RILEYCH>, Stop trading is for #inc-trading"
    `);
  });

  it('says when production goes first, and when it is not changed at all', () => {
    const [assess, implement, deploy] = phases;
    if (!assess || !implement || !deploy) throw new Error('three phases');
    const first = [assess, deploy, implement];
    expect(
      said(
        told({ outline: { phases: first } })
          .requested()
          .planned(),
      ),
    ).toContain('*Production is changed first* in phase 2 of 3 (Deployment), after ~1 h by the estimates.');
    const none = [assess, implement];
    expect(
      said(
        told({ outline: { phases: none } })
          .requested()
          .planned(),
      ),
    ).toContain('Production is not changed, only looked at.');
  });

  it('names what its steps cannot take back, each once', () => {
    const [, , deploy] = phases;
    const lost = { name: 'x', estimateMs: 0, steps: (deploy?.steps ?? []).map((step) => ({ ...step, cannotUndo: 'logs in containers' })) };
    expect(
      said(
        told({ outline: { phases: [lost] } })
          .requested()
          .planned(),
      ),
    ).toContain('⚠ *Cannot be undone:* logs in containers.\n');
  });

  it.each([
    ['remove', 'SAC agent: removal'],
    ['clean-caches', 'SAC agent: clean-caches'],
  ])('has no version where there is none: %s', (variant, headline) => {
    const story = told({ version: noRelease.version, request: { variant }, outline: { variant, target: noRelease } })
      .requested()
      .planned();
    expect(title(said(story))).toBe(`# ${headline}`);
    expect(said(story)).not.toContain('nothing →');
    expect(said(story)).not.toContain('→ nothing');
    expect(said(story)).not.toContain('Undoes');
    expect(buttonsOf(cardOf(story).blocks)[0]?.text.text).toBe(variant === 'remove' ? 'Approve removal' : 'Approve clean-caches');
  });

  it.each([
    ['emergency', '# SAC agent, emergency rollback: v0.2.0 → v0.1.0'],
    ['recover', '# SAC agent, recovery: v0.2.0 → v0.1.0'],
    ['manual', '# SAC agent, rollback by hand: v0.2.0 → v0.1.0'],
    ['production-first', '# SAC agent, production-first: v0.2.0 → v0.1.0'],
    ['normal', '# SAC agent: v0.2.0 → v0.1.0'],
  ])('names its variant: %s', (variant, headline) => {
    expect(title(said(told({ request: { variant }, outline: { variant } }).requested().planned()))).toBe(headline);
  });

  it('does not know the last good release before its hosts are read', () => {
    expect(title(said(told({ version: '', request: { variant: 'emergency' } }).requested()))).toBe('# SAC agent: emergency rollback');
  });

  it('can be changed, but an undo cannot', () => {
    expect(actionsOf(told().requested())).toContain('change');
    expect(actionsOf(told().requested().planned())).toContain('change');
    expect(actionsOf(undoing().requested().planned())).not.toContain('change');
  });
});

describe('a dry run', () => {
  it('says that nothing was changed and nothing will be', () => {
    const story = told({ request: { dryRun: true, halt } })
      .requested()
      .planned();
    expect(said(story)).toMatchInlineSnapshot(`
      "# Dry run: SAC agent: v0.2.0 → v0.1.0
      *Nothing was changed and nothing will be:* this is a dry run, and it cannot be approved.
      *prod-1, prod-2*: v0.2.0, health failing
      *dev-1*: v0.2.0
      Asked by <@U0RILEYCH>. Scenario: deployment failure. Symptoms: orders rejected.
      Undoes 7 commits. 3 hosts read. v0.1.0 last proven on <!date^1793707200^{date_short_pretty}|2026-11-03>.
      *Production is changed* in phase 3 of 3 (Deployment), after ~3 h of development work by the estimates.
      *Production affected for* 2 min (estimate). *Whole runbook* 5 h (its estimates).
      *Cannot be undone:* nothing. *Checks:* OK.
      Show plan has each step on each host with its exact commands. To ask for it in earnest: /rollback sac v0.1.0
      [Show plan]
      ~ *Phases* Assessment 1 h · Implementation 2 h · Deployment 2 h
      ~ *Commits undone*
      • \`1111111\` Tune the entropy target
      • \`2222222\` Cache features
      • \`3333333\` Add a reward term
      • \`4444444\` Read limits from the file
      • \`5555555\` Rename a metric
      • and 2 more
      ~ sac-42"
    `);
    expect(actionsOf(story)).toEqual(['plan']);
  });
});

describe('a rehearsal', () => {
  it('says so before all else, on every card', () => {
    const story = told({ request: { drill: true, by: { id: 'bot', name: 'bot', via: 'bot' } } });
    for (const tell of [() => story.requested(), () => story.planned(), () => story.started(), () => story.completed()]) {
      tell();
      expect(title(said(story))).toMatch(/^# Rehearsal: /);
    }
    expect(said(story)).not.toContain('Owed by');
    expect(actionsOf(story)).toEqual(['report', 'steps']);
  });
});

describe('what holds the system', () => {
  const at = (way: 'halt' | 'back') => told({ request: { halt } }).requested().tell({ type: 'halt-chosen', by: people.oncall, way });

  it('is offered with what it does, while nothing runs', () => {
    const story = told({ request: { halt } }).requested();
    expect(buttonsOf(cardOf(story).blocks)[0]).toMatchObject({
      action_id: 'halt',
      text: { text: 'Stop trading now' },
      style: 'danger',
      confirm: {
        title: { text: 'Stop trading on prod-1, prod-2?' },
        text: { text: 'Open positions stay open. It is done at once on prod-1, prod-2; nobody has to approve it. "Resume trading" takes it back.' },
      },
    });
    expect(carriedBy(story, 'halt')).toEqual({ rollback: 'sac-42' });
    expect(actionsOf(story.planned())).toContain('halt');
    expect(actionsOf(story.started().upTo('1@prod-1'))).not.toContain('halt');
  });

  it('is told host by host', () => {
    const story = at('halt');
    expect(said(story)).toContain('*Stop trading* is under way on prod-1, prod-2, chosen by <@U0NOORHAD>.');
    story.tell({ type: 'halt-ended', way: 'halt', host: 'prod-1', ok: true });
    story.tell({ type: 'halt-ended', way: 'halt', host: 'prod-2', ok: false, why: 'connection refused' });
    expect(said(story)).toMatchInlineSnapshot(`
      "# SAC agent: back to v0.1.0
      *Trading is stopped* on prod-1 since <!date^1795230002^{date_short_pretty} {time}|2026-11-21 03:00 UTC> by <@U0NOORHAD>. Open positions stay open.
      ⚠ *Stop trading failed on prod-2*: connection refused. Try again, or do it there by hand.
      Reading 3 hosts… Nothing else is changed.
      Asked by <@U0RILEYCH>. Scenario: deployment failure. Symptoms: orders rejected.
      [Stop trading now] [Resume trading] [Change version] [Details] [Withdraw]
      ~ sac-42"
    `);
    expect(actionsOf(story)).toEqual(['halt', 'halt-back', 'change', 'details', 'withdraw']);
  });

  it('stays offered for taking back as long as it is in force', () => {
    const story = at('halt');
    for (const host of halt.hosts) story.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    expect(actionsOf(story)).toEqual(['halt-back', 'change', 'details', 'withdraw']);
    story.planned().tell({ type: 'rejected', by: people.approver, reason: 'no' });
    expect(actionsOf(story)).toEqual(['halt-back']);
    expect(said(story)).toMatchInlineSnapshot(`
      "# sac-42 was rejected: SAC agent to v0.1.0
      *Trading is stopped* on prod-1, prod-2 since <!date^1795230002^{date_short_pretty} {time}|2026-11-21 03:00 UTC> by <@U0NOORHAD>. Open positions stay open.
      Rejected by <@U0ADAOKAF>. Reason: no
      Nothing else was changed. Asked by <@U0RILEYCH>, closed <!date^1795230006^{date_short_pretty} {time}|2026-11-21 03:00 UTC>.
      Ask anew if it is needed: /rollback sac v0.1.0
      [Resume trading]
      ~ sac-42"
    `);
    story.tell({ type: 'halt-chosen', by: people.oncall, way: 'back' });
    for (const host of halt.hosts) story.tell({ type: 'halt-ended', way: 'back', host, ok: true });
    expect(said(story)).toContain('*Resume trading* was done on prod-1, prod-2, ');
    expect(actionsOf(story)).toEqual([]);
  });

  it('is over when the rollback has started production again', () => {
    const story = at('halt');
    for (const host of halt.hosts) story.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    story.planned().started().completed();
    expect(actionsOf(story)).not.toContain('halt-back');
    expect(said(story)).not.toContain('Trading is stopped');
    expect(said(story)).toContain('Production was stopped for');
  });

  it('stays in force where the rollback changed other hosts only, and can be taken back from its last card', () => {
    const story = told({ request: { halt }, outline: { phases: phases.slice(1, 2), stages: stagesOf(phases.slice(1, 2)) } });
    story.requested().tell({ type: 'halt-chosen', by: people.oncall, way: 'halt' });
    for (const host of halt.hosts) story.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    story.planned().started().completed();
    expect(said(story)).toContain('*Trading is stopped* on prod-1, prod-2 since');
    expect(actionsOf(story)).toContain('halt-back');
    expect(decide(story.state(), { type: 'halt', by: people.oncall, mayHalt: true, way: 'back' }, story.now())).toEqual([
      { type: 'halt-chosen', by: people.oncall, way: 'back' },
    ]);
  });

  it('is over as well where the rollback was left after production was started', () => {
    const story = at('halt');
    for (const host of halt.hosts) story.tell({ type: 'halt-ended', way: 'halt', host, ok: true });
    story.planned().started().proven({ 'prod-1': 'unknown' }).tell({ type: 'trouble', where: 'proof', what: 'x' });
    story.tell({ type: 'left', by: people.requester });
    expect(actionsOf(story)).not.toContain('halt-back');
    expect(said(story)).not.toContain('Trading is stopped');
  });
});
