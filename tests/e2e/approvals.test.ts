import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../lab/samples/git.ts';
import { wordsOf } from '../../lab/workspace/driver.ts';
import type { Message, View } from '../../lab/workspace/model.ts';
import { GROUPS } from '../../lab/workspace/people/channels.ts';
import type { World } from '../../lab/world.ts';
import { ask, completed, eventsOf, type Followed, incident, opened, PEOPLE } from '../helpers/rollback.ts';
import { answered, gitOnDev, startTiny } from '../helpers/tiny.ts';

const called = '{ request: "#inc-trading", approve: { by: approvers, stands: 60s, remind: 1s, escalate: { after: 3s, to: lead } }, override: "@qa" }';
const calm = '{ request: "#inc-trading", approve: { by: approvers } }';
const brief = '{ request: "#inc-trading", approve: { by: approvers, stands: 4s } }';

let world: World;
beforeAll(async () => {
  world = await startTiny([
    { name: 'called', policy: called },
    { name: 'calm', policy: calm },
    { name: 'brief', policy: brief },
  ]);
  await world.start();
});
afterAll(() => world?.stop());

const leads = [PEOPLE.approver, PEOPLE.lead];
const types = async (id: string): Promise<string[]> => (await eventsOf(world, id)).map(({ type }) => type);
const click = (rollback: Followed, person: string, action: string): Promise<string> => answered(world, person, () => rollback.click(person, action));
const clickOld = (card: Message, person: string, action: string): Promise<string> =>
  answered(world, person, () => world.workspace.clickOld(person, card, action));
/** The reply of the thread that says this, once it is there. */
const reply = (rollback: Followed, words: string): Promise<Message> =>
  world.workspace.waitFor(() => world.workspace.replies(incident, rollback.ts).find((one) => wordsOf(one).includes(words)), words, 20_000);
/** Puts dev-1 back on v0.2.0, as a deploy does. */
const deployed = (): Promise<string> => gitOnDev(world, 'checkout -q v0.2.0');
const firstHeadline = (view: View): string => JSON.stringify(view.payload.blocks);

describe('an approver who does not answer', () => {
  let rollback: Followed;
  let early: Message;

  it('is reminded in the thread with a real mention, and the card says who is called when', async () => {
    rollback = await ask(world, 'called v0.1.0 orders rejected');
    early = await rollback.until('approve');
    const reminder = await reply(rollback, 'still waits for you');
    expect(reminder.mentions.groups).toEqual([GROUPS['sac-leads']]);
    expect(reminder).toMatchObject({ threadTs: rollback.ts, isBroadcast: false });
    expect(early.mentions.groups).toEqual([GROUPS['sac-leads']]);
  });

  it('then the next one is called, and the override is offered, not before', async () => {
    const call = await reply(rollback, 'nobody of @sac-leads has answered');
    expect(call.mentions.groups).toEqual([GROUPS['sac-oncall']]);
    const planned = (await eventsOf(world, rollback.id)).find(({ type }) => type === 'planned');
    expect(Number(call.ts) * 1000 - (planned?.at ?? 0)).toBeGreaterThanOrEqual(2900);
    const card = await rollback.until('override', 20_000);
    expect(card.text).toContain('@qa may start it without approval');
    expect(early.blocks.map((block) => JSON.stringify(block)).join()).not.toContain('"override"');
    expect(world.workspace.replies(incident, rollback.ts).filter((one) => wordsOf(one).includes('still waits for you'))).toHaveLength(1);
  });

  it('those whom the policy does not name are refused with the reason', async () => {
    const { id } = await opened(world, rollback, PEOPLE.approver, 'override');
    expect(await answered(world, PEOPLE.approver, () => world.workspace.submit(id, PEOPLE.approver, { system: 'called', reason: 'x' }))).toContain(
      'is started alone by @qa only',
    );
    expect(await click(rollback, PEOPLE.requester, 'approve')).toContain('can be approved by @sac-leads or @sac-oncall');
    expect(await types(rollback.id)).not.toContain('started');
  });

  it('a wrong name does not start it; the right one does, and everybody is told', async () => {
    const first = await opened(world, rollback, PEOPLE.qa, 'override');
    expect(firstHeadline(first)).toContain('on your word alone');
    const wrong = await answered(world, PEOPLE.qa, () => world.workspace.submit(first.id, PEOPLE.qa, { system: 'calm', reason: 'orders are lost' }));
    expect(wrong).toContain('You typed “calm”, and the system is called called');
    const second = await opened(world, rollback, PEOPLE.qa, 'override');
    const right = await answered(world, PEOPLE.qa, () =>
      world.workspace.submit(second.id, PEOPLE.qa, { system: 'Called ', reason: 'orders are lost, <!channel> *now*' }),
    );
    expect(right).toContain('on your word alone');
    const told = await reply(rollback, 'without an approval');
    expect(told.mentions).toMatchObject({ groups: [GROUPS['sac-leads']], channel: false, here: false, everyone: false });
    expect(told.mentions.users).toContain(PEOPLE.qa);
    expect(told.isBroadcast).toBe(true);
    await completed(rollback);
    expect((await types(rollback.id)).filter((type) => ['approved', 'overridden', 'started'].includes(type))).toEqual(['overridden', 'started']);
  });

  it('the review stays on the card until somebody else closes it', async () => {
    const owed = await rollback.until('review');
    expect(owed.text).toContain('A review is owed');
    const mine = await opened(world, rollback, PEOPLE.qa, 'review');
    expect(await answered(world, PEOPLE.qa, () => world.workspace.submit(mine.id, PEOPLE.qa, { note: 'fine' }))).toContain('is closed by @sac-leads');
    const theirs = await opened(world, rollback, PEOPLE.lead, 'review');
    await world.workspace.submit(theirs.id, PEOPLE.lead, { note: 'It was right: nobody was awake.' });
    const card = await world.workspace.waitFor(() => /Reviewed by/.test(rollback.card().text) && rollback.card(), 'the review on the card');
    expect(card.text).toContain('It was right: nobody was awake.');
    expect(rollback.buttons()).not.toContain('review');
  });

  it('the one who is called next may approve, and only once they were called', async () => {
    await deployed();
    const next = await ask(world, 'called v0.1.0');
    await next.until('approve');
    expect(await click(next, PEOPLE.oncall, 'approve')).toContain('can be approved by @sac-leads');
    await reply(next, 'nobody of @sac-leads has answered');
    expect(await click(next, PEOPLE.oncall, 'approve')).toContain('It starts now');
    await completed(next);
  });
});

describe('an approval is for exactly one plan, and asked of who may now', () => {
  it('who asked is refused, whatever group they are in; so is who left the group after the card was posted', async () => {
    await deployed();
    const rollback = await ask(world, 'calm v0.1.0');
    await rollback.until('approve');
    world.workspace.regroup('sac-leads', [PEOPLE.requester, PEOPLE.lead]);
    expect(await click(rollback, PEOPLE.requester, 'approve')).toContain('someone else of @sac-leads must approve it');
    expect(await click(rollback, PEOPLE.approver, 'approve')).toContain('can be approved by @sac-leads');
    world.workspace.regroup('sac-leads', leads);
    expect(await types(rollback.id)).not.toContain('approved');
    await rollback.click(PEOPLE.requester, 'withdraw');
    await rollback.says(/was withdrawn/);
  });

  it('an expired button says that it is, and a superseded one too', async () => {
    const expiring = await ask(world, 'brief v0.1.0');
    const card = await expiring.until('approve');
    await expiring.says(/has expired/, 20_000);
    expect(await clickOld(card, PEOPLE.approver, 'approve')).toContain('has expired');
    const changing = await ask(world, 'calm v0.1.0');
    const first = await changing.until('approve');
    const { id } = await opened(world, changing, PEOPLE.requester, 'change');
    await world.workspace.submit(id, PEOPLE.requester, { version: (await gitOnDev(world, 'rev-parse v0.2.0~2')).slice(0, 12) });
    await world.workspace.waitFor(
      () => JSON.stringify(first.blocks) !== JSON.stringify(changing.card().blocks) && changing.buttons().includes('approve'),
      'the new plan',
      60_000,
    );
    await expect.poll(async () => (await types(changing.id)).filter((type) => type === 'planned').length, { timeout: 30_000 }).toBe(2);
    expect(await clickOld(first, PEOPLE.approver, 'approve')).toContain('belongs to an older plan');
    expect(await types(changing.id)).not.toContain('approved');
    await changing.click(PEOPLE.requester, 'withdraw');
    await changing.says(/was withdrawn/);
  });
});

describe('drift after the plan', () => {
  it('changes nothing, names the difference, and asks again; the old Approve is refused', async () => {
    await deployed();
    const rollback = await ask(world, 'calm v0.1.0');
    const old = await rollback.until('approve');
    await gitOnDev(world, 'checkout -q v0.2.0~1'); // somebody deploys meanwhile
    const [deployedNow, before] = [await gitOnDev(world, 'rev-parse HEAD'), await gitOnDev(world, 'rev-parse v0.2.0^{commit}')];
    await click(rollback, PEOPLE.approver, 'approve');
    const trouble = await rollback.until('read-again');
    expect(trouble.text).toContain('makes a new plan of what is there now');
    expect(await gitOnDev(world, 'rev-parse HEAD')).toBe(deployedNow);
    await rollback.click(PEOPLE.requester, 'read-again');
    const asked = await rollback.until('approve');
    expect(wordsOf(asked)).toContain('Since the plan that was approved before');
    expect(wordsOf(asked)).toContain(deployedNow.slice(0, 12));
    expect(wordsOf(asked)).toContain(before.slice(0, 12));
    expect(rollback.buttons()).not.toContain('retry');
    expect(await clickOld(old, PEOPLE.lead, 'approve')).toContain('belongs to an older plan');
    expect(await gitOnDev(world, 'rev-parse HEAD')).toBe(deployedNow);
    await click(rollback, PEOPLE.lead, 'approve');
    await completed(rollback);
    expect(await gitOnDev(world, 'rev-parse HEAD')).toBe(await gitOnDev(world, 'rev-parse v0.1.0^{commit}'));
    const attempts = (await eventsOf(world, rollback.id)).flatMap((event) => (event.type === 'step-intended' ? [event.attempt] : []));
    expect(attempts).toEqual([1, 2]);
  });

  it('a tag that is moved after the plan does not change what runs; read again, the card says from where to where', async () => {
    await deployed();
    const upstream = world.repositories['trade-agent'];
    const planned = await git(upstream, ['rev-parse', 'v0.1.0^{commit}']);
    const first = await ask(world, 'calm v0.1.0');
    await first.until('approve');
    const drifting = await ask(world, 'calm v0.1.0');
    await drifting.until('approve');
    await git(upstream, ['tag', '--force', 'v0.1.0', 'v0.2.0~2']);
    await click(first, PEOPLE.approver, 'approve');
    await completed(first);
    expect(await gitOnDev(world, 'rev-parse HEAD')).toBe(planned);
    await click(drifting, PEOPLE.approver, 'approve');
    await drifting.until('read-again');
    await drifting.click(PEOPLE.requester, 'read-again');
    const moved = await git(upstream, ['rev-parse', 'v0.2.0~2^{commit}']);
    const asked = await drifting.until('approve');
    expect(wordsOf(asked)).toContain(`v0.1.0 is commit ${moved.slice(0, 12)} now, and was ${planned.slice(0, 12)}`);
    await drifting.click(PEOPLE.requester, 'withdraw');
    await drifting.says(/was withdrawn/);
    await git(upstream, ['tag', '--force', 'v0.1.0', planned]);
  });
});
