import { setTimeout as delay } from 'node:timers/promises';
import type { RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Refusal } from '../domain/refusal.ts';
import type { Who } from '../store/journal.ts';
import { UncertainError } from '../store/log.ts';
import { refusalReply } from '../templates/replies.ts';
import type { BotContext } from './context.ts';
import { type Acted, notAsked, tooMany } from './limit.ts';

/** Says something to the one person who acted. */
export type Say = (text: string) => Promise<unknown>;

/** Says it where the person acted, and to nobody else. */
export const privately =
  (respond: RespondFn): Say =>
  (text) =>
    respond({ response_type: 'ephemeral', replace_original: false, text });

/** How often a direct answer is tried when Slack says that it comes too soon. */
const directTries = 5;

/** A click in a modal has no response URL: the person is answered in a direct message, as soon as Slack takes it. */
export const toPerson =
  (client: WebClient, userId: string): Say =>
  async (text) => {
    for (let tries = 1; ; tries++) {
      try {
        return await client.chat.postMessage({ channel: userId, text });
      } catch (error) {
        const { retryAfter } = error as { readonly retryAfter?: number };
        if (retryAfter === undefined || tries === directTries) throw error;
        await delay(retryAfter * 1000, undefined, { ref: false });
      }
    }
  };

/** What is said when we fail: whether anything was done, and what to do. */
const nothingDone =
  'rollback-bot could not do that just now: its Redis, its repository or Slack does not answer. Nothing was changed. Try again in a moment; if it stays so, look at the log of the bot.';
const perhapsDone =
  'rollback-bot lost its Redis while it wrote that down and does not know whether it was done. Look at the card, or at /rollback status, before you try again.';

/** Runs a listener's work after the acknowledgement, and tells the person when it is refused or fails. */
export async function answered(context: BotContext, acted: Acted, say: Say, work: () => Promise<string | Refusal | undefined>): Promise<void> {
  try {
    const answer = (await tooMany(context.rates, acted)) ?? (await work());
    if (typeof answer === 'object') await refused(context, acted, answer);
    if (answer !== undefined) await say(typeof answer === 'string' ? answer : refusalReply(answer));
  } catch (error) {
    context.logger.error({ err: error, ...acted }, 'a listener failed');
    const message = error instanceof Error ? error.name : 'unknown'; // its text may hold more than people should read
    void context.journal.note({ type: 'refused', ...whoAndWhat(acted), code: 'failed', message });
    await say(error instanceof UncertainError ? perhapsDone : nothingDone);
  }
}

async function refused({ rates, onRefusal, journal }: BotContext, acted: Acted, { code, message }: Refusal): Promise<void> {
  onRefusal(code);
  if (code === 'too-many') return; // who presses without end must not fill the journal; the metrics count it
  void journal.note({ type: 'refused', ...whoAndWhat(acted), code, message }); // nobody waits for it
  await notAsked(rates, acted);
}

/** What names a rollback: a button, a modal, and the commands that are about one. */
const namesRollback = /^(?:\/rollback +(?:stop|undo) +|[a-z][\w-]* )(\S+-\d+)$/i;

function whoAndWhat({ userId, what }: Acted): { by: Who; what: string; rollback?: string } {
  const rollback = namesRollback.exec(what)?.[1];
  return { by: { id: userId, via: 'slack' }, what, ...(rollback === undefined ? {} : { rollback }) };
}
