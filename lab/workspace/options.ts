import type { Channel, Group, Person } from './model.ts';
import type { HubTimes } from './socket/hub.ts';

/** Where the app listens instead of connecting: its request URL, and the secret that requests are signed with. */
export interface RequestUrl {
  url: string;
  signingSecret: string;
}

/** How to start the workspace; everything has a default. */
export interface WorkspaceOptions {
  /** 0 chooses a free one. */
  port?: number;
  host?: string;
  /** Generated when absent. */
  tokens?: { bot: string; app: string };
  people?: readonly Person[];
  groups?: readonly Group[];
  channels?: readonly Channel[];
  /** The app's slash commands; `/rollback`. */
  commands?: readonly string[];
  /** The app's event subscriptions: app_mention, message.im, app_home_opened; message.channels only when asked for. */
  events?: readonly string[];
  /** The bot token's scopes. */
  scopes?: readonly string[];
  /** False: no rate limits. */
  rateLimits?: boolean;
  /** Times of Socket Mode in milliseconds. */
  times?: Partial<HubTimes>;
  /** HTTP instead of Socket Mode. */
  requestUrl?: RequestUrl;
  /** The clock of trigger ids, response URLs and rate limits, in milliseconds. */
  now?: () => number;
}

/** The scopes the product's app manifest asks for. */
export const DEFAULT_SCOPES: readonly string[] = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'im:history',
  'im:write',
  'pins:write',
  'reactions:write',
  'usergroups:read',
  'users:read',
  'users:read.email',
];

/** The events an app of this kind listens to. */
export const DEFAULT_EVENTS: readonly string[] = ['app_mention', 'message.im', 'app_home_opened'];
