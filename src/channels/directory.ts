import type { WebClient } from '@slack/web-api';
import type { Directory } from '../domain/directory.ts';

/** How long names and ids are remembered, in milliseconds. Membership is asked anew every time: it decides who may. */
const rememberedMs = 60_000;

type Names = ReadonlyMap<string, string>;

/** The directory as Slack has it. */
export function slackDirectory(client: WebClient, now: () => number): Directory {
  const channels = remembered(() => channelIds(client), now);
  const users = remembered(() => userIds(client), now);
  const groups = remembered(() => groupIds(client), now);
  const bare = (name: string): string => name.slice(1).toLowerCase();

  return {
    async destination(name) {
      if (name.startsWith('#')) return (await channels()).get(bare(name));
      if (name.startsWith('@')) return (await users()).get(bare(name));
      return name;
    },
    async isMember(userId, of) {
      if (of.startsWith('#')) return inChannel(client, (await channels()).get(bare(of)), userId);
      if ((await users()).get(bare(of)) === userId) return true;
      const group = (await groups()).get(bare(of));
      return group !== undefined && ((await client.usergroups.users.list({ usergroup: group })).users ?? []).includes(userId);
    },
    async mentions(names) {
      const [userOf, groupOf] = await Promise.all([users(), groups()]);
      const mention = (name: string): string | undefined => {
        const group = groupOf.get(bare(name));
        const user = userOf.get(bare(name));
        return group ? `<!subteam^${group}>` : user ? `<@${user}>` : undefined;
      };
      return Object.fromEntries(names.flatMap((name) => (mention(name) ? [[name, mention(name) ?? '']] : [])));
    },
    async nameOf(userId) {
      return [...(await users())].find(([, id]) => id === userId)?.[0] ?? userId;
    },
  };
}

/** Runs `read` again only when what it said is too old; calls at the same time share one. A failure is not remembered. */
function remembered(read: () => Promise<Names>, now: () => number): () => Promise<Names> {
  let last: { readonly at: number; readonly names: Promise<Names> } | undefined;
  return () => {
    if (!last || now() - last.at > rememberedMs) {
      const names = read();
      last = { at: now(), names };
      names.catch(() => {
        last = undefined;
      });
    }
    return last.names;
  };
}

async function channelIds(client: WebClient): Promise<Names> {
  const ids = new Map<string, string>();
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page = await client.conversations.list({
      exclude_archived: true,
      limit: 200,
      types: 'public_channel,private_channel',
      ...(cursor ? { cursor } : {}),
    });
    for (const channel of page.channels ?? []) if (channel.id && channel.name) ids.set(channel.name.toLowerCase(), channel.id);
    cursor = page.response_metadata?.next_cursor || undefined;
  }
  return ids;
}

async function userIds(client: WebClient): Promise<Names> {
  const ids = new Map<string, string>();
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page = await client.users.list({ limit: 200, ...(cursor ? { cursor } : {}) });
    for (const user of page.members ?? []) if (user.id && user.name && !user.deleted) ids.set(user.name.toLowerCase(), user.id);
    cursor = page.response_metadata?.next_cursor || undefined;
  }
  return ids;
}

async function groupIds(client: WebClient): Promise<Names> {
  const groups = (await client.usergroups.list({})).usergroups ?? [];
  return new Map(groups.flatMap((group) => (group.id && group.handle ? [[group.handle.toLowerCase(), group.id] as const] : [])));
}

async function inChannel(client: WebClient, channel: string | undefined, userId: string): Promise<boolean> {
  if (channel === undefined) return false;
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page = await client.conversations.members({ channel, limit: 200, ...(cursor ? { cursor } : {}) });
    if ((page.members ?? []).includes(userId)) return true;
    cursor = page.response_metadata?.next_cursor || undefined;
  }
  return false;
}
