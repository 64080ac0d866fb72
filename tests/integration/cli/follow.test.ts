import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fact } from '../../../src/domain/event.ts';
import type { State } from '../../../src/domain/state.ts';
import { Workers } from '../../../src/store/workers.ts';
import { digest, people, story } from '../../helpers/story.ts';
import { type Desk, factsOf, openDesk, type Started } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.stop());

const yes = ['--yes', digest.slice(0, 8)];
const hears = (started: Started, words: RegExp): Promise<void> =>
  expect.poll(() => started.said(), { timeout: 20_000, interval: 50 }).toMatch(words) as unknown as Promise<void>;
const append = (id: string, facts: readonly Fact[]): Promise<State> => desk.log.observe(id, '', facts);

/** All that happens after the start of a rollback that goes well. */
const work = factsOf(story('sac').requested().planned().started().proven().completed().events).filter(
  ({ type }, i, all) => i > all.findIndex((fact) => fact.type === 'started') && type !== 'started',
);
const middle = work.findIndex((fact, i) => fact.type === 'step-finished' && i > work.length / 2);

describe('follow', () => {
  it('tells the story from its beginning as it happens, each step once, and ends with 0 when it is complete', async () => {
    const { id } = await desk.waiting();
    const following = desk.start(['follow', id]);
    await hears(following, /3 hosts read: SAC agent: v0\.2\.0 → v0\.1\.0, digest dddddddd; waits for @sac-leads until/);
    await append(id, [{ type: 'approved', by: people.approver, digest }, { type: 'started' }]);
    await hears(following, /Approved by @approver \(1 of 1\)/);
    await append(id, work.slice(0, middle));
    await hears(following, /step \S+ .*: done after/);
    await append(id, work.slice(middle));
    const { code, out } = await following.ended;
    expect([code, out]).toEqual([0, expect.stringMatching(/Complete: v0\.1\.0 proven on 3 of 3 hosts\.\n$/)]);
    const ended = work.filter((fact) => fact.type === 'step-finished').length;
    expect(out.match(/: done after /g)).toHaveLength(ended);
    expect(out).toMatch(/^\d{4}-\d\d-\d\d\n\d\d:\d\d:\d\d {2}Asked by @requester: /);
    expect((await desk.run(['follow', id])).out).toBe(out);
  });

  it('what ended otherwise is 1', async () => {
    const { id } = await desk.waiting();
    await append(id, [{ type: 'rejected', by: people.approver, reason: 'v0.1.0 has the same fault' }]);
    expect(await desk.run(['follow', id])).toMatchObject({
      code: 1,
      out: expect.stringContaining('Rejected by @approver: v0.1.0 has the same fault'),
    });
  });

  it('Ctrl-C ends the looking and nothing else', async () => {
    const { id } = await desk.waiting();
    const following = desk.start(['follow', id]);
    await hears(following, /waits for @sac-leads/);
    following.child.kill('SIGINT');
    expect(await following.ended).toMatchObject({ code: 130, err: expect.stringContaining(`${id} goes on by itself`) });
    expect((await desk.log.load(id))?.status).toBe('waiting');
  });

  it('Redis goes and comes back: it is said once, and the story goes on without a gap', async () => {
    const { id } = await desk.waiting();
    const following = desk.start(['follow', id]);
    await hears(following, /waits for @sac-leads/);
    await desk.redis.kill9();
    await hears(following, /Redis does not answer/);
    await desk.redis.restart();
    await hears(following, /Redis answers again/);
    await append(id, [{ type: 'withdrawn', by: people.requester }]);
    const { code, err, out } = await following.ended;
    expect([code, err.match(/Redis does not answer/g)?.length, out.match(/Asked by/g)?.length]).toEqual([1, 1, 1]);
    expect(out).toContain('Withdrawn by @requester.');
  });

  it('an id that is not there: the nearest ones', async () => {
    expect(await desk.run(['follow', 'sac-11'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/There is no rollback "sac-11"\.\nDid you mean sac-\d/),
    });
  });
});

describe('stop', () => {
  it('asks, waits until it is stopped, and says what was done and what was cut', async () => {
    const { id } = await desk.waiting();
    await append(id, [{ type: 'approved', by: people.approver, digest }, { type: 'started' }]);
    await append(id, work.slice(0, middle));
    desk.identify(people.requester.id);
    expect(await desk.run(['stop', id])).toMatchObject({ code: 2, err: expect.stringContaining(`rollback stop ${id} --yes dddddddd`) });
    expect((await desk.log.load(id))?.status).toBe('running');
    const stopping = desk.start(['stop', id, ...yes]);
    await hears(stopping, /Stopped by @requester \(command line\)/);
    expect((await desk.log.load(id))?.status).toBe('stopping');
    const runs = (await desk.log.load(id))?.runs ?? {};
    const open = Object.entries(runs).find(([, { status }]) => status === 'running') as [`${string}@${string}`, { attempt: number }];
    const cut = { outcome: 'cut', durationMs: 1000, outputBytes: 0 } as const;
    await append(id, [{ type: 'step-finished', run: open[0], attempt: open[1].attempt, result: cut }, { type: 'stopped' }]);
    const { code, out } = await stopping.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/Done: step .*\nCut: step [^,\n]*\.\nNot begun: \d+ of 33 steps\.\n/);
    expect(out).toContain(`/rollback undo ${id}`);
  });

  it('what does not run is not stopped; who may not, is told who may', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.approver.id);
    expect(await desk.run(['stop', id, ...yes])).toMatchObject({ code: 2, err: expect.stringContaining(`${id} does not run.`) });
    await append(id, [{ type: 'approved', by: people.approver, digest }, { type: 'started' }]);
    desk.identify(people.oncall.id);
    expect(await desk.run(['stop', id, ...yes])).toMatchObject({ code: 2, err: expect.stringContaining('is stopped by @sac-leads or requester') });
    expect((await desk.log.load(id))?.status).toBe('running');
    await append(id, [{ type: 'completed' }]);
  });
});

describe('status', () => {
  it('who holds which lock since when, and whether its worker lives', async () => {
    const { id } = await desk.waiting('agentrader');
    await append(id, [{ type: 'approved', by: people.approver, digest }, { type: 'started' }]);
    await desk.log.observe(id, '000000000001', [{ type: 'taken', token: '000000000001', worker: 'host-7:42' }]);
    const dead = await desk.run(['status', 'agentrader']);
    expect(dead.out).toMatch(
      new RegExp(`agentrader is locked by ${id} since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d; its worker host-7:42 gives no sign`),
    );
    expect(dead.out).toContain('No worker lives');
    await new Workers(desk.open.store).beat('host-7:42');
    const alive = await desk.run(['status']);
    expect(alive.out).toContain('its worker host-7:42 is alive');
    expect(alive.out).toContain('Workers that live: host-7:42');
    await append(id, [{ type: 'completed' }]);
  });

  it('what Redis can lose is said again', async () => {
    await desk.open.store.config('SET', 'appendfsync', 'no');
    const { code, out } = await desk.run(['status']);
    expect([code, out]).toEqual([0, expect.stringContaining('⚠ Redis answers before a write is on the disk (appendfsync no)')]);
    await desk.open.store.config('SET', 'appendfsync', 'always');
  });

  it('no Redis: where it was looked for and what to do; exit code 1', async () => {
    const { code, err } = await desk.run(['status'], { REDIS_URL: 'redis://bot:hunter22@127.0.0.1:1' });
    expect([code, err]).toEqual([1, expect.stringMatching(/does not answer.*Start Redis/)]);
    expect(err).not.toContain('hunter22');
  });
});

describe('what is typed', () => {
  it.each([
    [['statsu'], /unknown command 'statsu'\n\(Did you mean status\?\)/],
    [['approve'], /missing required argument 'id'/],
    [['stop', 'sac-1', '--force'], /unknown option '--force'/],
    [['status', 'sac-1', 'sac-2'], /too many arguments/],
    [['status', 'sax'], /There is no system “sax”\.\nDid you mean sac/],
  ])('%j is refused with the mend; exit code 2', async (words, said) => {
    expect(await desk.run(words)).toMatchObject({ code: 2, err: expect.stringMatching(said) });
  });

  it('help needs nothing that works', async () => {
    const { code, out } = await desk.run(['--help'], { REDIS_URL: 'nonsense', SYSTEMS_DIR: '/nowhere' });
    expect(code).toBe(0);
    for (const word of ['status [of]', 'approve [options] <id>', 'stop [options] <id>', 'follow <id>', 'Exit codes:']) expect(out).toContain(word);
  });
});
