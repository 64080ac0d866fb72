import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { slackDirectory } from '../../../src/channels/directory.ts';
import { openClient } from '../../../src/channels/slack.ts';
import type { System } from '../../../src/domain/system.ts';
import { keepPeople, namesIn, type PeopleContext } from '../../../src/jobs/people.ts';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { keys } from '../../../src/store/keys.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { People, PeopleUnknown, storedDirectory } from '../../../src/store/people.ts';
import { loadSystems } from '../../../src/systems/load.ts';

let redis: Redis;
let open: OpenRedis;
let workspace: Workspace;
let people: People;
let context: PeopleContext;
let now: number;
let asked: string[];
beforeEach(async () => {
  [redis, workspace] = await Promise.all([startRedis(), startWorkspace({ rateLimits: false })]);
  open = await openRedis(redis.url);
  people = new People(open.store);
  now = Date.now();
  asked = [];
  const { systems } = await loadSystems(new URL('../../../systems', import.meta.url).pathname, { steps: stepKinds, proofs: proofKinds });
  const directory = slackDirectory(openClient(workspace.botToken, workspace.apiUrl), () => now);
  const counting = {
    ...directory,
    memberIds: (of: string) => {
      asked.push(of);
      return directory.memberIds(of);
    },
  };
  context = { systems, people, directory: counting, logger: pino({ level: 'silent' }), now: () => now };
});
afterEach(async () => {
  await open.close();
  await Promise.all([redis.stop(), workspace.stop()]);
});

describe('who is in the groups, kept for when Slack is away', () => {
  it('everyone whom a system file names anywhere, as the directory of Slack would say it', async () => {
    await keepPeople(context);
    const known = await people.load();
    expect(Object.keys(known.groups)).toEqual(namesIn(Object.values(context.systems)));
    for (const name of ['#inc-trading', '@sac-leads', '@agentrader-leads', '@pm', '@qa']) expect(asked).toContain(name);
    const stored = storedDirectory(known);
    for (const name of Object.keys(known.groups))
      for (const person of Object.values(PEOPLE))
        expect([name, person, await stored.isMember(person, name)]).toEqual([name, person, await context.directory.isMember(person, name)]);
    expect(await stored.isMember(PEOPLE.approver, '@sac-leads')).toBe(true);
    expect(await stored.isMember(PEOPLE.outsider, '@sac-leads')).toBe(false);
    expect(await stored.nameOf(PEOPLE.approver)).toBe('approver');
  });

  it('Slack is asked once in ten minutes, however many ask at once; at once when a file names others', async () => {
    await Promise.all([1, 2, 3, 4].map(() => keepPeople(context)));
    const once = asked.length;
    expect(once).toBe(namesIn(Object.values(context.systems)).length);
    await keepPeople(context);
    expect(asked).toHaveLength(once);
    expect(await open.store.pttl(keys.peopleAsked)).toBeLessThanOrEqual(600_000);
    const other = { policy: { approve: { by: '@qa-leads' } } } as unknown as System;
    await keepPeople({ ...context, systems: { ...context.systems, other } });
    expect(asked).toContain('@qa-leads');
    await open.store.del(keys.peopleAsked); // ten minutes later
    await keepPeople(context);
    expect(asked.length).toBe(3 * once + 1);
  });

  it('asking again does not put off the next time', async () => {
    await keepPeople(context);
    await open.store.pexpire(keys.peopleAsked, 5000);
    await keepPeople(context);
    expect(await open.store.pttl(keys.peopleAsked)).toBeLessThanOrEqual(5000);
  });

  it('when Slack is away, what it said before stays, with its age, and it is asked again soon', async () => {
    await keepPeople(context);
    const before = await people.load();
    workspace.faults.outage(true);
    await open.store.del(keys.peopleAsked);
    now += 3_600_000;
    await keepPeople(context);
    expect(await people.load()).toEqual(before);
    expect(await open.store.pttl(keys.peopleAsked)).toBeLessThanOrEqual(30_000);
    workspace.faults.outage(false);
    await open.store.del(keys.peopleAsked);
    await keepPeople(context);
    expect((await people.load()).groups['@sac-leads']).toEqual({ ...before.groups['@sac-leads'], at: now });
  });

  it('a group that is not known is nobody’s to answer for', async () => {
    await expect(storedDirectory(await people.load()).isMember(PEOPLE.approver, '@sac-leads')).rejects.toBeInstanceOf(PeopleUnknown);
    await expect(storedDirectory({ groups: {}, names: {} }).isMember(PEOPLE.approver, 'constructor')).rejects.toBeInstanceOf(PeopleUnknown);
  });
});
