import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Owed } from '../../../src/domain/owed.ts';
import { noRelease } from '../../../src/domain/release.ts';
import { messages } from '../../../src/templates/messages.ts';
import { fieldsOf } from '../../../src/templates/notices/fields.ts';
import { render } from '../../../src/templates/render.ts';
import { messageOf, readable } from '../../helpers/said.ts';
import { people, type Story, storyAt } from '../../helpers/story.ts';
import { undoing } from './told.ts';

const hourMs = 3_600_000;
const saidAt = (story: Story, now: number) => messages({ state: story.state(), now, outputs: {}, mentions: {} });

describe('announcements', () => {
  it('initial', () => {
    const story = storyAt('running').wait(5000);
    expect(readable(messageOf(saidAt(story, story.now()), 'initial:#inc-trading').blocks)).toMatchInlineSnapshot(`
      "# SAC agent Issue - Rollback Initiated
      A critical issue has been identified in the SAC agent. Rollback procedures have been initiated to restore system stability: it goes from v0.2.0 back to v0.1.0.
      *Current status:* Deployment rollback (phase 4 of 5)
      *Expected completion:* <!date^1795240850^{date_short_pretty} {time}|2026-11-21 06:00 UTC> by the runbook's estimates (3 h left)
      *Impact:* no new orders. Scope: production. Production stopped since <!date^1795230063^{date_short_pretty} {time}|2026-11-21 03:01 UTC> (9 s).
      ~ sac-42 · for Development team"
    `);
  });

  it('progress', () => {
    const story = storyAt('running');
    const due = (story.state().startedAt ?? 0) + hourMs;
    expect(readable(messageOf(saidAt(story, due), 'progress:@pm').blocks)).toMatchInlineSnapshot(`
      "# SAC agent Rollback Progress Update
      *Rollback status:* Deployment rollback (phase 4 of 5), 1 h after the start
      *Completed steps:* 26 of 33
      • Assessment and preparation: 1 Symptoms, 2 Environment, 3 Communication
      • Implementation rollback: 4 Code, 5 Configuration, 6 Documentation
      • Testing and validation: 7.1 Import, 7.2 Environment compatibility, 7.3 Configuration, 8.1 Unit tests: agent, 8.2 Unit tests: features, 8.3 Integration tests, 8.4 Acceptance tests, 9.1 Smoke test, 9.2 Model loading and saving, 9.3 Deterministic behaviour
      • Deployment rollback: 10 Development package, 11.1 Stop, 11.2 Deploy
      *Remaining steps:* 7 of 33
      • Deployment rollback: 11.3 Start, 11.4 Watch
      • Verification and communication: 12 Verification, 12.3 Data integrity, 12.4 Business metrics, 13 Stakeholders
      *Current issues:* none
      *Impact:* no new orders. Scope: production. Production stopped since <!date^1795230063^{date_short_pretty} {time}|2026-11-21 03:01 UTC> (59:01 min).
      *Next update:* none is planned
      ~ sac-42 · for Project manager"
    `);
  });

  it('completion', () => {
    const story = storyAt('complete').wait(1000);
    expect(readable(messageOf(saidAt(story, story.now()), 'completion:#trading-status').blocks)).toMatchInlineSnapshot(`
      "# SAC agent Rollback Complete
      The SAC agent rollback has been completed successfully: v0.1.0 runs in place of v0.2.0.
      *System status:* v0.1.0 proven on 3 of 3 hosts
      • *prod-1, prod-2, dev-1*: v0.1.0, proven
      *Impact:* no new orders. Scope: production. Production was stopped for 14 s.
      *Verification results:*
      • Tests: 11 of 11 passed.
      • Measured on prod-1: health ok · cpu_percent 12 · response_time_p95_ms 84
      • Measured on prod-2: health ok · cpu_percent 12 · response_time_p95_ms 84
      • Proof: v0.1.0 proven on 3 of 3 hosts.
      • Numbers wait for the signature of @sac-oncall. Nothing else waits for it.
      *Next steps:* root cause analysis, risk register, process improvement, re-implementation plan, project tracking, review by <!date^1795489289^{date_short_pretty} {time}|2026-11-24 03:01 UTC>
      *Lessons learned:* owed by requester
      ~ sac-42 · for Stakeholders"
    `);
  });

  it('failed says what production does and what is left to do', () => {
    const story = storyAt('left');
    const said = readable(messageOf(saidAt(story, story.now()), 'failed:#management').blocks);
    expect(said).toContain('# SAC agent Rollback Not Completed');
    expect(said).toContain('*System status:* prod-2 is STOPPED');
    expect(said).toContain('*Current issues:* *Step 11.3 Start on prod-2* failed (exit 1, after 4 s): No space left on device');
  });

  it('put-back has the fields of a completion', () => {
    const state = storyAt('complete').state();
    const item: Owed = { key: 'put-back:#x', to: '#x', audiences: ['Everybody'], template: 'put-back', dueAt: state.at };
    const { subject, lines } = render('put-back', fieldsOf(state, item, state.at));
    expect(subject).toBe('SAC agent Rollback Put Back');
    expect(lines.filter((line) => line.startsWith('*')).map((line) => line.split(':*')[0])).toEqual([
      '*System status',
      '*Impact',
      '*Verification results',
      '*Next steps',
      '*Lessons learned',
    ]);
  });

  it.each([
    ['completion', storyAt('complete', 'sac', { outline: { variant: 'remove', target: noRelease } }), 'SAC agent, removal is done and proven'],
    ['failed', storyAt('left'), 'The SAC agent rollback to v0.1.0 was stopped before its end and left as it is'],
    ['put-back', undoing().requested().planned().started().completed(), 'sac-42 is put back, v0.2.0 runs in place of v0.1.0.'],
    [
      'failed',
      undoing().requested().planned().started().failing('11.2@prod-1').tell({ type: 'left', by: people.requester }),
      'Putting back sac-42 of SAC agent was stopped',
    ],
  ] as const)('%s says of removals and undos what they are', (template, story, sentence) => {
    const state = story.state();
    const item: Owed = { key: `${template}:#x`, to: '#x', audiences: ['Everybody'], template, dueAt: state.at };
    expect(render(template, fieldsOf(state, item, state.at)).lines.join('\n')).toContain(sentence);
  });

  // The labels of the document's three templates, in its order; ours may say more between them.
  it.each([
    ['initial', ['Subject:', 'Current status:', 'Expected completion:', 'Impact:']],
    ['progress', ['Subject:', 'Rollback status:', 'Completed steps:', 'Remaining steps:', 'Current issues:', 'Next update:']],
    ['completion', ['Subject:', 'System status:', 'Verification results:', 'Next steps:', 'Lessons learned:']],
  ])('%s has every field of the document in its order', (name, labels) => {
    const template = readFileSync(new URL(`../../../src/templates/${name}.hbs`, import.meta.url), 'utf8');
    const found = labels.map((label) => template.indexOf(label));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });

  it('says when it comes late, and not when it is on time', () => {
    const story = storyAt('running');
    const due = (story.state().startedAt ?? 0) + hourMs;
    expect(readable(messageOf(saidAt(story, due + 20_000), 'progress:@pm').blocks)).not.toContain('late');
    expect(readable(messageOf(saidAt(story, due + 600_000), 'progress:@pm').blocks)).toContain(
      `This comes late: it was owed at <!date^${due / 1000}^`,
    );
  });

  it('names the next update of the same audience', () => {
    const story = storyAt('running').tell({ type: 'message-posted', key: 'initial:#trading-status', channel: 'C1', ts: '1' });
    const start = story.state().startedAt ?? 0;
    const stakeholders = messageOf(saidAt(story, start + 4 * hourMs), 'progress-1:#trading-status');
    expect(readable(stakeholders.blocks)).toContain(`*Next update:* <!date^${(start + 8 * hourMs) / 1000}^`);
    expect(readable(messageOf(saidAt(story, start + hourMs), 'progress:@pm').blocks)).toContain('*Next update:* none is planned');
  });

  it('tells of trouble in progress', () => {
    const story = storyAt('trouble');
    const said = readable(messageOf(saidAt(story, (story.state().startedAt ?? 0) + hourMs), 'progress:@pm').blocks);
    expect(said).toContain('waiting for a decision');
    expect(said).toContain('*Current issues:* *Step 11.3 Start on prod-2* failed');
  });

  it('keeps a headline readable, and what is spoken escaped', () => {
    const story = storyAt('running', 'sac', { outline: { title: 'R&D <sac> @here' } });
    const message = messageOf(saidAt(story, story.now()), 'initial:#inc-trading');
    expect(message.blocks[0]).toMatchObject({ text: { type: 'plain_text', text: 'R&D <sac> ＠here Issue - Rollback Initiated' } });
    expect(message.text).toContain('R&amp;D &lt;sac&gt; ＠here Issue');
  });

  it('tells the lessons once they are known', () => {
    const story = storyAt('complete').tell({
      type: 'described',
      by: { id: 'U1', name: 'r', via: 'slack' },
      answers: { lessons: 'Watch the error rate for *longer*' },
    });
    const said = readable(messageOf(saidAt(story, story.now()), 'completion:#trading-status').blocks);
    expect(said).toContain('*Lessons learned:* Watch the error rate for ∗longer∗');
  });
});
