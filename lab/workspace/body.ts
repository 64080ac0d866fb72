import type { IncomingMessage } from 'node:http';
import { isObject } from './blockkit/schema.ts';
import type { Json } from './model.ts';
import { SlackError } from './slackerror.ts';

const MAX_BODY_BYTES = 2_000_000;

/** The raw body of a request. @throws SlackError request_too_large beyond 2 MB */
export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new SlackError('request_too_large');
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Parses a JSON object. @throws SlackError invalid_json */
export function parseJson(body: string): Json {
  try {
    const value: unknown = body === '' ? {} : JSON.parse(body);
    if (isObject(value)) return value;
  } catch {
    // Falls through to the one answer for everything that is not an object.
  }
  throw new SlackError('invalid_json');
}

/** The arguments of an API call: the query, and the body as form or JSON. @throws SlackError invalid_post_type, invalid_json */
export async function readArgs(request: IncomingMessage, url: URL): Promise<Json> {
  const query: Json = Object.fromEntries(url.searchParams);
  const body = await readBody(request);
  if (body === '') return query;
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return { ...query, ...parseJson(body) };
  if (type === 'application/x-www-form-urlencoded') return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
  throw new SlackError(type === '' ? 'missing_post_type' : 'invalid_post_type');
}
