import type { Logger } from 'pino';
import type { StatusContext } from '../commands/status.ts';
import type { UnlockContext } from '../commands/unlock.ts';
import type { Actor } from '../domain/event.ts';

/** What the listeners work with. Put together in main.ts. */
export interface BotContext extends UnlockContext, StatusContext {
  readonly logger: Logger;
}

/** The person behind a Slack user id. */
export async function actorOf(context: BotContext, userId: string): Promise<Actor> {
  return { id: userId, name: await context.directory.nameOf(userId), via: 'slack' };
}
