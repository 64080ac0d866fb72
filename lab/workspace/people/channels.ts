import type { Channel, Group } from '../model.ts';
import { BOT, PEOPLE } from './people.ts';

/** Ids of the default channels, by name. The bot is not in `ops-lounge`; `old-incidents` is archived. */
export const CHANNELS = {
  'inc-trading': 'C0INCTRAD',
  'trading-status': 'C0TRADSTA',
  'client-notices': 'C0CLIENTN',
  management: 'C0MANAGEM',
  general: 'C0GENERAL',
  'ops-lounge': 'C0OPSLOUN',
  'old-incidents': 'C0OLDINCI',
} as const;

const everyone: string[] = Object.values(PEOPLE);
const insiders = everyone.filter((id) => id !== PEOPLE.outsider);

const channel = (name: keyof typeof CHANNELS, topic: string, members: string[], extra: Partial<Channel> = {}): Channel => ({
  id: CHANNELS[name],
  name,
  topic,
  isPrivate: false,
  isArchived: false,
  isDirect: false,
  members,
  ...extra,
});

/** The default channels of the two sample systems. */
export const DEFAULT_CHANNELS: readonly Channel[] = [
  channel('inc-trading', 'Trading incidents: ask for a rollback here', [BOT.userId, ...insiders]),
  channel('trading-status', 'What runs, and what is being changed', [BOT.userId, ...insiders]),
  channel('client-notices', 'What clients are told', [BOT.userId, PEOPLE.pm, PEOPLE.approver, PEOPLE.lead]),
  channel('management', 'Reports for management', [BOT.userId, PEOPLE.pm, PEOPLE.lead]),
  channel('general', 'Everybody', [BOT.userId, ...everyone]),
  channel('ops-lounge', 'The bot is not a member here', everyone),
  channel('old-incidents', 'Closed', [BOT.userId, ...insiders], { isArchived: true }),
];

/** Ids of the default user groups, by handle. */
export const GROUPS = { 'sac-leads': 'S0SACLEADS', 'agentrader-leads': 'S0AGTLEADS', 'sac-oncall': 'S0SACONCAL' } as const;

/** The default user groups. The requester is in none of them. */
export const DEFAULT_GROUPS: readonly Group[] = [
  { id: GROUPS['sac-leads'], handle: 'sac-leads', name: 'SAC leads', members: [PEOPLE.approver, PEOPLE.lead] },
  { id: GROUPS['agentrader-leads'], handle: 'agentrader-leads', name: 'aGENtrader leads', members: [PEOPLE.approver, PEOPLE.lead] },
  { id: GROUPS['sac-oncall'], handle: 'sac-oncall', name: 'SAC on call', members: [PEOPLE.oncall] },
];
