import type { Args } from '../args.ts';
import type { Json } from '../model.ts';
import { SlackError } from '../slackerror.ts';
import { groupJson, personJson } from '../slackjson.ts';
import { personById } from './lookup.ts';
import { type Context, type Method, TIER } from './method.ts';
import { pageOf } from './page.ts';

function list(args: Args, { state }: Context): Json {
  const page = pageOf([...state.people.values()], args, 1000, 1000);
  return { members: page.items.map(personJson), cache_ts: 1_700_000_000, response_metadata: { next_cursor: page.nextCursor } };
}

const info = (args: Args, { state }: Context): Json => ({ user: personJson(personById(state, args.need('user'))) });

function lookupByEmail(args: Args, { state }: Context): Json {
  const email = args.need('email').toLowerCase();
  const found = [...state.people.values()].find((one) => one.email !== '' && one.email.toLowerCase() === email);
  if (!found) throw new SlackError('users_not_found');
  return { user: personJson(found) };
}

const groups = (args: Args, { state }: Context): Json => ({
  usergroups: [...state.groups.values()].map((group) => groupJson(group, args.flag('include_users'))),
});

function groupMembers(args: Args, { state }: Context): Json {
  const group = state.groups.get(args.need('usergroup'));
  if (!group) throw new SlackError('no_such_subteam');
  return { users: group.members };
}

const users = { token: 'bot', scope: 'users:read' } as const;
const usergroups = { token: 'bot', scope: 'usergroups:read', perMinute: TIER.two } as const;

/** The users.* and usergroups.* methods. */
export const peopleMethods: Record<string, Method> = {
  'users.list': { ...users, perMinute: TIER.two, run: list },
  'users.info': { ...users, perMinute: TIER.four, run: info },
  'users.lookupByEmail': { token: 'bot', scope: 'users:read.email', perMinute: TIER.three, run: lookupByEmail },
  'usergroups.list': { ...usergroups, run: groups },
  'usergroups.users.list': { ...usergroups, run: groupMembers },
};
