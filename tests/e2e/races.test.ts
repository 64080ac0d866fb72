import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../lab/world.ts';
import type { Fact } from '../../src/domain/event.ts';
import { keys } from '../../src/store/keys.ts';
import { ask, eventsOf, type Followed, follow, incident, PEOPLE, toldPrivately } from '../helpers/rollback.ts';
import { clone, gitOnDev, startTiny } from '../helpers/tiny.ts';

const rounds = 6;
const standsMs = 4000;

let world: World;
let redis: Redis;
beforeAll(async () => {
  world = await startTiny([
    { name: 'quick', policy: '{ request: "#inc-trading", approve: { by: approvers } }' },
    { name: 'brief', policy: `{ request: "#inc-trading", approve: { by: approvers, stands: ${standsMs / 1000}s } }` },
  ]);
  redis = new Redis(world.redis.url);
  await world.start('worker');
  await Promise.all([world.start('bot'), world.start('bot')]);
  await world.workspace.waitFor(() => world.workspace.sockets.count === 2, 'a connection of each bot'); // each envelope goes to the next one in turn
});
afterAll(async () => {
  redis?.disconnect();
  await world?.stop();
});

/** The release that dev-1 does not run, with a clean clone: what was stopped may have left half of one. */
async function otherVersion(): Promise<string> {
  const { exitCode, stderr } = await world.hosts.exec('dev-1', `cd ${clone} && rm -f .git/index.lock && git reset -q --hard`, { user: 'deploy' });
  expect([exitCode, stderr]).toEqual([0, '']);
  const [head, old] = await Promise.all([gitOnDev(world, 'rev-parse HEAD'), gitOnDev(world, 'rev-parse v0.1.0^{commit}')]);
  return head === old ? 'v0.2.0' : 'v0.1.0';
}

async function waiting(system = 'quick'): Promise<Followed> {
  const rollback = await ask(world, `${system} ${await otherVersion()}`);
  await rollback.until('approve', 30_000);
  return rollback;
}

const heard = (person: string): number => world.workspace.ephemerals(person).length;

/** Does all of these in the same moment, each through another bot. */
async function atOnce(...acts: readonly (readonly [person: string, act: () => Promise<unknown>])[]): Promise<void> {
  await Promise.all(acts.map(([, act]) => act()));
}

/** What was said privately to a person since they had heard so much, once it is `count` messages. */
const since = (person: string, before: number, count = 1): Promise<string[]> =>
  world.workspace.waitFor(
    () => {
      const all = world.workspace.ephemerals(person).slice(before);
      return all.length >= count && all.map(({ text }) => text);
    },
    `${count} answers: ${toldPrivately(world, person).slice(-300)}`,
  );

const over = /^\S+ (complete|was withdrawn|was rejected|has expired|was stopped|needs a decision)/;

/** How it ended, and what led there: the decisions of people, and the one start. */
async function outcomeOf(rollback: Followed): Promise<{ decisions: Fact['type'][]; card: string }> {
  const { text } = await rollback.says(over, 60_000);
  const people: Fact['type'][] = ['approved', 'started', 'withdrawn', 'rejected', 'expired', 'stop-chosen', 'stopped', 'completed', 'trouble'];
  const decisions = (await eventsOf(world, rollback.id)).map(({ type }) => type).filter((type) => people.includes(type));
  expect(await redis.exists(keys.lock('quick'))).toBe(0);
  return { decisions, card: text.split('\n')[0] ?? '' };
}

const approve = (rollback: Followed, person: string) => [person, () => rollback.click(person, 'approve')] as const;
const starts = /You approved .*starts now/;
const { approver, lead, requester } = PEOPLE;
const seen = new Map<string, number>();
const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
const turns = Array.from({ length: rounds }, (_, i) => i);

describe('two bots on one Redis', () => {
  it('two approvers at once: one start, by one of them; the other is told that it runs', async () => {
    for (const turn of turns) {
      const rollback = await waiting();
      const before = [approver, lead].map(heard);
      const acts = [approve(rollback, approver), approve(rollback, lead)];
      await atOnce(...(turn % 2 === 0 ? acts : acts.toReversed()));
      const told = await Promise.all([approver, lead].map((person, i) => since(person, before[i] ?? 0)));
      expect(told.flat().filter((text) => starts.test(text))).toHaveLength(1);
      expect(told.flat().filter((text) => /is running already|is being proven|is complete/.test(text))).toHaveLength(1);
      expect((await outcomeOf(rollback)).decisions).toEqual(['approved', 'started', 'completed']);
      note(`approved by ${starts.test(told[0]?.[0] ?? '') ? 'the first' : 'the second'}`);
    }
  });

  it('a double click: one start, and both clicks are answered', async () => {
    for (const _turn of turns) {
      const rollback = await waiting();
      const before = heard(approver);
      await atOnce(approve(rollback, approver), approve(rollback, approver));
      const told = await since(approver, before, 2);
      expect(told.filter((text) => starts.test(text))).toHaveLength(1);
      expect(told.filter((text) => text.includes('You have approved'))).toHaveLength(1);
      expect((await outcomeOf(rollback)).decisions).toEqual(['approved', 'started', 'completed']);
    }
  });

  it('the same envelope twice, once to each bot: one start, one card', async () => {
    for (const _turn of turns) {
      const cards = world.workspace.messages(incident).length;
      world.workspace.sockets.duplicateNext();
      const rollback = await ask(world, `quick ${await otherVersion()}`);
      await rollback.until('approve', 30_000);
      world.workspace.sockets.duplicateNext();
      await rollback.click(approver, 'approve');
      expect((await outcomeOf(rollback)).decisions).toEqual(['approved', 'started', 'completed']);
      expect(world.workspace.messages(incident).length - cards).toBe(1);
      expect(await redis.get(keys.number('quick'))).toBe(rollback.id.replace('quick-', ''));
    }
  });

  it('approve and withdraw: it runs, or it was withdrawn, and the one who came too late is told', async () => {
    for (const turn of turns) {
      const rollback = await waiting();
      const before = [approver, requester].map(heard);
      const acts = [approve(rollback, approver), [requester, () => rollback.click(requester, 'withdraw')] as const];
      await atOnce(...(turn % 2 === 0 ? acts : acts.toReversed()));
      const [toApprover] = await since(approver, before[0] ?? 0);
      const { decisions, card } = await outcomeOf(rollback);
      if (decisions[0] === 'withdrawn') {
        expect([decisions, card]).toEqual([['withdrawn'], expect.stringContaining('was withdrawn')]);
        expect(toApprover).toContain('was withdrawn');
      } else {
        expect([decisions, toApprover]).toEqual([['approved', 'started', 'completed'], expect.stringMatching(starts)]);
        expect((await since(requester, before[1] ?? 0))[0]).toMatch(/is running already|is being proven|is complete/);
      }
      note(`withdraw race: ${decisions[0]}`);
    }
  });

  it('approve and stop: what runs is stopped, or there was nothing to stop, and both are told which', async () => {
    for (const turn of turns) {
      const rollback = await waiting();
      const before = [approver, lead].map(heard);
      const acts = [approve(rollback, approver), [lead, () => world.workspace.command(lead, incident, `/rollback stop ${rollback.id}`)] as const];
      await atOnce(...(turn % 2 === 0 ? acts : acts.toReversed()));
      const [[toApprover], [toLead]] = await Promise.all([since(approver, before[0] ?? 0), since(lead, before[1] ?? 0)]);
      expect(toApprover).toMatch(starts);
      const { decisions, card } = await outcomeOf(rollback);
      expect(decisions.slice(0, 2)).toEqual(['approved', 'started']);
      if (decisions.includes('stop-chosen')) {
        expect([decisions.slice(2), card]).toEqual([['stop-chosen', 'stopped'], expect.stringContaining('was stopped')]);
        expect(toLead).toContain('is being stopped');
      } else {
        expect(decisions.slice(2)).toEqual(['completed']);
        expect(toLead).toContain('does not run');
      }
      note(`stop race: ${decisions[2]}`);
    }
  });

  it('approve and expiry: it runs, or it has expired, never both', async () => {
    for (const turn of turns) {
      const rollback = await waiting('brief');
      const planned = (await eventsOf(world, rollback.id)).find(({ type }) => type === 'planned');
      const before = heard(approver);
      await delay(Math.max(0, (planned?.at ?? 0) + standsMs - Date.now() - 150 + turn * 33));
      const [, act] = approve(rollback, approver);
      await act().catch(() => undefined); // the card may have lost the button by now: then there is nothing to click
      const { decisions, card } = await outcomeOf(rollback);
      const [told = 'no button'] = world.workspace
        .ephemerals(approver)
        .slice(before)
        .map(({ text }) => text);
      if (decisions[0] === 'expired') {
        expect([decisions, card]).toEqual([['expired'], expect.stringContaining('has expired')]);
        expect(told).toMatch(/has expired|no button/);
      } else {
        expect([decisions, told]).toEqual([['approved', 'started', 'completed'], expect.stringMatching(starts)]);
      }
      note(`expiry race: ${decisions[0]}`);
    }
  });

  it('two requests for one system, approved at once: one runs, the other approver is told which', async () => {
    for (const _turn of turns) {
      const version = await otherVersion();
      const before = world.workspace.messages(incident).map(({ ts }) => ts);
      await atOnce(
        [requester, () => world.workspace.command(requester, incident, `/rollback quick ${version}`)],
        [lead, () => world.workspace.command(lead, incident, `/rollback quick ${version}`)],
      );
      const both = await followedBoth(before);
      const heardBefore = [approver, lead].map(heard);
      // Whoever asked may not approve their own: the approver takes the lead's, and the other way round.
      const [ofRequester, ofLead] = [
        both.find((one) => one.card().text.includes(`<@${requester}>`)),
        both.find((one) => one.card().text.includes(`<@${lead}>`)),
      ];
      if (!ofRequester || !ofLead) throw new Error('two cards were expected');
      await atOnce(approve(ofRequester, lead), approve(ofLead, approver));
      const [[toApprover = ''], [toLead = '']] = await Promise.all([since(approver, heardBefore[0] ?? 0), since(lead, heardBefore[1] ?? 0)]);
      const [winner, loser, refused] = starts.test(toApprover) ? [ofLead, ofRequester, toLead] : [ofRequester, ofLead, toApprover];
      expect([toApprover, toLead].filter((text) => starts.test(text))).toHaveLength(1);
      expect(refused).toContain(`${winner.id} is running on quick`);
      expect((await eventsOf(world, loser.id)).map(({ type }) => type)).not.toContain('started');
      expect((await outcomeOf(winner)).decisions).toEqual(['approved', 'started', 'completed']);
      await loser.click(loser === ofLead ? lead : requester, 'withdraw');
      await loser.says(/was withdrawn/);
    }
  });

  it('were races: at least one of them went both ways', () => {
    expect(seen.size, JSON.stringify(Object.fromEntries(seen))).toBeGreaterThan(4); // one way each is four
  });
});

/** Both cards that are new, once they can be approved. */
async function followedBoth(before: readonly string[]): Promise<Followed[]> {
  const { workspace } = world;
  const fresh = () =>
    workspace
      .messages(incident)
      .filter(
        (one) => !before.includes(one.ts) && one.metadata?.event_payload.message === 'card' && JSON.stringify(one.blocks).includes('"approve"'),
      );
  await workspace.waitFor(() => fresh().length === 2, 'both cards', 30_000);
  return fresh().map(({ ts }) => follow(world, ts));
}
