import fc from 'fast-check';
import { parse } from '../../../src/commands/parse.ts';
import { mustBeInOrder } from '../after.ts';
import { Desk } from '../bolt.ts';
import { hostile, hostileWord, joinedOf, mostly } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { type Membership, rollbacks, shippedSystems, users, worldOf } from '../world.ts';

const systems = fc.constantFrom('sac', 'agentrader', 'sac', 'agentrader', 'SAC', 'sca');
const versions = fc.constantFrom('v0.1.0', 'v0.1.0', 'v0.2.0', 'v0.2.0', 'v0.1', '0.1.0', '1'.repeat(40), '2222222', 'main', 'v9.9.9');
const variants = fc.constantFrom('normal', 'remove', 'recover', 'emergency', 'production-first', 'manual', 'record', 'emergancy');
const ids = fc.tuple(systems, fc.integer({ min: 1, max: 16 })).map(([system, number]) => `${system}-${number}`);
const words = fc.constantFrom('help', 'status', 'versions', 'undo', 'stop', 'unlock', 'drill', 'STATUS', 'stpo');
const valid = fc.oneof(systems, versions, variants, ids, words, fc.constantFrom('--dry-run', '—dry-run', 'orders', 'rejected'));

/** A command as somebody would type it, with any of its words spoiled. */
const almost = fc.oneof(
  fc.tuple(mostly(systems, 10), mostly(versions, 10), mostly(variants, 10), hostile),
  fc.tuple(mostly(systems, 10), mostly(variants, 10), mostly(versions, 10), hostile),
  fc.tuple(mostly(words, 10), mostly(ids, 10), hostile),
  fc.tuple(mostly(words, 10), mostly(systems, 10), mostly(versions, 10), hostile),
  fc.tuple(words, mostly(ids, 10)),
  fc.tuple(systems, mostly(versions, 10)),
);

const text = fc.oneof(
  { weight: 6, arbitrary: almost.map((parts) => parts.join(' ').slice(0, 1100)) },
  { weight: 2, arbitrary: joinedOf(fc.oneof(valid, hostileWord)) },
  { weight: 1, arbitrary: hostile },
);

/** Whatever may be typed after `/rollback`, through the bot's own listener, by anybody. */
export const commands: Part = partOf({
  name: 'commands',
  perMille: 350,
  open: async () => {
    const [shipped, states] = [await shippedSystems(), rollbacks()];
    return {
      cases: fc.record({
        text,
        user: fc.constantFrom(...users),
        membership: fc.constantFrom<Membership[]>('all', 'all', 'none', 'some'),
        name: mostly(fc.constantFrom('riley', 'adaokafor')),
        channel: fc.constantFrom('C0TRADING', 'C0OTHER'),
      }),
      try: async ({ text, user, channel, ...around }) => {
        parse(text); // what is typed is never thrown at
        const world = worldOf(shipped, states, around);
        return mustBeInOrder(world, await new Desk(world).command(user, text, channel));
      },
    };
  },
});
