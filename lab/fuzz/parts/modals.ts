import fc from 'fast-check';
import type { State } from '../../../src/domain/state.ts';
import { views } from '../../../src/templates/actions.ts';
import { digest } from '../../../tests/helpers/story.ts';
import { mustBeInOrder } from '../after.ts';
import { Desk } from '../bolt.ts';
import { anyJson, hostile, hostileWord, mostly } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { idsOf, type Membership, rollbacks, shippedSystems, users, worldOf } from '../world.ts';
import { mustBeAllowed, mustBeMeant } from './buttons.ts';

const names = ['symptoms', 'impact', 'impact_since', 'scope', 'scenario', 'lessons', 'reason', 'version', 'variant', 'run', 'host', 'system', 'note'];
const scopes = fc.constantFrom('all', '', 'phase:1', 'phase:99999', 'step:11.2', 'step:', 'phase:0', 'phase:1e3');
const good = fc.oneof(
  fc.constantFrom(
    'v0.1.0',
    'v0.2.0',
    '11.3@prod-2',
    '6.2@ec2-1',
    'remove',
    'emergency',
    'normal',
    'deployment failure',
    'prod-1',
    'ec2-1',
    'sac',
    'agentrader',
    '',
  ),
  scopes,
);

/** Answers that go far, by the name of their input. */
const usual: Readonly<Record<string, readonly string[]>> = {
  version: ['v0.1.0', 'v0.2.0'],
  variant: ['normal', 'remove', 'emergency'],
  run: ['11.3@prod-2', '6.2@ec2-1'],
  host: ['prod-1', ''],
  system: ['sac', 'agentrader'],
  scope: ['all', 'phase:1', 'step:11.2'],
};

/** Inputs as Slack sends them, a block each; any name is a name of theirs only. */
const valuesOf = (inputs: readonly (readonly [string, unknown])[]): unknown =>
  JSON.parse(`{${inputs.map(([key, input]) => `${JSON.stringify(key)}:{${JSON.stringify(key)}:${JSON.stringify(input)}}`).join(',')}}`);

/** One input of a modal as Slack sends it; `null` where nothing was given. */
const inputOf = (answer: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 5, arbitrary: answer.map((value) => ({ type: 'plain_text_input', value })) },
    {
      weight: 3,
      arbitrary: answer.map((value) => ({ type: 'static_select', selected_option: { text: { type: 'plain_text', text: value }, value } })),
    },
    { weight: 1, arbitrary: fc.constantFrom({ type: 'plain_text_input', value: null }, { type: 'static_select', selected_option: null }) },
    { weight: 1, arbitrary: anyJson },
  );

const answers = (runs: readonly string[]): fc.Arbitrary<unknown> => {
  const answer = fc.oneof({ weight: 3, arbitrary: hostile }, { weight: 3, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom(...runs) });
  const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: hostileWord });
  const some = fc.array(fc.tuple(name, inputOf(answer)), { maxLength: 6 });
  const whole = fc.tuple(...names.map((one) => fc.tuple(fc.constant(one), inputOf(mostly(fc.constantFrom(...(usual[one] ?? ['x'])), 12)))));
  return fc.oneof(some, whole).map(valuesOf);
};

const metadata = (states: ReadonlyMap<string, State>, runs: readonly string[]): fc.Arbitrary<string> => {
  const about = fc.record(
    {
      rollback: mostly(fc.constantFrom(...idsOf(states)), 12),
      run: mostly(fc.constantFrom(...runs), 12),
      digest: mostly(fc.constantFrom(digest, digest, 'e'.repeat(64)), 12),
    },
    { requiredKeys: ['rollback'] },
  );
  return fc.oneof(
    { weight: 8, arbitrary: about.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: anyJson.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: hostile },
  );
};

/** Whatever a submitted modal may be said to hold, through the bot's own listeners. */
export const modals: Part = partOf({
  name: 'modals',
  perMille: 170,
  open: async () => {
    const [shipped, states] = [await shippedSystems(), rollbacks()];
    const runs = [...new Set([...states.values()].flatMap((state) => Object.keys(state.runs)))];
    return {
      cases: fc.record({
        modal: fc.oneof(
          { weight: 20, arbitrary: fc.constantFrom(...Object.values(views)) },
          { weight: 10, arbitrary: fc.constantFrom(views.skip, views.override, views.review, views.change, views.sign) },
          { weight: 1, arbitrary: hostileWord },
        ),
        about: metadata(states, runs),
        values: answers(runs),
        user: fc.constantFrom(...users),
        membership: fc.constantFrom<Membership[]>('all', 'all', 'none', 'some'),
        name: mostly(fc.constantFrom('riley', 'adaokafor')),
      }),
      try: async ({ modal, about, values, user, ...around }) => {
        const world = worldOf(shipped, states, around);
        const outcome = mustBeInOrder(world, await new Desk(world).submit(user, modal, about, values));
        mustBeMeant(world, about);
        for (const fact of world.log.facts) mustBeAllowed(fact, about, around.membership, states);
        return outcome;
      },
    };
  },
});
