import type { WebClient } from '@slack/web-api';
import type { Directory } from '../domain/directory.ts';
import { said } from './slack.ts';

/** How long names and ids are remembered, in milliseconds. Membership is asked anew every time: it decides who may. */
const rememberedMs = 10 * 60_000;
/** The most that Slack gives on one page; a list of users may be asked for 20 times a minute. */
const pageSize = 1000;

type Names = ReadonlyMap<string, string>;

/** The directory as Slack has it, which can also be listed. */
export interface SlackDirectory extends Directory {
  /** The ids of everyone who is the `@user`, in the `@group` or in the `#channel`; none when there is none of that name. Nothing of it is from memory. */
  memberIds(of: string): Promise<readonly string[]>;
  /** What these users are called; those whom Slack does not list are left out. */
  namesOf(userIds: readonly string[]): Promise<Record<string, string>>;
}

/** The directory as Slack has it. Everything rejects with a SlackError. */
export function slackDirectory(client: WebClient, now: () => number): SlackDirectory {
  const channels = remembered(() => channelIds(client), now);
  const users = remembered(() => userIds(client), now);
  const groups = remembered(() => groupIds(client), now);
  const names = new Map<string, string>();
  const bare = (name: string): string => name.slice(1).toLowerCase();

  const idsOf = async (of: string): Promise<readonly string[]> => {
    if (of.startsWith('#')) return inChannel(client, (await channels(bare(of))).get(bare(of)));
    const group = (await groups()).get(bare(of)); // a group before a user: anyone may call themselves like a group
    if (group !== undefined) return (await said(() => client.usergroups.users.list({ usergroup: group }))).users ?? [];
    const user = (await users(bare(of))).get(bare(of));
    return user === undefined ? [] : [user];
  };

  return {
    async memberIds(of) {
      const ids = await idsOf(of);
      const [id = ''] = ids;
      if (of.startsWith('#') || (await groups()).has(bare(of)) || id === '') return ids;
      const { user } = await said(() => client.users.info({ user: id })); // the name's id may be from memory
      return user?.deleted ? [] : ids;
    },
    async destination(name) {
      if (name.startsWith('#')) return (await channels(bare(name))).get(bare(name));
      if (name.startsWith('@')) return (await users(bare(name))).get(bare(name));
      return name;
    },
    async isMember(userId, of) {
      return (await idsOf(of)).includes(userId);
    },
    async members(of) {
      return (await idsOf(of)).length;
    },
    async namesOf(userIds) {
      const nameOf = new Map([...(await users())].map(([name, id]) => [id, name]));
      return Object.fromEntries(userIds.flatMap((id) => (nameOf.has(id) ? [[id, nameOf.get(id) ?? '']] : [])));
    },
    async mentions(wanted) {
      const [userOf, groupOf] = await Promise.all([users(), groups()]);
      const mention = (name: string): string | undefined => {
        const group = groupOf.get(bare(name));
        const user = userOf.get(bare(name));
        return group ? `<!subteam^${group}>` : user ? `<@${user}>` : undefined;
      };
      return Object.fromEntries(wanted.flatMap((name) => (mention(name) ? [[name, mention(name) ?? '']] : [])));
    },
    async nameOf(userId) {
      const known = names.get(userId) ?? (await said(() => client.users.info({ user: userId }))).user?.name ?? userId;
      names.set(userId, known);
      return known;
    },
  };
}

/**
 * Runs `read` again only when what it said is too old, or does not hold `wanted` and is not from just now; calls at the same
 * time share one. When Slack does not answer, what was known before is used.
 */
function remembered(read: () => Promise<Names>, now: () => number): (wanted?: string) => Promise<Names> {
  let last: { readonly at: number; readonly names: Promise<Names> } | undefined;
  const justNowMs = 5000;
  return async (wanted) => {
    const ageMs = last ? now() - last.at : Number.POSITIVE_INFINITY;
    const isMissing = wanted !== undefined && last !== undefined && ageMs > justNowMs && !(await last.names).has(wanted);
    if (!last || ageMs > rememberedMs || isMissing) {
      const before = last;
      const names = read().catch((error: unknown) => {
        last = before;
        if (before) return before.names;
        throw error;
      });
      last = { at: now(), names };
    }
    return last.names;
  };
}

/** The channels the bot is in: it can say nothing in others. */
async function channelIds(client: WebClient): Promise<Names> {
  const ids = new Map<string, string>();
  for await (const page of pages((cursor) =>
    client.users.conversations({ exclude_archived: true, limit: pageSize, types: 'public_channel,private_channel', ...cursor }),
  )) {
    for (const channel of page.channels ?? []) if (channel.id && channel.name) ids.set(channel.name.toLowerCase(), channel.id);
  }
  return ids;
}

async function userIds(client: WebClient): Promise<Names> {
  const ids = new Map<string, string>();
  for await (const page of pages((cursor) => client.users.list({ limit: pageSize, ...cursor }))) {
    for (const user of page.members ?? []) if (user.id && user.name && !user.deleted) ids.set(user.name.toLowerCase(), user.id);
  }
  return ids;
}

async function groupIds(client: WebClient): Promise<Names> {
  const groups = (await said(() => client.usergroups.list({}))).usergroups ?? [];
  return new Map(groups.flatMap((group) => (group.id && group.handle ? [[group.handle.toLowerCase(), group.id] as const] : [])));
}

async function inChannel(client: WebClient, channel: string | undefined): Promise<string[]> {
  if (channel === undefined) return [];
  const members: string[] = [];
  for await (const page of pages((cursor) => client.conversations.members({ channel, limit: pageSize, ...cursor })))
    members.push(...(page.members ?? []));
  return members;
}

/** Every page of a list that Slack gives in pages. */
export async function* pages<P extends { response_metadata?: { next_cursor?: string } }>(
  read: (cursor: { cursor?: string }) => Promise<P>,
): AsyncGenerator<P> {
  for (let cursor: { cursor?: string } | undefined = {}; cursor !== undefined; ) {
    const asked: { cursor?: string } = cursor;
    const page: P = await said(() => read(asked));
    yield page;
    const following = page.response_metadata?.next_cursor;
    cursor = following ? { cursor: following } : undefined;
  }
}
