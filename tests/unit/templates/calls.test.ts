import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/domain/message.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import { card } from '../../../src/templates/card.ts';
import { messages } from '../../../src/templates/messages.ts';
import { overrideView, planView, reviewView } from '../../../src/templates/views.ts';
import { fullPolicy, persons } from '../../helpers/persons.ts';
import { buttonsOf, readable } from '../../helpers/said.ts';
import { digest, people, type Story } from '../../helpers/story.ts';
import { leastSystem } from '../../helpers/system.ts';
import { told } from './told.ts';

const mentions = { '@sac-leads': '<!subteam^S0SACLEADS>', '@next': '<!subteam^S0NEXT>', '@overriders': '<!subteam^S0OVER>' };
const view = (one: Story) => ({ state: one.state(), now: one.now(), outputs: {}, hands: {}, mentions });
const all = (one: Story): Message[] => messages(view(one));
const cardOf = (one: Story): Message => card(view(one));
const words = (message: Message | undefined): string => readable(message?.blocks ?? []);
const labels = (one: Story): string[] => buttonsOf(cardOf(one).blocks).map(({ text }) => text.text);
const actions = (one: Story): string[] => buttonsOf(cardOf(one).blocks).map(({ action_id }) => action_id);

const request = { halt: { name: 'Stop trading', backName: 'Resume trading', warn: '', by: '@sac-leads', hosts: ['prod-1'] } };
const waiting = (policy = fullPolicy): Story => told({ outline: { policy }, request }).requested().planned();
const alone = (reason = 'orders are lost'): Story =>
  waiting().wait(300_000).tell({ type: 'overridden', by: persons.overrider.actor, digest, reason }, { type: 'started' });
const drifted = (): Story => waiting().started().failing('4@dev-1', { outcome: 'drifted', stage: 'guard', why: 'HEAD is not as it was' });
const anew = (differences: string[]): Story =>
  drifted().tell(
    { type: 'read-again-chosen', by: people.approver },
    { type: 'planned', digest: 'e'.repeat(64), outline: waiting().outline, differences },
  );

/** Tells that everything that should be in Slack was posted there. */
function post(one: Story): Message[] {
  const fresh = all(one).filter(({ key }) => one.state().messages[key] === undefined);
  for (const { key } of fresh) one.tell({ type: 'message-posted', key, channel: 'C1', ts: `${one.now()}` });
  return fresh;
}

describe('a request that waits', () => {
  it('says who is called when, and calls nobody by saying so', () => {
    const text = words(cardOf(waiting()));
    expect(text).toMatch(/\*Waiting for\* <!subteam\^S0SACLEADS> \(reminder <!date\^\d+.*?>; @next is called <!date\^\d+.*?>\) until/);
    expect(text).not.toContain('S0NEXT');
    expect(actions(waiting())).not.toContain('override');
  });

  it('then who was, and who may do what by now', () => {
    const late = waiting().wait(300_000);
    const text = words(cardOf(late));
    expect(text).toContain('(reminded; <!subteam^S0NEXT> was called and may approve too; @overriders may start it without approval)');
    expect(labels(late).slice(0, 3)).toEqual(['Approve v0.1.0', 'Start without approval…', 'Stop trading now']);
    expect(cardOf(late).text).toContain('@overriders may start it without approval');
  });

  it('names those who may approve by now in the small print too', () => {
    expect(
      words(cardOf(waiting().wait(300_000)))
        .split('\n')
        .at(-1),
    ).toContain('Approve and Reject are for <!subteam^S0SACLEADS> or <!subteam^S0NEXT>');
    expect(words(cardOf(waiting())).split('\n').at(-1)).toContain('Approve and Reject are for <!subteam^S0SACLEADS>,');
  });

  it('with the least policy says only the reminder, and never offers an override', () => {
    const { override: _nobody, escalate: _none, remindMs: _never, ...least } = fullPolicy;
    const late = waiting(least).wait(1_000_000);
    expect(words(cardOf(late))).toContain('*Waiting for* <!subteam^S0SACLEADS> until');
    expect(actions(late)).not.toContain('override');
    expect(all(late).map(({ key }) => key)).toEqual(['card']);
  });
});

describe('the calls in the thread', () => {
  it('come once each, in time, mention whom they are for and nobody else, and do not reach the channel', () => {
    const one = waiting();
    expect(post(one).map(({ key }) => key)).toEqual(['card']);
    const [reminder, ...none] = post(one.wait(120_000));
    expect(none).toEqual([]);
    expect(reminder).toMatchObject({ inThread: true, live: false, dueAt: (one.state().plannedAt ?? 0) + 120_000 });
    expect(reminder?.broadcast).toBeUndefined();
    expect(words(reminder)).toBe(
      '<!subteam^S0SACLEADS>: sac-42 still waits for you. SAC agent: v0.2.0 → v0.1.0. Approve or Reject stands on the card.',
    );
    const [call, ...nobody] = post(one.wait(180_000));
    expect(nobody).toEqual([]);
    expect(words(call)).toBe(
      '<!subteam^S0NEXT>: nobody of @sac-leads has answered. SAC agent: v0.2.0 → v0.1.0. You may approve it now too, on the card.',
    );
    expect(post(one.wait(600_000))).toEqual([]);
    expect(all(one).map(({ key }) => key)).toEqual(['card']);
  });

  it('are not made up for once somebody has answered', () => {
    expect(all(waiting().wait(600_000).started()).map(({ key }) => key)).toEqual(['card']);
    expect(all(waiting().wait(600_000).tell({ type: 'rejected', by: people.approver, reason: 'no' })).map(({ key }) => key)).toEqual(['card']);
  });

  it('do not say that nobody has answered where one of two has', () => {
    const one = waiting({ ...fullPolicy, count: 2 }).tell({ type: 'approved', by: people.approver, digest });
    const call = all(one.wait(300_000)).find(({ key }) => key.startsWith('escalate'));
    expect(words(call)).toContain('<!subteam^S0NEXT>: 1 of 2 approvals is given, and nobody else of @sac-leads has answered.');
  });

  it('are made again for a plan that is made again', () => {
    const one = waiting().wait(120_000);
    post(one);
    one.tell({ type: 'changed', by: people.requester, version: 'v0.1.0', variant: 'normal' }).planned();
    expect(post(one)).toEqual([]);
    expect(post(one.wait(120_000)).map(({ key }) => key)).toEqual([expect.stringMatching(/^remind-/)]);
  });
});

describe('one that was started alone', () => {
  it('is told to all who approve, at once, in the channel too, once', () => {
    const one = alone('orders are lost <!here> *now*');
    const posted = post(one);
    expect(posted.map(({ key }) => key.replace(/\d+/, ''))).toEqual(['card', 'override-']);
    expect(posted[1]).toMatchObject({ inThread: true, broadcast: true, live: false });
    expect(words(posted[1])).toContain('<!subteam^S0SACLEADS>: <@U0OVERRIDER> has started sac-42 *without an approval*, since nobody answered: “');
    expect(words(posted[1])).toContain('nobody answered: “orders are lost &lt;!here&gt;');
    expect(posted[1]?.text).toContain('Close review…');
    expect(post(one.completed()).filter(({ key }) => key.startsWith('override'))).toEqual([]);
  });

  it('says so on every card until the end, with who and why, and offers the review until it is closed', () => {
    const failing = alone().failing('11.3@prod-2');
    for (const one of [alone(), failing, alone().completed(), failing.tell({ type: 'left', by: people.approver })]) {
      expect(words(cardOf(one)), one.state().status).toContain(
        '⚠ *Started without approval* by <@U0OVERRIDER>: “orders are lost”. *A review is owed* by <!subteam^S0SACLEADS>',
      );
      expect(actions(one), one.state().status).toContain('review');
      expect(cardOf(one).text).toContain('Started without approval');
      expect(words(cardOf(one))).not.toMatch(/approved by/i);
    }
    const closed = alone().completed().tell({ type: 'reviewed', by: people.approver, note: 'it was right' });
    expect(words(cardOf(closed))).toContain('Reviewed by <@U0ADAOKAF>: “it was right”');
    expect(actions(closed)).not.toContain('review');
  });

  it('can be reviewed whatever becomes of it: taken over, being stopped, read again and then withdrawn', () => {
    const drifted = alone().failing('4@dev-1', { outcome: 'drifted', stage: 'guard' });
    const again = drifted.tell({ type: 'read-again-chosen', by: people.approver });
    for (const one of [
      alone().failing('11.3@prod-2').tell({ type: 'handed-over', to: 'sac-43' }),
      alone().upTo('11.3@prod-2').tell({ type: 'stop-chosen', by: people.oncall }),
      alone().work((state) => state.status === 'proving'),
      again.planned().tell({ type: 'withdrawn', by: people.requester }),
    ]) {
      expect(actions(one), one.state().status).toContain('review');
      expect(words(cardOf(one)), one.state().status).toContain('tarted without approval* by <@U0OVERRIDER>');
    }
  });

  it('is in the report too', () => {
    const report = all(alone().completed()).find(({ key }) => key === 'report');
    expect(words(report)).toMatch(/without approval/i);
    expect(words(report)).toContain('orders are lost');
  });

  it('asks for the name and the reason in a modal that carries its plan, and for the review in another', () => {
    const asked = overrideView(waiting().state());
    expect(JSON.parse(asked.private_metadata ?? '')).toEqual({ rollback: 'sac-42', digest });
    expect(asked.blocks.map(({ block_id }) => block_id)).toEqual([undefined, 'system', 'reason']);
    const review = reviewView(alone('<!channel>').state());
    expect(JSON.parse(review.private_metadata ?? '')).toEqual({ rollback: 'sac-42' });
    expect(JSON.stringify(review)).not.toContain('<!channel>');
  });
});

describe('hosts that have drifted', () => {
  it('offer to be read again, first, as long as nothing was changed', () => {
    expect(labels(drifted())).toEqual(['Read again', 'Retry', 'Skip…', 'Leave as is', 'Show steps']);
    expect(cardOf(drifted()).text).toContain('Nothing was changed yet.');
    const changed = waiting().started().failing('11.1@prod-1', { outcome: 'drifted', stage: 'guard' });
    expect(actions(changed)).not.toContain('read-again');
  });

  it('are told on the new card, before all else: what is different, eight lines of it', () => {
    const text = words(cardOf(anew(['dev-1: HEAD is c now, and was <!here>'])));
    expect(text.split('\n')[1]).toBe('*The hosts had drifted, and nothing was changed. Since the plan that was approved before:*');
    expect(text).toContain('• dev-1: HEAD is c now, and was &lt;!here&gt;');
    const many = words(cardOf(anew(Array.from({ length: 12 }, (_, i) => `line ${i}`))));
    expect(many).toContain('• line 7\n');
    expect(many).not.toContain('line 8');
    expect(many).toContain('and 4 more: Show plan has all.');
    expect(words(cardOf(anew([])))).toContain('It needs a new approval all the same.');
    expect(actions(anew([]))).toContain('approve');
  });

  it('stand whole in the plan, and so do the configuration and the authors', () => {
    const { outline } = waiting();
    const configuration = [{ path: 'configs/sac_config.json', diff: '-"lr": 1\n+"lr": <!here>' }];
    const plan: Plan = { v: 1, rollback: 'sac-42', outline, hosts: {}, work: {}, kinds: {}, system: leastSystem, configuration };
    const text = readable(planView(plan, anew(Array.from({ length: 12 }, (_, i) => `line ${i}`)).state(), 0).blocks);
    expect(text).toContain('*Different from the plan approved before*');
    expect(text).toContain('• line 11');
    expect(text).toContain('configs/sac_config.json');
    expect(text).toContain('+"lr": &lt;!here&gt;');
    expect(text).toContain('Ada Okafor');
    expect(text).not.toContain('<!here>');
  });
});

it('never more than six messages stand in the channel itself, an override and troubles without end included', () => {
  const one = alone();
  const posted = post(one);
  one.failing('11.3@prod-2');
  for (let i = 0; i < 5; i++) {
    posted.push(...post(one));
    one.tell({ type: 'retry-chosen', by: people.approver }, { type: 'trouble', where: 'step', what: 'again' });
  }
  posted.push(...post(one));
  const inChannel = posted.filter((message) => message.to === '#inc-trading' && (!message.inThread || message.broadcast));
  // The first notice and the last are still to come.
  expect(inChannel.map(({ key }) => key.replace(/\d+/, ''))).toEqual(['card', 'override-', 'trouble-', 'trouble-']);
});

it('nor with one override after another: whom they mention hears of all of them', () => {
  const one = alone();
  const posted = post(one);
  for (let i = 0; i < 4; i++) {
    one.failing('4@dev-1', { outcome: 'drifted', stage: 'guard' });
    posted.push(...post(one));
    one.tell({ type: 'read-again-chosen', by: people.approver }, { type: 'planned', digest: `${i}`.repeat(64), outline: one.outline });
    one.tell({ type: 'overridden', by: persons.overrider.actor, digest: `${i}`.repeat(64), reason: 'again' }, { type: 'started' });
    posted.push(...post(one));
  }
  const overrides = posted.filter(({ key }) => key.startsWith('override-'));
  expect(overrides.map((message) => words(message).includes('<!subteam^S0SACLEADS>'))).toEqual(Array(5).fill(true));
  expect(posted.filter((message) => !message.inThread || message.broadcast).map(({ key }) => key.replace(/\d+/, ''))).toEqual([
    'card',
    'override-',
    'trouble-',
    'override-',
  ]);
});
