import { checkMessageBlocks, isBlockList } from './blockkit/check.ts';
import { newSecret } from './ids.ts';
import type { Json, Message } from './model.ts';
import { BOT } from './people/people.ts';
import { invalidBlocks, SlackError } from './slackerror.ts';
import type { Draft, State } from './state.ts';

/** A response_url is good for this many posts. */
export const RESPONSE_USES = 5;
/** And for this long. https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export const RESPONSE_LIFE_MS = 30 * 60_000;

interface Origin {
  kind: 'command' | 'action';
  channel: string;
  userId: string;
  /** The message that was clicked. */
  source?: Message | undefined;
  typedCommand?: string;
}

interface Issued extends Origin {
  atMs: number;
  uses: number;
}

/** The response URLs given out, and what a post to one does. */
export class ResponseUrls {
  private readonly issued = new Map<string, Issued>();
  private readonly state: State;
  private readonly now: () => number;

  constructor(state: State, now: () => number = Date.now) {
    this.state = state;
    this.now = now;
  }

  /** A new path such as `/respond/ab12…`. */
  issue(origin: Origin): string {
    const key = newSecret();
    this.issued.set(key, { ...origin, atMs: this.now(), uses: 0 });
    return `/respond/${key}`;
  }

  /** Does what was posted. @throws SlackError used_url after five, expired_url after 30 minutes, no_text, invalid_blocks… */
  respond(key: string, body: Json): void {
    const issued = this.issued.get(key);
    if (!issued) throw new SlackError('invalid_url');
    if (issued.uses >= RESPONSE_USES) throw new SlackError('used_url');
    if (this.now() - issued.atMs > RESPONSE_LIFE_MS) throw new SlackError('expired_url');
    answer(this.state, issued, body);
    issued.uses += 1;
  }
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';

function contentOf(body: Json): { text: string; blocks: Json[] } {
  const text = typeof body.text === 'string' ? body.text : '';
  const blocks = body.blocks ?? [];
  if (!isBlockList(blocks)) throw new SlackError('invalid_blocks_format');
  if (text.trim() === '' && blocks.length === 0) throw new SlackError('no_text');
  const found = checkMessageBlocks(blocks);
  if (found.length > 0) throw invalidBlocks(found);
  return { text, blocks };
}

/**
 * Posts, replaces or deletes, as an acknowledgement's payload or a post to a response_url asks. Ephemeral unless in_channel. A
 * click's answer that says neither replace_original nor response_type replaces the message that was clicked.
 *
 * @throws SlackError no_text, invalid_blocks, invalid_blocks_format
 */
export function answer(state: State, origin: Origin, body: Json): void {
  const { source } = origin;
  if (isTrue(body.delete_original)) {
    if (source) state.remove(source);
    return;
  }
  const content = contentOf(body);
  const replaces = body.replace_original === undefined ? body.response_type === undefined : isTrue(body.replace_original);
  if (source && replaces) state.edit(source, { ...content, isEdited: content.blocks.length === 0 });
  else state.post(draftOf(origin, content, body));
}

function draftOf(origin: Origin, content: { text: string; blocks: Json[] }, body: Json): Draft {
  const isPublic = body.response_type === 'in_channel';
  const threadTs = typeof body.thread_ts === 'string' ? body.thread_ts : undefined;
  return {
    ...content,
    channel: origin.channel,
    user: BOT.userId,
    isBot: true,
    threadTs,
    ephemeralTo: isPublic ? undefined : origin.userId,
    typedCommand: isPublic ? origin.typedCommand : undefined,
  };
}
