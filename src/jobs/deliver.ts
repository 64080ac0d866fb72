import { type Posted, SlackError } from '../channels/slack.ts';
import type { State } from '../domain/state.ts';
import type { Lease } from '../store/deliveries.ts';
import type { Context } from './context.ts';
import { postingMark, type Task } from './undelivered.ts';

/** Another deliverer has taken over: whatever we were about to do is its affair now. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

/** Slack's clock and ours may differ by so much, in milliseconds. */
const clocksDifferMs = 3 * 3_600_000;

/** What Slack says where the thread's first message is gone. */
const threadGone = ['thread_not_found', 'message_not_found', 'cannot_reply_to_message'];
/** What Slack says where a message may not be edited any more, although it is there. */
const notEditable = ['edit_window_closed', 'cant_update_message'];
/** What Slack says of a place, not of a message. People can mend it. */
const placeRefused = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_non_threadable_channel',
];

/** Whether this refusal is mended by posting the card anew, which is done at once. */
export const isThreadGone = ({ message }: Task, error: SlackError): boolean => message.inThread && threadGone.includes(error.code);

/**
 * Posts a message, or brings the one that is there up to date, and notes that Slack shows it. False where it does not: the message was
 * dropped for good, which the log says, or is to be posted anew. Throws a {@link SlackError} when it should be tried again, and {@link LeaseLost}.
 */
export async function deliver(context: Context, task: Task, lease: Lease): Promise<boolean> {
  const isShown = task.isPost ? await post(context, task, lease) : await update(context, task, lease);
  if (isShown) await context.deliveries.setShown(task.state.id, task.message.key, task.digest);
  return isShown;
}

async function update(context: Context, task: Task, lease: Lease): Promise<boolean> {
  const { state, message, known } = task;
  if (!(await lease.renew())) throw new LeaseLost();
  try {
    if (known) await context.slack.update(known, message);
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    context.logger.error({ rollback: state.id, message: message.key, slack: error.code }, 'Slack refuses to update a message');
    const isGone = error.code === 'message_not_found';
    if (message.key === 'card') await context.deliveries.owe(state.id, isGone ? 'card-lost' : 'card-stuck', error.code);
    if (!isGone && !(message.key === 'card' && notEditable.includes(error.code) && isOutdated(state))) throw error;
    await context.deliveries.setShown(state.id, message.key, postingMark(known));
    return false;
  }
}

/** A card that cannot be edited is posted anew when it has lost what people need: the buttons of a trouble, the end. */
const isOutdated = ({ messages, trouble, endedAt }: State): boolean => Math.max(trouble?.at ?? 0, endedAt ?? 0) > (messages.card?.at ?? 0);

/** Posts once: where an earlier post's end is not known, Slack is asked for the message first. False when it was dropped, or found as it was. */
async function post(context: Context, task: Task, lease: Lease): Promise<boolean> {
  const { state, message, known } = task;
  const channel = await channelOf(context, task);
  const thread = message.inThread ? state.messages.card?.ts : undefined;
  const key = { rollback: state.id, message: message.key };
  if (channel === undefined) return refusedPost(context, task, new SlackError('refused', 'channel_not_found', 0));
  if (task.isAstray && known) await context.slack.remove(known).catch(unlessRefused);
  try {
    const found = task.isUncertain ? await context.slack.find(channel, key, afterTs(task), thread) : undefined;
    if (!found && !(await lease.begin(message.key, postingMark(known)))) throw new LeaseLost();
    const posted = found ?? (await context.slack.post(channel, message, key, thread));
    await note(context, task, posted);
    if (found) await context.deliveries.setShown(state.id, message.key, ''); // it may say what was true when it was posted
    return !found;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return refusedPost(context, task, error);
  }
}

/** Notes where a message is. One of which the log knows already is the same, posted by a deliverer that was thought dead: one of the two goes. */
async function note(context: Context, { state, message, known }: Task, posted: Posted): Promise<void> {
  const noted = (await context.log.load(state.id))?.messages[message.key];
  if (noted && noted.ts !== known?.ts) {
    if (noted.ts !== posted.ts) await context.slack.remove(posted).catch(unlessRefused);
    return;
  }
  await context.log.observe(state.id, '', [{ type: 'message-posted', key: message.key, ...posted }]);
}

/** Where it is to be posted. What was there, or hangs on the card, stays where it is, whatever the channel is called by now. */
async function channelOf(context: Context, { state, message, known }: Task): Promise<string | undefined> {
  const there = message.inThread ? state.messages.card : known;
  return there?.channel ?? (await context.directory.destination(message.to));
}

/** After what it must have come, by Slack's own clock where that is known. */
function afterTs({ state, message, known }: Task): string {
  const earlier = message.inThread ? state.messages.card : known;
  return earlier?.ts ?? String((state.requestedAt - clocksDifferMs) / 1000);
}

/**
 * What Slack will never take as it is must not stop the rest: an announcement is dropped and the card says so. The card, and what
 * hangs on it, waits for somebody to mend the place.
 */
async function refusedPost(context: Context, task: Task, error: SlackError): Promise<false> {
  const { state, message } = task;
  context.logger.error({ rollback: state.id, message: message.key, to: message.to, slack: error.code }, 'Slack refuses a message');
  if (message.key === 'card') await context.deliveries.owe(state.id, task.known ? 'card-stuck' : 'card-refused', error.code);
  if (isThreadGone(task, error)) await context.deliveries.setShown(state.id, 'card', ''); // so that the card is looked at first
  if (message.key === 'card' || isThreadGone(task, error) || (message.inThread && placeRefused.includes(error.code))) throw error;
  await drop(context, task, error.code);
  return false;
}

/** Gives a message up for good; the card names it from then on. */
export async function drop(context: Context, { state, message }: Task, why: string): Promise<void> {
  await context.log.observe(state.id, '', [{ type: 'message-dropped', key: message.key, why: `${message.to}: ${why}` }]);
}

const isRefused = (error: unknown): error is SlackError => error instanceof SlackError && error.kind === 'refused';

function unlessRefused(error: unknown): void {
  if (!isRefused(error)) throw error;
}
