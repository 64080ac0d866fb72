import type { Logger } from 'pino';
import type { StatusContext } from '../commands/status.ts';
import type { UnlockContext } from '../commands/unlock.ts';
import type { Actor } from '../domain/event.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import type { Journal } from '../store/journal.ts';
import type { Rates } from '../store/rates.ts';

/** What the listeners work with. Put together in main.ts. */
export interface BotContext extends UnlockContext, StatusContext {
  readonly logger: Logger;
  /** Has every refusal. */
  readonly journal: Pick<Journal, 'note'>;
  /** How much each person may do in a minute. */
  readonly rates: Rates;
  /** Hears of every refusal, for the metrics. */
  onRefusal(code: RefusalCode): void;
}

/** The person behind a Slack user id. */
export async function actorOf(context: BotContext, userId: string): Promise<Actor> {
  return { id: userId, name: await context.directory.nameOf(userId), via: 'slack' };
}
