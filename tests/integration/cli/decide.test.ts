import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../../src/store/keys.ts';
import { People } from '../../../src/store/people.ts';
import { digest, people } from '../../helpers/story.ts';
import { type Desk, login, openDesk, type Started } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.stop());

const yes = ['--yes', digest.slice(0, 8)];
const statusOf = async (id: string): Promise<string | undefined> => (await desk.log.load(id))?.status;
const hears = (started: Started, words: RegExp): Promise<void> =>
  expect.poll(() => started.said(), { timeout: 20_000, interval: 50 }).toMatch(words) as unknown as Promise<void>;

describe('approve', () => {
  it('somebody whom the file does not name looks, and cannot decide: the line to add is said', async () => {
    const { id } = await desk.waiting();
    desk.identify();
    const { code, err } = await desk.run(['approve', id, ...yes]);
    expect(code).toBe(2);
    expect(err).toContain(`Add this line to ${join(desk.dir, 'systems/people/identities.yaml')}`);
    expect(err).toContain(`    ${login}: U…`);
    expect(await statusOf(id)).toBe('waiting');
  });

  it.runIf(process.getuid?.() === 0)('root by sudo is whoever called sudo', async () => {
    const { id } = await desk.waiting();
    expect(await desk.run(['approve', id, ...yes], { SUDO_USER: 'alice' })).toMatchObject({ code: 2, err: expect.stringContaining('    alice: U…') });
  });

  it('a file with mistakes: each with its line, and nothing is decided', async () => {
    const { id } = await desk.waiting();
    desk.identify('riley');
    const { code, err } = await desk.run(['approve', id, ...yes]);
    expect([code, err]).toEqual([2, expect.stringMatching(/identities\.yaml:1:\d+: .* cannot be “riley” — A Slack member id/)]);
    expect(await statusOf(id)).toBe('waiting');
  });

  it('whoever asked in Slack cannot approve it here: one person is not two', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.requester.id);
    const { code, err } = await desk.run(['approve', id, ...yes]);
    expect([code, err]).toEqual([2, expect.stringContaining(`You asked for ${id}, so someone else of @sac-leads must approve it.`)]);
    expect(await statusOf(id)).toBe('waiting');
  });

  it('who is in no group that may is refused', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.oncall.id);
    expect(await desk.run(['approve', id, ...yes])).toMatchObject({ code: 2, err: expect.stringContaining('can be approved by @sac-leads') });
  });

  it('without a terminal the digest must be named: the plan is shown, nothing is done', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.approver.id);
    const blind = await desk.run(['approve', id]);
    expect(blind.code).toBe(2);
    for (const fact of ['SAC agent: v0.2.0 → v0.1.0', 'prod-1', 'Undoes 7 commits', 'Cannot be undone', `Digest ${digest}`])
      expect(blind.out).toContain(fact);
    expect(blind.err).toContain(`rollback approve ${id} --yes dddddddd`);
    for (const wrong of ['ddddddd', 'eeeeeeee', '', `${digest}d`]) {
      const answer = await desk.run(['approve', id, '--yes', wrong]);
      expect([wrong, answer.code, answer.err]).toEqual([wrong, 2, expect.stringContaining('does not name the plan')]);
    }
    expect(await statusOf(id)).toBe('waiting');
    expect((await desk.log.load(id))?.approvals).toEqual([]);
  });

  it('with it, it starts: by the Slack id, from the command line, with the jobs that it calls for; a second time is refused', async () => {
    const { id } = await desk.waiting('agentrader');
    desk.identify(people.approver.id);
    const { code, out, err } = await desk.run(['approve', id, ...yes]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`You approved ${id}. It starts now`);
    const state = await desk.log.load(id);
    expect(state).toMatchObject({ status: 'running', approvals: [{ by: { id: people.approver.id, name: 'approver', via: 'cli' } }] });
    expect(await desk.open.store.exists(`{bot}:phase:${id}.phase-1.${state?.cause}`)).toBe(1);
    expect(await desk.run(['approve', id, ...yes])).toMatchObject({ code: 2, err: expect.stringContaining('You have approved') });
    await desk.log.observe(id, '', [{ type: 'completed' }]);
  });

  it('at a terminal: anything but the id does nothing, Ctrl-C neither, the id approves', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.approver.id);
    for (const [typed, said] of [
      ['yes\r', 'Nothing was done'],
      ['\u0003', 'Nothing was done'],
      ['\u0004', 'Nothing was done'],
    ] as const) {
      const asked = desk.atTerminal(['approve', id]);
      await hears(asked, new RegExp(`Approve\\? Type ${id} to approve: `));
      asked.child.stdin?.write(typed);
      const { code, out } = await asked.ended;
      expect([typed, code, out]).toEqual([typed, 2, expect.stringContaining(said)]);
    }
    expect(await statusOf(id)).toBe('waiting');
    const asked = desk.atTerminal(['approve', id]);
    await hears(asked, /to approve: /);
    expect(asked.said()).toContain('\u001b[1m');
    asked.child.stdin?.write(`${id}\r`);
    expect(await asked.ended).toMatchObject({ code: 0, out: expect.stringContaining('It starts now') });
    expect(await statusOf(id)).toBe('running');
    await desk.log.observe(id, '', [{ type: 'completed' }]);
  });

  it('a plan that changes while it is read is not approved', async () => {
    const { id, outline } = await desk.waiting();
    desk.identify(people.approver.id);
    const asked = desk.atTerminal(['approve', id]);
    await hears(asked, /to approve: /);
    if (!outline) throw new Error('no plan');
    await desk.log.observe(id, '', [
      { type: 'changed', by: people.requester, version: 'v0.0.9', variant: 'normal' },
      { type: 'planned', digest: 'e'.repeat(64), outline },
    ]);
    asked.child.stdin?.write(`${id}\r`);
    const { code, out } = await asked.ended;
    expect([code, out]).toEqual([2, expect.stringContaining('Its plan changed while you read it')]);
    expect(await statusOf(id)).toBe('waiting');
  });
});

describe('what Slack said last', () => {
  it('is used when it is old, and that is said; without it nobody can decide', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.approver.id);
    const kept = new People(desk.open.store);
    const before = await kept.load();
    const old = { members: [people.approver.id], at: Date.now() - 25 * 3_600_000 };
    await kept.save({ ...before, groups: { '@sac-leads': old } });
    const answer = await desk.run(['approve', id]);
    expect(answer.err).toMatch(/Who is in @sac-leads is as Slack said \d{4}-\d\d-\d\d \d\d:\d\d/);
    expect(answer.out).toContain('Digest');
    await desk.open.store.del(keys.people);
    const nobody = await desk.run(['approve', id, ...yes]);
    expect([nobody.code, nobody.err]).toEqual([2, expect.stringMatching(/Nobody knows who is in @sac-leads.*\nStart a worker/)]);
    expect((await desk.run(['status'])).out).toContain('Slack has not said yet who is in which group');
    await kept.save(before);
  });
});

describe('system files', () => {
  it('one with mistakes keeps nobody from the others; its mistakes are said', async () => {
    writeFileSync(join(desk.dir, 'systems', 'broken.yaml'), 'system: [\n');
    const { id } = await desk.waiting();
    const { code, out, err } = await desk.run(['status', id]);
    expect([code, out, err]).toEqual([0, expect.stringContaining(id), expect.stringMatching(/broken\.yaml:\d+:\d+: /)]);
  });

  it('none at all: said, exit code 2', async () => {
    const { code, err } = await desk.run(['status'], { SYSTEMS_DIR: join(desk.dir, 'nowhere') });
    expect([code, err]).toEqual([2, expect.stringContaining('Set SYSTEMS_DIR')]);
  });
});
