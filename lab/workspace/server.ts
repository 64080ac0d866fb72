import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Desk } from './acts/desk.ts';
import { type Api, answerApi, meetFault, sendJson } from './api.ts';
import { parseJson, readBody } from './body.ts';
import { follow } from './feed.ts';
import { sendFile } from './files.ts';
import { BOT } from './people/people.ts';
import type { ResponseUrls } from './responseurls.ts';
import { SlackError } from './slackerror.ts';
import { answerUi } from './ui.ts';

/** What the server serves. */
export interface Parts {
  api: Api;
  desk: Desk;
  urls: ResponseUrls;
}

async function answerResponseUrl(parts: Parts, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fault = parts.api.faults.take('response_url');
  const body = await readBody(request);
  if (meetFault(fault, response)) return;
  try {
    parts.urls.respond(key, parseJson(body));
    if (fault?.kind === 'drop-reply') request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    sendJson(response, ['used_url', 'expired_url', 'invalid_url'].includes(error.code) ? 404 : 400, error.body());
  }
}

const redirect = (response: ServerResponse, to: string): void => {
  response.writeHead(302, { location: to }).end();
};

// A permalink opens the page at that message: /archives/C0…/p1700000000000100?thread_ts=…
function permalink(response: ServerResponse, channel: string, digits: string, url: URL): void {
  const ts = digits.replace(/^p(\d+)(\d{6})$/, '$1.$2');
  redirect(response, `/#${new URLSearchParams({ channel, ts, thread: url.searchParams.get('thread_ts') ?? '' }).toString()}`);
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, first = '', second = '', third = ''] = url.pathname.split('/');
  const isForApp = first === 'api' || first === 'respond';
  if (isForApp && parts.api.faults.isDown) return sendJson(response, 503, { ok: false, error: 'service_unavailable' });
  if (first === 'api') return answerApi(parts.api, second, url, request, response);
  if (first === 'respond') return answerResponseUrl(parts, second, request, response);
  if (first === 'ui' && request.method === 'POST') return answerUi(parts.desk, second, request, response);
  if (first === 'ui') return answerFeed(parts, second, url, response);
  if (first === 'archives') return permalink(response, second, third, url);
  return sendFile(url.pathname === '/' ? 'index.html' : url.pathname.slice(1), response);
}

function answerFeed(parts: Parts, name: string, url: URL, response: ServerResponse): void {
  const { state, hub, commands } = parts.desk;
  const userId = url.searchParams.get('user') ?? '';
  const isKnown = state.people.has(userId) && userId !== BOT.userId;
  if (name === 'people') sendJson(response, 200, { people: [...state.people.values()] });
  else if (name !== 'events') sendJson(response, 404, { ok: false, error: 'unknown_act' });
  else if (isKnown) follow(state, userId, { connections: hub.count, commands }, response);
  else sendJson(response, 404, { ok: false, error: 'user_not_found' });
}

function broken(response: ServerResponse, error: unknown): void {
  const message = error instanceof SlackError ? error.code : `${error instanceof Error ? error.stack : String(error)}`;
  if (response.headersSent) response.destroy();
  else sendJson(response, error instanceof SlackError ? 400 : 500, { ok: false, error: message });
}

/** Starts serving the Web API, the response URLs, the socket and the page. */
export async function serve(parts: Parts, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    route(parts, request, response).catch((error: unknown) => broken(response, error));
  });
  server.on('upgrade', (request, socket, head) => {
    if (parts.api.faults.isDown) socket.destroy();
    else parts.desk.hub.upgrade(request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return server;
}

/** Where it listens. */
export const portOf = (server: Server): number => (server.address() as AddressInfo).port;
