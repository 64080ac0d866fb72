import fc from 'fast-check';
import type { Fact } from '../../../src/domain/event.ts';
import type { State } from '../../../src/domain/state.ts';
import { actions, nth } from '../../../src/templates/actions.ts';
import { digest } from '../../../tests/helpers/story.ts';
import { mustBeInOrder } from '../after.ts';
import { Desk } from '../bolt.ts';
import { anyJson, hostile, hostileWord, mostly } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { idsOf, type Membership, rollbacks, shippedSystems, users, type World, worldOf } from '../world.ts';

const pages = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(1e308, -1, 1.5, 9_007_199_254_740_992, 10_000, 10_001, '3', null, [], Number.MAX_VALUE) },
);

/** Values as our buttons carry them, each field right, wrong or absent. */
const carried = (states: ReadonlyMap<string, State>) => {
  const runs = [...new Set([...states.values()].flatMap((state) => Object.keys(state.runs)))];
  const hosts = [...new Set(runs.map((run) => run.slice(run.lastIndexOf('@') + 1)))];
  return fc.record(
    {
      rollback: mostly(fc.constantFrom(...idsOf(states)), 12),
      digest: mostly(fc.constantFrom(digest, digest, digest, 'e'.repeat(64), ''), 12),
      run: mostly(fc.constantFrom(...runs), 12),
      host: mostly(fc.constantFrom(...hosts), 12),
      page: pages,
      more: anyJson,
    },
    { requiredKeys: ['rollback', 'digest', 'run', 'host'] },
  );
};

/** A value's text: ours, ours with what JSON and JavaScript make of it, or anything. */
const textOf = (value: fc.Arbitrary<object>): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    { weight: 16, arbitrary: value.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: value.map((one) => `{"__proto__":${JSON.stringify(one)},"constructor":{"prototype":{"rollback":"sac-4"}}}`) },
    { weight: 1, arbitrary: value.map((one) => JSON.stringify(one).slice(0, -1)) },
    { weight: 1, arbitrary: anyJson.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: fc.option(hostile, { nil: undefined }) },
  );

const ids = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...Object.values(actions)) },
  { weight: 5, arbitrary: fc.constantFrom(actions.approve, actions.retry, actions.retryHost, actions.leave, actions.halt, actions.undo) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...Object.values(actions)), fc.nat(30)).map(([action, index]) => nth(action, index)) },
  { weight: 1, arbitrary: hostileWord },
);

/** Whatever a button may be said to carry, through the bot's own listeners. */
export const buttons: Part = partOf({
  name: 'buttons',
  perMille: 250,
  open: async () => {
    const [shipped, states] = [await shippedSystems(), rollbacks()];
    return {
      cases: fc.record({
        action: ids,
        value: textOf(carried(states)),
        user: fc.constantFrom(...users),
        membership: fc.constantFrom<Membership[]>('all', 'all', 'none', 'some'),
        name: mostly(fc.constantFrom('riley', 'adaokafor')),
        inModal: fc.boolean(),
      }),
      try: async ({ action, value, user, inModal, ...around }) => {
        const world = worldOf(shipped, states, around);
        const outcome = mustBeInOrder(world, await new Desk(world).click(user, action, value, inModal));
        mustBeMeant(world, value);
        for (const fact of world.log.facts) mustBeAllowed(fact, value, around.membership, states);
        return outcome;
      },
    };
  },
});

/** A button changes the rollback that it names, or begins another; no third. */
export function mustBeMeant({ log }: World, value: string | undefined): void {
  const begun = (id: string): boolean => log.states.get(id)?.seq === 1;
  for (const id of log.changed)
    if (!begun(id) && !(value ?? '').includes(JSON.stringify(id))) throw new Error(`${id} was changed, which nobody named`);
}

/** Nothing is approved but the plan that was shown, by those who may. */
export function mustBeAllowed(fact: Fact, value: string | undefined, membership: Membership, states: ReadonlyMap<string, State>): void {
  if (fact.type === 'approved' || fact.type === 'overridden') {
    if (membership === 'none') throw new Error(`${fact.type} by somebody who is in no group`);
    const isOfThis = [...states.values()].some((state) => state.status === 'waiting' && state.digest === fact.digest);
    if (!isOfThis || !(value ?? '').includes(fact.digest)) throw new Error(`${fact.type}: a plan that is not the one shown`);
    const requesters = [...states.values()].map(({ requester }) => requester.id);
    if (fact.type === 'approved' && requesters.includes(fact.by.id)) throw new Error(`${fact.type} by the requester`);
  }
  if (membership === 'none' && (fact.type === 'halt-chosen' || fact.type === 'skip-chosen' || fact.type === 'requested'))
    throw new Error(`${fact.type} by somebody who is in no group`);
}
