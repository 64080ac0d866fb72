import type { RespondFn } from '@slack/bolt';
import type { Refusal } from '../domain/refusal.ts';
import { refusalReply } from '../templates/replies.ts';
import type { BotContext } from './context.ts';

/** Says something to the one person who acted. */
export type Say = (text: string) => Promise<unknown>;

/** Says it where the person acted, and to nobody else. */
export const privately =
  (respond: RespondFn): Say =>
  (text) =>
    respond({ response_type: 'ephemeral', replace_original: false, text });

/** What is said when we fail: the person must know that nothing was done, and what to try. */
const ourFailure =
  'That did not work: rollback-bot cannot reach its Redis or its repository just now. Nothing was changed. Try again in a moment; if it stays so, look at the log of the bot.';

/** Runs a listener's work after the acknowledgement, and tells the person when it fails. */
export async function answered(context: BotContext, say: Say, work: () => Promise<string | Refusal | undefined>): Promise<void> {
  try {
    const answer = await work();
    if (answer !== undefined) await say(typeof answer === 'string' ? answer : refusalReply(answer));
  } catch (error) {
    context.logger.error({ err: error }, 'a listener failed');
    await say(ourFailure);
  }
}
