import { App, LogLevel } from '@slack/bolt';
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

/** Connects to Slack through Socket Mode and listens. `stop` ends the connection. Rejects when Slack refuses the tokens. */
export async function startBot(context: BotContext, { botToken, appToken, apiUrl }: SlackOptions): Promise<{ stop(): Promise<void> }> {
  const app = new App({
    token: botToken,
    appToken,
    socketMode: true,
    logLevel: LogLevel.WARN,
    clientOptions: { slackApiUrl: apiUrl, timeout: 5000, retryConfig: { retries: 1 } },
  });
  app.error(async (error) => context.logger.error({ err: error }, 'a listener failed'));
  onCommand(app, context);
  onDecisions(app, context);
  onModals(app, context);
  onSubmissions(app, context);
  await app.start();
  return { stop: async () => void (await app.stop()) };
}
