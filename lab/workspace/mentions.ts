import { isObject } from './blockkit/schema.ts';
import { textsOf } from './blockkit/texts.ts';
import type { Json, Mentions } from './model.ts';

const none = (): Mentions => ({ here: false, channel: false, everyone: false, users: [], groups: [] });

type Broadcast = 'here' | 'channel' | 'everyone';

function addBroadcast(to: Mentions, range: string): void {
  if (range === 'here' || range === 'channel' || range === 'everyone') to[range satisfies Broadcast] = true;
}

function addOnce(list: string[], id: string | undefined): void {
  if (id !== undefined && !list.includes(id)) list.push(id);
}

function addMarked(to: Mentions, text: string): void {
  for (const match of text.matchAll(/<!(here|channel|everyone)(?:\|[^>]*)?>/g)) addBroadcast(to, match[1] ?? '');
  for (const match of text.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/g)) addOnce(to.users, match[1]);
  for (const match of text.matchAll(/<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>/g)) addOnce(to.groups, match[1]);
}

// Where mrkdwn is not `verbatim`, Slack also takes a bare @here for a mention.
function addBare(to: Mentions, text: string): void {
  for (const match of text.matchAll(/(?:^|[\s("'*_~])@(here|channel|everyone)\b/g)) addBroadcast(to, match[1] ?? '');
}

function addRich(to: Mentions, value: unknown): void {
  if (Array.isArray(value)) for (const one of value) addRich(to, one);
  if (!isObject(value)) return;
  if (value.type === 'broadcast') addBroadcast(to, String(value.range));
  if (value.type === 'user' && value.user_id !== undefined) addOnce(to.users, String(value.user_id));
  if (value.type === 'usergroup' && value.usergroup_id !== undefined) addOnce(to.groups, String(value.usergroup_id));
  if ('elements' in value) addRich(to, value.elements);
}

/**
 * Whom this message pages. In `text`: `<!here>`, `<@U…>`, `<!subteam^S…>` and, when `parsesNames` (parse=full or link_names), bare
 * @here. In blocks: the same in mrkdwn, bare @here unless `verbatim`, and rich_text's mention elements. plain_text pages nobody.
 */
export function mentionsIn(text: string, blocks: Json[], parsesNames = false): Mentions {
  const found = none();
  addMarked(found, text);
  if (parsesNames) addBare(found, text);
  for (const part of textsOf(blocks)) {
    if (part.type !== 'mrkdwn') continue;
    addMarked(found, part.text);
    if (!part.isVerbatim) addBare(found, part.text);
  }
  addRich(
    found,
    blocks.filter((block) => block.type === 'rich_text'),
  );
  return found;
}
