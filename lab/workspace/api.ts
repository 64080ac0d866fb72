import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Args } from './args.ts';
import { readArgs } from './body.ts';
import type { Fault, Faults } from './faults.ts';
import type { Context, Method } from './methods/method.ts';
import { METHODS } from './methods/table.ts';
import type { Json } from './model.ts';
import { SlackError } from './slackerror.ts';

/** What the Web API needs. */
export interface Api {
  context: Context;
  faults: Faults;
  tokens: { bot: string; app: string };
  scopes: readonly string[];
  /** Every call that was made, for tests. */
  calls: ApiCall[];
}

/** One call of the Web API as it was answered. */
export interface ApiCall {
  method: string;
  args: Json;
  error: string | undefined;
  atMs: number;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers a fault that stops the call before it is done; true when it did. `drop-reply` lets the call through. */
export function meetFault(fault: Fault | undefined, response: ServerResponse): boolean {
  switch (fault?.kind) {
    case 'ratelimited':
      sendJson(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(fault.retryAfterS) });
      return true;
    case 'http500':
      sendJson(response, 500, { ok: false, error: 'internal_error' });
      return true;
    case 'error':
      sendJson(response, 200, { ok: false, error: fault.code });
      return true;
    default:
      return fault?.kind === 'hang';
  }
}

/** Answers one call of `/api/<method>`. */
export async function answerApi(api: Api, name: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call: ApiCall = { method: name, args: {}, error: undefined, atMs: Date.now() };
  api.calls.push(call);
  try {
    call.args = await readArgs(request, url);
    const fault = api.faults.take(name, call.args.channel);
    if (fault?.kind === 'late') await delay(fault.afterMs, undefined, { ref: false });
    if (meetFault(fault, response)) return;
    const body = { ok: true, ...run(api, name, call.args, tokenOf(request, call.args)) };
    if (fault?.kind === 'drop-reply') request.socket.destroy();
    else sendJson(response, 200, body, scopeHeaders(api));
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    call.error = error.code;
    const retry: Record<string, string> = error.retryAfterS === undefined ? {} : { 'retry-after': String(error.retryAfterS) };
    sendJson(response, error.retryAfterS === undefined ? 200 : 429, error.body(), { ...scopeHeaders(api), ...retry });
  } finally {
    delete call.args.token;
  }
}

const scopeHeaders = (api: Api): Record<string, string> => ({ 'x-oauth-scopes': api.scopes.join(',') });

function tokenOf(request: IncomingMessage, args: Json): string | undefined {
  const header = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return header ?? (typeof args.token === 'string' ? args.token : undefined);
}

function run(api: Api, name: string, args: Json, token: string | undefined): Json {
  const method = METHODS.get(name);
  if (!method) throw new SlackError('unknown_method', { req_method: name });
  authorize(api, method, token);
  api.context.rateLimits?.take(name, method.perMinute, method.perMinute);
  return method.run(new Args(args), api.context);
}

function authorize(api: Api, method: Method, token: string | undefined): void {
  if (token === undefined || token === '') throw new SlackError('not_authed');
  if (token !== api.tokens.bot && token !== api.tokens.app) throw new SlackError('invalid_auth');
  if (token !== api.tokens[method.token]) throw new SlackError('not_allowed_token_type');
  // connections:write belongs to the app token, which has it.
  if (method.token === 'bot' && method.scope !== undefined && !api.scopes.includes(method.scope)) {
    throw new SlackError('missing_scope', { needed: method.scope, provided: api.scopes.join(',') });
  }
}
