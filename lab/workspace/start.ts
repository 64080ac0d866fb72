import type { Desk } from './acts/desk.ts';
import type { Api } from './api.ts';
import { Driver } from './driver.ts';
import { Faults } from './faults.ts';
import { HttpDelivery } from './http/delivery.ts';
import { newSecret } from './ids.ts';
import { DEFAULT_EVENTS, DEFAULT_SCOPES, type WorkspaceOptions } from './options.ts';
import { DEFAULT_CHANNELS, DEFAULT_GROUPS } from './people/channels.ts';
import { BOT_PERSON, DEFAULT_PEOPLE } from './people/people.ts';
import { RateLimits } from './ratelimits.ts';
import { ResponseUrls } from './responseurls.ts';
import { portOf, serve } from './server.ts';
import { DEFAULT_TIMES, SocketHub } from './socket/hub.ts';
import { State } from './state.ts';
import { Triggers } from './triggers.ts';

/** A running workspace: its addresses and tokens for the app, and everything a test does in it. */
export interface Workspace extends Driver {
  /** The page's address. */
  readonly url: string;
  /** What SLACK_API_URL must be: ends in `/api/`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  /** Breaks the next calls on purpose. */
  readonly faults: Faults;
  /** The app's connections: duplicateNext, replay, refresh, cut, count, envelopes. */
  readonly sockets: SocketHub;
  /** Every signed request to the app's request URL. */
  readonly requests: HttpDelivery['requests'];
  /** Ends the server and every connection. */
  stop(): Promise<void>;
}

/** Starts a local Slack workspace: Web API, Socket Mode and a page to use it by hand. Everything is kept in memory. */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const host = options.host ?? '127.0.0.1';
  let origin = '';
  const http = options.requestUrl && new HttpDelivery(options.requestUrl, options.times?.ackMs);
  const desk = deskOf(options, () => origin, http);
  const api = apiOf(options, desk);
  const server = await serve({ api, desk, urls: desk.urls }, host, options.port ?? 0);
  origin = `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`;
  const stop = async (): Promise<void> => {
    desk.hub.stop();
    http?.stop();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return Object.assign(new Driver(desk, api.calls), {
    url: `${origin}/`,
    apiUrl: `${origin}/api/`,
    botToken: api.tokens.bot,
    appToken: api.tokens.app,
    faults: api.faults,
    sockets: desk.hub,
    requests: http?.requests ?? [],
    stop,
  });
}

function deskOf(options: WorkspaceOptions, origin: () => string, http: HttpDelivery | undefined): Desk {
  const people = [...(options.people ?? DEFAULT_PEOPLE), BOT_PERSON];
  const state = new State(people, options.groups ?? DEFAULT_GROUPS, options.channels ?? DEFAULT_CHANNELS);
  const hub = new SocketHub({ ...DEFAULT_TIMES, ...options.times }, (count) => state.tell({ kind: 'connections', count }));
  return {
    state,
    hub,
    app: http ?? hub,
    triggers: new Triggers(options.now),
    urls: new ResponseUrls(state, options.now),
    origin,
    commands: options.commands ?? ['/rollback'],
    events: options.events ?? DEFAULT_EVENTS,
    suggested: new Map(),
  };
}

function apiOf(options: WorkspaceOptions, desk: Desk): Api {
  const { state, triggers, hub, origin } = desk;
  return {
    context: {
      state,
      triggers,
      rateLimits: options.rateLimits === false ? undefined : new RateLimits(options.now),
      openSocket: () => `${origin().replace('http', 'ws')}/link/?ticket=${hub.ticket()}&app_id=local`,
      origin,
    },
    faults: new Faults((isOut) => {
      if (isOut) hub.cut();
    }),
    tokens: options.tokens ?? { bot: `xoxb-lab-${newSecret(12)}`, app: `xapp-lab-${newSecret(12)}` },
    scopes: options.scopes ?? DEFAULT_SCOPES,
    calls: [],
  };
}
