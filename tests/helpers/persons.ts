import type { Directory } from '../../src/domain/directory.ts';
import type { Actor } from '../../src/domain/event.ts';
import type { ApprovePolicy } from '../../src/domain/system.ts';
import { people } from './story.ts';

/** Somebody, and the groups and channels that hold them. */
export interface Person {
  readonly actor: Actor;
  readonly groups: readonly string[];
}

const someone = (actor: Actor, ...groups: string[]): Person => ({ actor, groups });
const newcomer = (name: string, ...groups: string[]): Person => someone({ id: `U0${name.toUpperCase()}`, name, via: 'slack' }, ...groups);

/** One person for each right of {@link fullPolicy}, who has that and no other. */
export const persons = {
  /** Asked for it. */
  requester: someone(people.requester, '#inc-trading'),
  /** Asked for it, and is one of the approvers. */
  'requester who approves': someone(people.requester, '#inc-trading', '@sac-leads'),
  /** May ask for rollbacks, and did not ask for this one. */
  member: newcomer('member', '#inc-trading'),
  /** Approved it, wherever it got that far. */
  approver: someone(people.approver, '@sac-leads'),
  'second approver': newcomer('second', '@sac-leads'),
  /** Is called when no approver answers. */
  'next one': newcomer('next', '@next'),
  overrider: newcomer('overrider', '@overriders'),
  skipper: newcomer('skipper', '@skippers'),
  stopper: newcomer('stopper', '@stoppers'),
  putter: newcomer('putter', '@putters'),
  unlocker: newcomer('unlocker', '@unlockers'),
  halter: newcomer('halter', '@halters'),
  signer: newcomer('signer', '@sac-oncall'),
  outsider: newcomer('outsider', '#general'),
} as const satisfies Record<string, Person>;

export type PersonName = keyof typeof persons;
export const personNames = Object.keys(persons) as PersonName[];

/** A workspace in which this person is in their groups, and nobody else is in any. */
export const directoryOf = ({ actor, groups }: Person): Directory => ({
  destination: () => Promise.resolve(undefined),
  isMember: (userId, of) => Promise.resolve(userId === actor.id && groups.includes(of)),
  members: () => Promise.resolve(0),
  mentions: () => Promise.resolve({}),
  nameOf: () => Promise.resolve(actor.name),
});

/** A policy that names somebody else for everything. */
export const fullPolicy: ApprovePolicy = {
  by: '@sac-leads',
  count: 1,
  requester: false,
  standsMs: 1_800_000,
  remindMs: 120_000,
  escalate: { afterMs: 300_000, to: '@next' },
  override: '@overriders',
  skip: '@skippers',
  stop: '@stoppers',
};

/** What a system file gets that names the approvers and nothing else. */
export const leastPolicy: ApprovePolicy = {
  by: '@sac-leads',
  count: 1,
  requester: false,
  standsMs: 1_800_000,
  remindMs: 120_000,
  escalate: { afterMs: 300_000 },
};
