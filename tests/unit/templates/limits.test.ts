import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMessageBlocks, checkView } from '../../../lab/workspace/blockkit/check.ts';
import { textsOf } from '../../../lab/workspace/blockkit/texts.ts';
import { mentionsIn } from '../../../lab/workspace/mentions.ts';
import type { Block, View } from '../../../src/domain/message.ts';
import { type Plan, runKey } from '../../../src/domain/plan.ts';
import { messages } from '../../../src/templates/messages.ts';
import {
  changeView,
  detailsView,
  overrideView,
  planView,
  putBackView,
  rejectView,
  reportView,
  reviewView,
  signView,
  stepsView,
} from '../../../src/templates/views.ts';
import { readable } from '../../helpers/said.ts';
import { statuses, storyAt } from '../../helpers/story.ts';
import { anyState, hostile } from './anystate.ts';

const json = (blocks: readonly Block[]) => blocks as unknown as Record<string, unknown>[];
// Shrinking states of this size takes minutes; the seed is told, and says enough.
const runs = { numRuns: 120, endOnFailure: true };

function expectFine(view: View): void {
  expect(checkView(view, ['modal'])).toEqual([]);
}

describe('what Slack refuses', () => {
  it.each(statuses)('is in no message of a usual story: %s', (status) => {
    for (const system of ['sac', 'agentrader'] as const) {
      const told = storyAt(status, system);
      for (const message of messages({ state: told.state(), now: told.now(), outputs: {}, mentions: {} })) {
        expect([message.key, checkMessageBlocks(message.blocks)]).toEqual([message.key, []]);
        expect(textsOf(message.blocks).filter((text) => text.type === 'mrkdwn' && !text.isVerbatim)).toEqual([]);
      }
    }
  });

  it('is in no message of any state, and nobody is paged by what was typed', () => {
    fc.assert(
      fc.property(anyState, fc.constantFrom(0, 1_073_741_824), ({ state, now, output, hands }, leftOutBytes) => {
        const outputs = Object.fromEntries(Object.keys(state.runs).map((key) => [key, { head: output, leftOutBytes, tail: output }]));
        for (const message of messages({ state, now, outputs, hands, mentions: {} })) {
          expect(checkMessageBlocks(message.blocks)).toEqual([]);
          expect(readable(message.blocks).length).toBeLessThan(13_000);
          // A code block that is open at the end of its section would swallow what comes after it.
          const open = textsOf(message.blocks).filter((text) => text.type === 'mrkdwn' && text.text.split('```').length % 2 === 0);
          expect(open).toEqual([]);
          expect(message.text.length).toBeGreaterThan(0);
          expect(message.text.length).toBeLessThanOrEqual(3000);
          const paged = mentionsIn(message.text, json(message.blocks), true);
          expect(paged).toMatchObject({ here: false, channel: false, everyone: false, groups: [] });
        }
      }),
      runs,
    );
  });

  it('is in no modal of any state', () => {
    fc.assert(
      fc.property(anyState, hostile, ({ state, now }, answer) => {
        expectFine(stepsView(state, now));
        expectFine(putBackView(state, now));
        expectFine(reportView(state));
        expectFine(overrideView(state));
        expectFine(reviewView(state));
        expectFine(changeView(state, [answer, 'remove'], { name: 'scenario', default: answer, choices: [answer, 'b'] }));
        expectFine(changeView(state, []));
        expectFine(rejectView(state));
        expectFine(signView(state, state.signatures[0]?.run ?? '1@bot'));
        expectFine(signView(state, '1@bot'));
        const questions = [
          { name: 'symptoms', default: answer },
          { name: 'scope', default: 'a', choices: ['a', answer || 'b'] },
        ];
        expectFine(detailsView(state, questions));
      }),
      runs,
    );
  });

  it('is on no page of any plan', () => {
    fc.assert(
      fc.property(anyState, hostile, fc.integer({ min: -2, max: 50 }), ({ state }, text, page) => {
        if (!state.outline) throw new Error('a plan has an outline');
        const steps = state.outline.phases.flatMap((phase) => phase.steps);
        const shell = {
          type: 'shell',
          guard: text,
          command: text.repeat(3),
          restore: text,
          from: text,
          to: `${text}.`,
          timeoutMs: 1000,
          cannotUndo: text,
        };
        const order = { via: 'url', url: text, body: { [text]: text } };
        const pipeline = { type: 'pipeline', order, back: order, from: text, to: `${text}.`, timeoutMs: 1000, cannotUndo: text };
        const works = [shell, pipeline, { type: 'hand', text }];
        const work = Object.fromEntries(steps.flatMap((step, i) => step.hosts.map((host) => [runKey(step.id, host), works[i % works.length]])));
        const plan = { v: 1, rollback: state.id, outline: state.outline, hosts: {}, work, kinds: {}, systemDigest: '' } as unknown as Plan;
        expectFine(planView(plan, state, page));
      }),
      runs,
    );
  });
});
