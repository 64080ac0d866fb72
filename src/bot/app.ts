import { App } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { Replays } from '../store/replays.ts';
import { onDecisions } from './actions/decisions.ts';
import { onModals } from './actions/modals.ts';
import { boltLogger } from './bolt-logger.ts';
import { onCommand } from './command.ts';
import type { BotContext } from './context.ts';
import type { Hearing, Inbound } from './hearing.ts';
import { openHttp } from './http.ts';
import { openSocket } from './socket.ts';
import { onSubmissions } from './views/submissions.ts';

/** How to reach Slack: the app's token, the Web API's address (another one for a workspace on this machine), and how Slack reaches us. */
export interface SlackOptions {
  readonly botToken: string;
  readonly apiUrl: string;
  /** Socket Mode where there is an app-level token; else Slack's requests come to the port. */
  readonly inbound: { readonly appToken: string } | { readonly signingSecret: string; readonly port: number };
  /** Of HTTP mode: which requests came already. */
  readonly replays: Replays;
  /** Hears of every request that was not Slack's, with the status it was answered with. */
  onTurnedAway(status: number): void;
  /** Hears of every answer of Slack's that we ask too much. */
  onRateLimited(): void;
}

/** A bot that listens. */
export interface Bot {
  /** Whether Slack reaches it; `now` in milliseconds since 1970. */
  hearing(now: number): Hearing;
  /** Ends the connection, or the server. */
  stop(): Promise<void>;
}

/**
 * How the address of a new connection is asked for: until Slack answers. A connection is opened anew every few hours, and when Slack is down at
 * that moment, giving up would end the whole process.
 */
const untilItAnswers = { forever: true, minTimeout: 500, maxTimeout: 5000, factor: 1.5 };

/** Connects to Slack, or listens for it, and does what people ask. Rejects when Slack refuses the tokens, or the port cannot be had. */
export async function startBot(context: BotContext, options: SlackOptions): Promise<Bot> {
  const { botToken } = options;
  const clientOptions = clientOptionsOf(options);
  const me = await new WebClient(botToken, clientOptions).auth.test(); // here, since a failure inside App's constructor ends the process
  const inbound = open(context, options, clientOptions);
  const app = new App({
    authorize: async () => ({ botToken, botId: me.bot_id ?? '', botUserId: me.user_id ?? '' }),
    receiver: inbound.receiver,
    logger: boltLogger(context.logger),
    clientOptions,
  });
  app.error(async (error) => context.logger.error({ err: error }, 'a listener failed'));
  onCommand(app, context);
  onDecisions(app, context);
  onModals(app, context);
  onSubmissions(app, context);
  await inbound.start();
  return { hearing: inbound.hearing, stop: inbound.stop };
}

/** A client that waits by itself after a 429 holds back all its other calls too, and a modal has to be opened within three seconds. */
function clientOptionsOf({ apiUrl, onRateLimited }: SlackOptions): WebClientOptions {
  const counted: WebClientOptions['fetch'] = async (url, init) => {
    const response = await fetch(url, init);
    if (response.status === 429) onRateLimited();
    return response;
  };
  return { slackApiUrl: apiUrl, timeout: 5000, retryConfig: { retries: 1 }, rejectRateLimitedCalls: true, fetch: counted };
}

function open({ logger, now }: BotContext, { inbound, replays, onTurnedAway }: SlackOptions, clientOptions: WebClientOptions): Inbound {
  if ('appToken' in inbound)
    return openSocket({
      appToken: inbound.appToken,
      logger: boltLogger(logger),
      clientOptions: { ...clientOptions, retryConfig: untilItAnswers, rejectRateLimitedCalls: false },
      now,
    });
  return openHttp({
    ...inbound,
    logger,
    boltLogger: boltLogger(logger),
    isFirst: (signature) => replays.isFirst(signature),
    onTurnedAway,
    now,
  });
}
