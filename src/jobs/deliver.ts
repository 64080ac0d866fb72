import { type Posted, SlackError } from '../channels/slack.ts';
import type { Message } from '../domain/message.ts';
import type { State } from '../domain/state.ts';
import { cardRefusedReply } from '../templates/replies.ts';
import type { Context } from './context.ts';

/** How long a live message stays as it is before it is updated again, in milliseconds: Slack takes 50 updates a minute. */
const updateEveryMs = 1250;
/** When each live message was last updated by this process. */
const updatedAt = new Map<string, number>();

/** How long this message has to stay as it is, in milliseconds; 0 or less when it may be updated now. */
export const untilUpdate = (id: string, message: string): number => (updatedAt.get(`${id} ${message}`) ?? 0) + updateEveryMs - Date.now();

/** Posts a message, or brings the one that is there up to date, and remembers `digest` as what Slack shows. Throws a SlackError when it should be tried again. */
export async function deliver(context: Context, id: string, message: Message, digest: string, shown: string | undefined): Promise<void> {
  const state = await context.log.load(id);
  const known = state?.messages[message.key];
  try {
    if (known) await update(context, id, message, known);
    else await post(context, id, state, message, shown === 'posting');
  } catch (error) {
    if (!(error instanceof SlackError) || error.kind !== 'refused') throw error;
    await refused(context, id, message, known, error);
  }
  await context.deliveries.setShown(id, message.key, digest);
}

async function update(context: Context, id: string, message: Message, known: Posted): Promise<void> {
  updatedAt.set(`${id} ${message.key}`, Date.now());
  if (updatedAt.size > 1000) updatedAt.delete(updatedAt.keys().next().value ?? '');
  await context.slack.update(known, message);
}

/** Posts once: where an earlier post's end is not known, Slack is asked for the message first. */
async function post(context: Context, id: string, state: State | undefined, message: Message, isUncertain: boolean): Promise<void> {
  const channel = await context.directory.destination(message.to);
  if (channel === undefined) throw new SlackError('refused', 'channel_not_found', 0);
  const thread = message.inThread ? state?.messages.card?.ts : undefined;
  const key = { rollback: id, message: message.key };
  const found = isUncertain ? await context.slack.find(channel, key, state?.requestedAt ?? 0, thread) : undefined;
  if (!found) await context.deliveries.setShown(id, message.key, 'posting');
  const { channel: where, ts } = found ?? (await context.slack.post(channel, message, key, thread));
  await context.log.observe(id, '', [{ type: 'message-posted', key: message.key, channel: where, ts }]);
}

/**
 * What Slack will never take as it is must not stop the rest: a lost card is posted anew, an announcement is dropped and the
 * card says so. A card that cannot be posted is tried again, since somebody may invite the bot.
 */
async function refused(context: Context, id: string, message: Message, known: Posted | undefined, error: SlackError): Promise<void> {
  context.logger.error({ rollback: id, message: message.key, to: message.to, slack: error.code }, 'Slack refuses a message');
  if (known && error.code === 'message_not_found') return post(context, id, await context.log.load(id), message, false);
  if (known) return;
  await context.deliveries.setShown(id, message.key, ''); // it is certain that nothing was posted
  if (message.live) {
    if (message.key === 'card') await tellRequester(context, id, message, error);
    throw error;
  }
  await context.log.observe(id, '', [{ type: 'message-dropped', key: message.key, why: `${message.to}: ${error.code}` }]);
}

/** Without its card a rollback is invisible: whoever asked for it hears so directly, once. */
async function tellRequester(context: Context, id: string, card: Message, error: SlackError): Promise<void> {
  const state = await context.log.load(id);
  if (!state || state.messages[refusedKey] || state.dropped[refusedKey] !== undefined) return;
  const text = cardRefusedReply(id, card.to, error.code);
  await deliver(context, id, { key: refusedKey, to: state.requester.id, inThread: false, live: false, text, blocks: [] }, 'told', undefined);
}

const refusedKey = 'card-refused';
