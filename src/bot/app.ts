import { App, LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { onDecisions } from './actions/decisions.ts';
import { onModals } from './actions/modals.ts';
import { onCommand } from './command.ts';
import type { BotContext } from './context.ts';
import { onSubmissions } from './views/submissions.ts';

/** How to reach Slack: tokens of the app, and the Web API's address (another one for a workspace on this machine). */
export interface SlackOptions {
  readonly botToken: string;
  readonly appToken: string;
  readonly apiUrl: string;
}

/**
 * How the address of a new connection is asked for: until Slack answers. A connection is opened anew every few hours, and when Slack is down at
 * that moment, giving up would end the whole process.
 */
const untilItAnswers = { forever: true, minTimeout: 500, maxTimeout: 5000, factor: 1.5 };

/** Connects to Slack through Socket Mode and listens. `stop` ends the connection. Rejects when Slack refuses the tokens. */
export async function startBot(context: BotContext, { botToken, appToken, apiUrl }: SlackOptions): Promise<{ stop(): Promise<void> }> {
  // A client that waits by itself after a 429 holds back all its other calls too, and a modal has to be opened within three seconds.
  const clientOptions = { slackApiUrl: apiUrl, timeout: 5000, retryConfig: { retries: 1 }, rejectRateLimitedCalls: true };
  const me = await new WebClient(botToken, clientOptions).auth.test(); // here, since a failure inside App's constructor ends the process
  const app = new App({
    authorize: async () => ({ botToken, botId: me.bot_id ?? '', botUserId: me.user_id ?? '' }),
    appToken,
    socketMode: true,
    logLevel: LogLevel.WARN,
    clientOptions,
    installerOptions: { clientOptions: { ...clientOptions, retryConfig: untilItAnswers, rejectRateLimitedCalls: false } }, // Bolt hands these to its socket
  });
  app.error(async (error) => context.logger.error({ err: error }, 'a listener failed'));
  onCommand(app, context);
  onDecisions(app, context);
  onModals(app, context);
  onSubmissions(app, context);
  await app.start();
  return { stop: async () => void (await app.stop()) };
}
