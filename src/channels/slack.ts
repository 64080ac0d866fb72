import { type Block, ErrorCode, type KnownBlock, WebClient } from '@slack/web-api';
import type { Message } from '../domain/message.ts';

/** Where a message is in Slack. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
}

/** Why Slack did not take a message. */
export class SlackError extends Error {
  override name = 'SlackError';
  /** `refused`: it never will, as it is. `later`: not now, try again after `retryAfterMs`. `unknown`: nobody knows whether it was taken. */
  readonly kind: 'refused' | 'later' | 'unknown';
  /** Slack's own code: `channel_not_found`. */
  readonly code: string;
  readonly retryAfterMs: number;
  constructor(kind: SlackError['kind'], code: string, retryAfterMs: number, options?: ErrorOptions) {
    super(`Slack: ${code}`, options);
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Sends messages and keeps them true. Everything rejects with a {@link SlackError}. */
export interface SlackChannel {
  post(channel: string, message: Message, key: { readonly rollback: string; readonly message: string }, threadTs?: string): Promise<Posted>;
  update(posted: Posted, message: Message): Promise<void>;
  /** The message of this key, if Slack has it: looked for by its metadata among those after `afterTs`, a time as Slack writes it. */
  find(
    channel: string,
    key: { readonly rollback: string; readonly message: string },
    afterTs: string,
    threadTs?: string,
  ): Promise<Posted | undefined>;
  /** Takes a message of ours away; one that is gone already is no failure. */
  remove(posted: Posted): Promise<void>;
}

const eventType = 'rollback_bot_message';

/** A client for what can wait: it never retries by itself, the queue does, so that nothing piles up in front of people. */
export function openClient(token: string, slackApiUrl: string): WebClient {
  return new WebClient(token, { slackApiUrl, timeout: 5000, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
}

/** The channel that is Slack. */
export function slackChannel(client: WebClient): SlackChannel {
  return {
    async post(channel, message, key, threadTs) {
      const answer = await said(() =>
        client.chat.postMessage({
          channel,
          text: message.text,
          ...(message.blocks.length > 0 ? { blocks: blocksOf(message) } : {}),
          metadata: { event_type: eventType, event_payload: { rollback: key.rollback, message: key.message } },
          unfurl_links: false,
          unfurl_media: false,
          ...(threadTs === undefined ? {} : { thread_ts: threadTs, ...(message.broadcast ? { reply_broadcast: true } : {}) }),
        } as Parameters<WebClient['chat']['postMessage']>[0]),
      );
      if (!answer.channel || !answer.ts) throw new SlackError('unknown', 'no_ts_in_answer', 1000);
      return { channel: answer.channel, ts: answer.ts };
    },
    async update({ channel, ts }, message) {
      await said(() => client.chat.update({ channel, ts, text: message.text, blocks: blocksOf(message) }));
    },
    async find(channel, key, afterTs, threadTs) {
      const where = await said(() => conversationOf(client, channel));
      const among = { channel: where, oldest: afterTs, include_all_metadata: true, limit: 200 };
      const read = (cursor: { cursor?: string }) =>
        threadTs === undefined
          ? client.conversations.history({ ...among, ...cursor })
          : client.conversations.replies({ ...among, ...cursor, ts: threadTs });
      for (let cursor: { cursor?: string } = {}; ; ) {
        const page = await said(() => read(cursor));
        const found = (page.messages ?? []).find((one) => isKey(one.metadata, key));
        if (found?.ts) return { channel: where, ts: found.ts };
        const following = page.response_metadata?.next_cursor;
        if (!following) return undefined;
        cursor = { cursor: following };
      }
    },
    async remove({ channel, ts }) {
      try {
        await said(() => client.chat.delete({ channel, ts }));
      } catch (error) {
        if (!(error instanceof SlackError && error.code === 'message_not_found')) throw error;
      }
    },
  };
}

/** A person's id is an address to post to, but no conversation that can be read: that is the direct message with the person. */
async function conversationOf(client: WebClient, channel: string): Promise<string> {
  if (!/^[UW]/.test(channel)) return channel;
  return (await client.conversations.open({ users: channel })).channel?.id ?? channel;
}

const blocksOf = (message: Message) => message.blocks as unknown as (KnownBlock | Block)[]; // ours are plain data, theirs a union of every block

function isKey(metadata: unknown, key: { readonly rollback: string; readonly message: string }): boolean {
  const { event_type, event_payload } = (metadata ?? {}) as { event_type?: string; event_payload?: Record<string, unknown> };
  return event_type === eventType && event_payload?.rollback === key.rollback && event_payload.message === key.message;
}

/** Slack's failures in our three kinds. A refusal is Slack's word; anything without one may have been taken. */
export async function said<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translated(error);
  }
}

const passing = ['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'accesslimited', 'rate_limited'];

/** What is wrong with our token, not with the message: it is mended by people, and then the message is still owed. */
const ours = [
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'missing_scope',
  'org_login_required',
  'ekm_access_denied',
  'no_permission',
];
const oursAgainMs = 30_000;

/** What timed out here may still be done there: it is asked for again only after this time, in milliseconds. */
const timedOutAgainMs = 5000;

interface Failure {
  readonly code?: string;
  readonly data?: { readonly error?: string };
  readonly retryAfter?: number;
  readonly message?: string;
  readonly original?: { readonly name?: string };
}

function translated(cause: unknown): SlackError {
  const { code, data, retryAfter, message, original } = cause as Failure;
  if (code === ErrorCode.RateLimitedError) return new SlackError('later', 'ratelimited', (retryAfter ?? 1) * 1000, { cause });
  if (code === ErrorCode.PlatformError) {
    const said = data?.error ?? 'unknown_error';
    if (ours.includes(said)) return new SlackError('later', said, oursAgainMs, { cause });
    return new SlackError(passing.includes(said) ? 'unknown' : 'refused', said, 1000, { cause });
  }
  return new SlackError('unknown', message ?? 'request_failed', original?.name === 'TimeoutError' ? timedOutAgainMs : 1000, { cause });
}
