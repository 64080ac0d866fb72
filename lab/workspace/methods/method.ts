import type { Args } from '../args.ts';
import type { Json } from '../model.ts';
import type { RateLimits } from '../ratelimits.ts';
import type { State } from '../state.ts';
import type { Triggers } from '../triggers.ts';

/** What a method may use. */
export interface Context {
  state: State;
  triggers: Triggers;
  rateLimits: RateLimits | undefined;
  /** A fresh one-time address of the socket. */
  openSocket(): string;
  /** The address of the page, without a slash at its end. */
  origin(): string;
}

/** One Web API method: the token and scope it wants, its calls per minute, and what it does. `run` throws SlackError to refuse. */
export interface Method {
  token: 'bot' | 'app';
  scope?: string;
  perMinute: number;
  run(args: Args, context: Context): Json;
}

/** Slack's tiers in calls a minute. https://docs.slack.dev/apis/web-api/rate-limits */
export const TIER = { one: 1, two: 20, three: 50, four: 100, special: 600 } as const;
