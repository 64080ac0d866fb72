import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/domain/message.ts';
import { messages } from '../../../src/templates/messages.ts';
import { buttonsOf, messageOf, readable } from '../../helpers/said.ts';
import { people, type Story, statuses, story, storyAt } from '../../helpers/story.ts';

const mentions = { '@sac-leads': '<!subteam^S0SACLEADS>', '@sac-oncall': '<!subteam^S0SACONCAL>' };
const said = (told: Story, outputs = {}): Message[] => messages({ state: told.state(), now: told.now(), outputs, mentions });
const keys = (told: Story) => said(told).map((message) => message.key);

/** Tells that everything that should exist was posted, as the announcer does. */
function post(told: Story): Message[] {
  const fresh = said(told).filter((message) => told.state().messages[message.key] === undefined);
  for (const { key } of fresh) told.tell({ type: 'message-posted', key, channel: 'C1', ts: `${told.now()}` });
  return fresh;
}

describe('messages', () => {
  it('begin with the card and come in the order of the story', () => {
    expect(keys(storyAt('reading'))).toEqual(['card']);
    expect(keys(storyAt('trouble'))).toEqual([
      'card',
      'phase-1',
      'phase-2',
      'phase-3',
      'phase-4',
      'trouble-1795230069000',
      'initial:#inc-trading',
      'initial:#trading-status',
    ]);
    expect(keys(storyAt('complete'))).toEqual([
      'card',
      'phase-1',
      'phase-2',
      'phase-3',
      'phase-4',
      'phase-5',
      'signature:12.4@bot',
      'proof',
      'report',
      'initial:#inc-trading',
      'initial:#trading-status',
      'completion:#inc-trading',
      'completion:@pm',
      'completion:@qa',
      'completion:#trading-status',
    ]);
  });

  it.each(['complete', 'trouble', 'left'] as const)('are said once unless they are live: %s', (status) => {
    const told = storyAt(status);
    expect(post(told).some((message) => !message.live)).toBe(true);
    const again = said(told);
    expect(again.every((message) => message.live)).toBe(true);
    expect(again.map((message) => message.key)).toContain('card');
  });

  it('do not repeat what was dropped', () => {
    const told = storyAt('trouble');
    const key = `trouble-${told.state().trouble?.at}`;
    expect(keys(told)).toContain(key);
    told.tell({ type: 'message-dropped', key, why: 'channel_not_found' });
    expect(keys(told)).not.toContain(key);
  });

  it('have unique keys in every status', () => {
    for (const status of statuses) expect(new Set(keys(storyAt(status))).size).toBe(keys(storyAt(status)).length);
  });

  it('put card and notices into the channel, the rest into the thread, at most six in the channel', () => {
    const told = story().requested();
    const all = post(told);
    told
      .planned()
      .started()
      .work((state) => state.runs['11.3@prod-1'] !== undefined);
    all.push(...post(told));
    for (let i = 0; i < 5; i++) {
      told.tell({ type: 'trouble', where: 'step', what: 'again' });
      all.push(...post(told));
      told.tell({ type: 'retry-chosen', by: people.approver });
    }
    told.completed();
    all.push(...post(told));
    const inChannel = all.filter((message) => message.to === '#inc-trading' && (!message.inThread || message.broadcast));
    expect(all.filter((message) => message.key.startsWith('trouble-'))).toHaveLength(5);
    expect(inChannel.map((message) => message.key.replace(/-\d{6,}$/, ''))).toEqual([
      'card',
      'initial:#inc-trading',
      'trouble',
      'trouble',
      'trouble',
      'completion:#inc-trading',
    ]);
  });

  it('tell a trouble with its last lines, and reach those who decide', () => {
    const told = storyAt('trouble');
    const output = Array.from({ length: 40 }, (_, i) => `line ${i}`)
      .concat('```<!here>')
      .join('\n');
    const message = said(told, { '11.3@prod-2': { head: output, leftOutBytes: 0, tail: '' } }).find((one) => one.key.startsWith('trouble-'));
    const text = readable(message?.blocks ?? []);
    expect(message).toMatchObject({ inThread: true, broadcast: true, live: false });
    expect(text.split('\n')[0]).toBe('*sac-42 needs a decision: prod-2 is STOPPED*');
    expect(text).toContain('(exit 1, after 4 s): No space left on device');
    expect(text).not.toContain('line 20\n');
    expect(text).toContain('line 22\n');
    expect(text).toContain('&lt;!here&gt;');
    expect(text).toContain('<!subteam^S0SACLEADS> or <@U0RILEYCH>: please decide on the card.');
  });

  it('of a long output the first lines too, and how much is missing between', () => {
    const long = { head: 'begin\nsecond', leftOutBytes: 1_073_000_000, tail: 'cut\nlast' };
    const message = said(storyAt('trouble'), { '11.3@prod-2': long }).find((one) => one.key.startsWith('trouble-'));
    const text = readable(message?.blocks ?? []);
    expect(text).toMatch(
      /First lines of step 11\.3 Start on prod-2:\s+```\nbegin\nsecond\n```\s+… 1,073,000,000 bytes left out …\s+Last lines of .*:\s+```\ncut\nlast\n```/,
    );
  });

  it('show a name that nobody knows as it is', () => {
    const told = storyAt('trouble');
    const [card] = messages({ state: told.state(), now: told.now(), outputs: {}, mentions: { '@sac-leads': '<!channel>' } });
    expect(readable(card?.blocks ?? [])).toContain('@sac-leads or <@U0RILEYCH> can decide');
  });

  it('ask the signer in the thread, and take the button away afterwards', () => {
    const told = storyAt('proving');
    const asked = messageOf(said(told), 'signature:12.4@bot');
    expect(readable(asked.blocks)).toContain(
      'Numbers wait for the signature of <!subteam^S0SACONCAL>. Nothing else waits for it.\n• *sac_pnl_1h* 1.5',
    );
    expect(buttonsOf(asked.blocks).map(({ value }) => JSON.parse(value))).toEqual([{ rollback: 'sac-42', run: '12.4@bot' }]);
    told.tell({ type: 'signed', by: people.oncall, run: '12.4@bot', numbers: { sac_pnl_1h: '1.5' } });
    expect(buttonsOf(messageOf(said(told), 'signature:12.4@bot').blocks)).toEqual([]);
  });

  it('tell a phase as steps on hosts, with measures', () => {
    const text = readable(messageOf(said(storyAt('complete')), 'phase-5').blocks);
    expect(text).toContain('✓ 12 Verification · prod-1 · 900 ms · health ok, cpu_percent 12, response_time_p95_ms 84');
    const failed = readable(messageOf(said(storyAt('trouble')), 'phase-4').blocks);
    expect(failed).toContain('✗ 11.3 Start · prod-2 · failed · 4 s');
    expect(failed).toContain('○ 11.4 Watch · prod-2');
    expect(failed).toContain('11.2 Deploy · prod-1 · 2 s · <https://ci.example/runs/1|pipeline>');
  });

  it('keep the proof told while hosts are proven again', () => {
    const told = storyAt('proving').proven({ 'prod-1': 'old' });
    post(told);
    told.tell({ type: 'trouble', where: 'proof', what: 'prod-1 is old' }, { type: 'retry-chosen', by: people.approver });
    expect(readable(messageOf(said(told), 'proof').blocks)).toContain('*prod-1*: to be proven');
  });

  it('put a schedule for the incident channel into the thread', () => {
    const rule = { audience: 'Team', to: '#inc-trading', template: 'progress', when: { everyMs: 60_000 } } as const;
    const told = storyAt('running', 'sac', { outline: { announcements: [rule] } });
    expect(messageOf(said(told), 'progress-1:#inc-trading').inThread).toBe(true);
    const elsewhere = storyAt('running', 'sac', { outline: { announcements: [{ ...rule, to: '@pm' }] } });
    expect(messageOf(said(elsewhere), 'progress-1:@pm').inThread).toBe(false);
  });
});
