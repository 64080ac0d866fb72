import { describe, expect, it } from 'vitest';
import { type PersonName, personNames } from '../../helpers/persons.ts';
import { type Action, actions, type Outcome, outcome, type Situation, situations } from './asking.ts';

/**
 * Who may do what, when: for a person to review. A row is an action, the situations it is about, who is let (`yes`) or refused otherwise, and what
 * everybody else gets. Every action has exactly one row for every situation; nothing here is worked out by the code that it checks.
 */
type Row = readonly [action: Action, when: readonly Situation[], named: Partial<Record<PersonName, Outcome>>, everybodyElse: Outcome];

const open = ['waiting', 'waiting, approvers called twice'] as const;
const overEarly = ['unplannable', 'shown', 'rejected', 'withdrawn', 'expired'] as const;
const begun = ['running', 'trouble', 'trouble, hosts drifted', 'proving', 'stopping', 'asked for a step by hand'] as const;
const overLate = ['complete', 'left', 'handed-over', 'stopped'] as const;
const alone = ['running, started alone', 'complete, started alone', 'complete, started alone and reviewed'] as const;
const halted = ['waiting, halted'] as const;
const late = ['waiting, too long'] as const;
const inTrouble = ['trouble', 'trouble, hosts drifted'] as const;
const notInTrouble = [
  'reading',
  ...open,
  ...halted,
  ...late,
  ...overEarly,
  'running',
  'proving',
  'stopping',
  'asked for a step by hand',
  ...overLate,
  ...alone,
] as const;

const requesters = { requester: 'yes', 'requester who approves': 'yes' } as const;
const approvers = { approver: 'yes', 'second approver': 'yes' } as const;
const deciders = { ...requesters, ...approvers } as const;
const anybodyOfTheChannel = { ...requesters, member: 'yes' } as const;

const fullTable: readonly Row[] = [
  // Yes to a plan: the approvers, later the next one too; never who asked for it.
  ['approve', ['reading'], {}, 'not-ready'],
  ['approve', ['waiting', ...halted], { ...approvers, 'requester who approves': 'own-request' }, 'not-allowed'],
  ['approve', ['waiting, approvers called twice'], { ...approvers, 'next one': 'yes', 'requester who approves': 'own-request' }, 'not-allowed'],
  ['approve', late, {}, 'expired'],
  ['approve', [...overEarly, ...alone], {}, 'over'],
  ['approve', [...begun, ...overLate], { approver: 'already-approved' }, 'over'],
  [
    'approve an older plan',
    ['waiting', ...halted],
    { ...approvers, approver: 'superseded', 'second approver': 'superseded', 'requester who approves': 'own-request' },
    'not-allowed',
  ],

  // No to it: the same people, and an approver may say no to what they asked for themselves.
  ['reject', ['reading'], {}, 'not-ready'],
  ['reject', ['waiting', ...halted], { ...approvers, 'requester who approves': 'yes' }, 'not-allowed'],
  ['reject', ['waiting, approvers called twice'], { ...approvers, 'requester who approves': 'yes', 'next one': 'yes' }, 'not-allowed'],
  ['reject', late, {}, 'expired'],
  ['reject', [...overEarly, ...begun, ...overLate, ...alone], {}, 'over'],

  // Taking it back: only who asked, as long as nobody has decided.
  ['withdraw', ['reading', ...open, ...halted, ...late], requesters, 'not-allowed'],
  ['withdraw', [...overEarly, ...begun, ...overLate, ...alone], { requester: 'over', 'requester who approves': 'over' }, 'not-allowed'],

  // Another version: who may ask, as long as nobody has decided.
  ['change', ['reading', ...open, ...halted, ...late], anybodyOfTheChannel, 'not-allowed'],
  ['change', [...overEarly, ...begun, ...overLate, ...alone], { requester: 'over', 'requester who approves': 'over', member: 'over' }, 'not-allowed'],

  // What no machine can read: who may ask, until it is over; lessons also afterwards.
  ['describe', ['reading', ...open, ...halted, ...late, ...begun, 'running, started alone'], anybodyOfTheChannel, 'not-allowed'],
  [
    'describe',
    [...overEarly, ...overLate, 'complete, started alone', 'complete, started alone and reviewed'],
    { requester: 'over', 'requester who approves': 'over', member: 'over' },
    'not-allowed',
  ],
  ['add lessons', ['reading', ...open, ...halted, ...late, ...overEarly, ...begun, ...overLate, ...alone], anybodyOfTheChannel, 'not-allowed'],

  // Starting it alone: only those named for it, only when nobody has answered in time.
  ['override', ['reading'], {}, 'not-ready'],
  ['override', ['waiting', ...halted], { overrider: 'not-ready' }, 'not-allowed'],
  ['override', ['waiting, approvers called twice'], { overrider: 'yes' }, 'not-allowed'],
  ['override', late, {}, 'expired'],
  ['override', [...overEarly, ...begun, ...overLate, ...alone], {}, 'over'],
  ['override, wrong name', ['waiting, approvers called twice'], { overrider: 'malformed' }, 'not-allowed'],
  ['override, no reason', ['waiting, approvers called twice'], { overrider: 'malformed' }, 'not-allowed'],
  ['override an older plan', ['waiting, approvers called twice'], { overrider: 'superseded' }, 'not-allowed'],

  // Its review: the approvers, and not who started it.
  ['review', ['running, started alone', 'complete, started alone'], { ...approvers, 'requester who approves': 'yes' }, 'not-allowed'],
  [
    'review',
    ['reading', ...open, ...halted, ...late, ...overEarly, ...begun, ...overLate, 'complete, started alone and reviewed'],
    {},
    'nothing-to-do',
  ],

  // Containment: those named for it, before and beside an approval; a rollback that runs does it itself.
  ['halt', ['reading', ...open, ...late], { halter: 'yes' }, 'not-allowed'],
  ['halt', halted, { halter: 'nothing-to-do' }, 'not-allowed'],
  ['halt', [...begun, ...overEarly, ...overLate, ...alone], { halter: 'over' }, 'not-allowed'],
  ['halt back', halted, { halter: 'yes' }, 'not-allowed'],
  [
    'halt back',
    ['reading', ...open, ...late, ...overEarly, ...overLate, 'complete, started alone', 'complete, started alone and reviewed'],
    { halter: 'nothing-to-do' },
    'not-allowed',
  ],
  ['halt back', [...begun, 'running, started alone'], { halter: 'over' }, 'not-allowed'],

  // Ending what runs: those named for it and nobody else, where somebody is named.
  ['stop', ['running', ...inTrouble, 'proving', 'asked for a step by hand', 'running, started alone'], { stopper: 'yes' }, 'not-allowed'],
  [
    'stop',
    [
      'reading',
      ...open,
      ...halted,
      ...late,
      ...overEarly,
      'stopping',
      ...overLate,
      'complete, started alone',
      'complete, started alone and reviewed',
    ],
    {},
    'nothing-to-do',
  ],

  // Trouble: the approvers and who asked; the next one was called to approve, not for this.
  ['retry', inTrouble, deciders, 'not-allowed'],
  ['retry', notInTrouble, {}, 'nothing-to-do'],
  ['leave', inTrouble, deciders, 'not-allowed'],
  ['leave', notInTrouble, {}, 'nothing-to-do'],
  ['skip', inTrouble, { skipper: 'yes' }, 'not-allowed'],
  ['skip', notInTrouble, {}, 'nothing-to-do'],
  ['skip, no reason', inTrouble, { skipper: 'malformed' }, 'not-allowed'],
  ['read again', ['trouble, hosts drifted'], deciders, 'not-allowed'],
  ['read again', ['trouble'], { requester: 'over', 'requester who approves': 'over', approver: 'over', 'second approver': 'over' }, 'not-allowed'],
  ['read again', notInTrouble, {}, 'nothing-to-do'],

  // A step by hand: the same people.
  ['tick', ['asked for a step by hand'], deciders, 'not-allowed'],
  [
    'tick',
    ['reading', ...open, ...halted, ...late, ...overEarly, 'running', ...inTrouble, 'proving', 'stopping', ...overLate, ...alone],
    { requester: 'nothing-to-do', 'requester who approves': 'nothing-to-do', approver: 'nothing-to-do', 'second approver': 'nothing-to-do' },
    'not-allowed',
  ],

  // The measured numbers: whom the step names.
  ['sign', ['proving', 'complete', 'complete, started alone', 'complete, started alone and reviewed'], { signer: 'yes' }, 'not-allowed'],
  [
    'sign',
    [
      'reading',
      ...open,
      ...halted,
      ...late,
      ...overEarly,
      'running',
      ...inTrouble,
      'stopping',
      'asked for a step by hand',
      'left',
      'handed-over',
      'stopped',
      'running, started alone',
    ],
    {},
    'nothing-to-do',
  ],

  // Putting back what was changed, as a request of its own; also a run whose guard said no, of which it then finds nothing to put back.
  [
    'undo',
    [
      'trouble',
      'trouble, hosts drifted',
      'left',
      'stopped',
      'complete',
      'handed-over',
      'complete, started alone',
      'complete, started alone and reviewed',
    ],
    { putter: 'yes' },
    'not-allowed',
  ],
  ['undo', ['running', 'proving', 'stopping', 'asked for a step by hand', 'running, started alone'], { putter: 'not-ready' }, 'not-allowed'],
  ['undo', ['reading', ...open, ...halted, ...late, ...overEarly], { putter: 'nothing-to-do' }, 'not-allowed'],

  // The lock of one that nobody works on any more.
  ['unlock', ['running', 'proving', 'stopping', 'asked for a step by hand', 'running, started alone'], { unlocker: 'yes' }, 'not-allowed'],
  ['unlock', inTrouble, { unlocker: 'not-ready' }, 'not-allowed'],
  [
    'unlock',
    ['reading', ...open, ...halted, ...late, ...overEarly, ...overLate, 'complete, started alone', 'complete, started alone and reviewed'],
    {},
    'nothing-to-do',
  ],
  ['unlock, no reason', ['running'], { unlocker: 'malformed' }, 'not-allowed'],

  // Asking for a rollback, whatever becomes of another.
  ['request', ['waiting', 'running', 'complete'], anybodyOfTheChannel, 'not-allowed'],
];

/** A system file that names the approvers and nobody else: nobody may override or skip; stopping is for those who approve, and who asked. */
const leastTable: readonly Row[] = [
  ['approve', ['waiting, approvers called twice'], { ...approvers, 'requester who approves': 'own-request' }, 'not-allowed'],
  ['reject', ['waiting, approvers called twice'], { ...approvers, 'requester who approves': 'yes' }, 'not-allowed'],
  ['override', ['waiting', 'waiting, approvers called twice', 'waiting, halted'], {}, 'not-allowed'],
  ['skip', inTrouble, {}, 'not-allowed'],
  ['stop', ['running', ...inTrouble, 'proving', 'asked for a step by hand'], deciders, 'not-allowed'],
  ['undo', ['complete'], anybodyOfTheChannel, 'not-allowed'],
  ['unlock', ['running'], { ...approvers, 'requester who approves': 'yes' }, 'not-allowed'],
  ['halt', ['waiting'], { ...approvers, 'requester who approves': 'yes' }, 'not-allowed'],
  ['request', ['waiting'], anybodyOfTheChannel, 'not-allowed'],
];

/** What the rows say about every person, a line each, and what is found. */
async function compared(rows: readonly Row[], policy: 'full' | 'least'): Promise<{ wanted: string[]; found: string[] }> {
  const cases = rows.flatMap(([action, when, named, everybodyElse]) =>
    when.flatMap((situation) => personNames.map((person) => ({ action, situation, person, wanted: named[person] ?? everybodyElse }))),
  );
  const line = (one: (typeof cases)[number], what: Outcome): string => `${one.situation} | ${one.person} | ${one.action}: ${what}`;
  const found = await Promise.all(cases.map(async (one) => line(one, await outcome(policy, one.situation, one.person, one.action))));
  return { wanted: cases.map((one) => line(one, one.wanted)), found };
}

describe('who may do what', () => {
  it('has a row for every action in every situation, and never two', () => {
    const rows = fullTable.flatMap(([action, when]) => when.map((situation) => `${action} | ${situation}`));
    expect(rows.filter((row, i) => rows.indexOf(row) !== i)).toEqual([]);
    const once = actions.filter((action) => !/,| older plan|^request$/.test(action));
    const missing = once.flatMap((action) => situations.map((situation) => `${action} | ${situation}`)).filter((row) => !rows.includes(row));
    expect(missing).toEqual([]);
    expect(actions.filter((action) => !rows.some((row) => row.startsWith(`${action} | `)))).toEqual([]);
  });

  it.each([
    ['where the policy names somebody for everything', fullTable, 'full'],
    ['where it names the approvers only: strict by default', leastTable, 'least'],
  ] as const)('%s', async (_name, rows, policy) => {
    const { wanted, found } = await compared(rows, policy);
    expect(found).toEqual(wanted);
  });

  it('whoever may ask for everything else may still not approve their own request, whatever groups they are in', async () => {
    for (const situation of ['waiting', 'waiting, approvers called twice'] as const)
      expect(await outcome('full', situation, 'requester who approves', 'approve')).toBe('own-request');
  });

  it('a policy that counts the requester lets them approve', async () => {
    expect(await outcome('requester counts', 'waiting', 'requester who approves', 'approve')).toBe('yes');
    expect(await outcome('requester counts', 'waiting', 'requester', 'approve')).toBe('not-allowed');
  });
});
