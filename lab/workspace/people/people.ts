import type { Person } from '../model.ts';

/** Ids of the default people, by the part they play in the two sample systems. */
export const PEOPLE = {
  requester: 'U0RILEYCH',
  approver: 'U0ADAOKAF',
  lead: 'U0TOMASVI',
  oncall: 'U0NOORHAD',
  qa: 'U0QUINNAL',
  pm: 'U0PRIYARA',
  outsider: 'U0SAMBECK',
} as const;

/** The bot's user id and bot id. */
export const BOT = { userId: 'U0ROLLBOT', botId: 'B0ROLLBOT', appId: 'A0ROLLBOT', name: 'rollback-bot' } as const;

/** The workspace's team id and domain. */
export const TEAM = { id: 'T0LOCALWS', domain: 'local-workspace' } as const;

const person = (id: string, name: string, displayName: string, realName: string): Person => ({
  id,
  name,
  displayName,
  realName,
  email: `${name}@lab.example`,
});

/** The default people. `qa` and `pm` carry the handles that systems/sac.yaml names. */
export const DEFAULT_PEOPLE: readonly Person[] = [
  person(PEOPLE.requester, 'requester', 'Riley', 'Riley Chen'),
  person(PEOPLE.approver, 'approver', 'Ada', 'Ada Okafor'),
  person(PEOPLE.lead, 'lead', 'Tomás', 'Tomás Vidal'),
  person(PEOPLE.oncall, 'oncall', 'Noor', 'Noor Haddad'),
  person(PEOPLE.qa, 'qa', 'Quinn', 'Quinn Alvarez'),
  person(PEOPLE.pm, 'pm', 'Priya', 'Priya Raman'),
  person(PEOPLE.outsider, 'outsider', 'Sam', 'Sam Becker'),
];

/** The bot as a member of the workspace. */
export const BOT_PERSON: Person = {
  id: BOT.userId,
  name: BOT.name,
  displayName: BOT.name,
  realName: BOT.name,
  email: '',
  isBot: true,
};
