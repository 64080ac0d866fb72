import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { verifySlackRequest } from '@slack/bolt';

/** Why a request is not Slack's, and the status it is answered with. */
export interface TurnedAway {
  readonly status: 400 | 401 | 404 | 405 | 408 | 409 | 413 | 415;
  readonly why: string;
}

/** A request that may be handed on: its body, byte for byte. */
export interface LetIn {
  readonly body: Buffer;
}

/** What a request must keep to. Times in milliseconds. */
export interface GateOptions {
  readonly path: string;
  readonly signingSecret: string;
  readonly maxBodyBytes: number;
  /** For how long a body may take from its first to its last byte. */
  readonly bodyWithinMs: number;
  /** False for a signature that came before. */
  isFirst(signature: string): Promise<boolean>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Slack's rule, for both directions: Bolt's own check lets a time stamp be in the future. */
const stampWithinS = 300;

const form = 'application/x-www-form-urlencoded';
const json = 'application/json';

/**
 * Looks at everything about a request before Bolt does: cheap things first, and nothing is done for what is not signed. What is wrong is named without a
 * word of the body.
 */
export async function admit(request: IncomingMessage, options: GateOptions): Promise<LetIn | TurnedAway> {
  const wrong = wrongAtSight(request, options);
  if (wrong) return wrong;
  const body = await bodyOf(request, options);
  if ('status' in body) return body;
  const type = request.headers['content-type'] ?? '';
  if (type === form && isSslCheck(body)) return { body }; // unsigned by Slack; Bolt answers it, and does nothing
  const unsigned = wrongSignature(request, body, options);
  if (unsigned) return unsigned;
  if (!isReadable(type, body)) return { status: 400, why: 'a body that is not what its content type says' };
  if (!(await options.isFirst(headerOf(request, 'x-slack-signature')))) return { status: 409, why: 'a request that came before' };
  return { body };
}

function wrongAtSight(request: IncomingMessage, { path, maxBodyBytes }: GateOptions): TurnedAway | undefined {
  if (pathOf(request) !== path) return { status: 404, why: 'another path' };
  if (request.method !== 'POST') return { status: 405, why: 'not a POST' };
  const type = request.headers['content-type'];
  if (type !== form && type !== json) return { status: 415, why: 'another content type' };
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return { status: 413, why: 'a body that is too large' };
  return undefined;
}

/** The path of a request, without what follows a question mark; empty where it is none. */
export const pathOf = ({ url = '' }: IncomingMessage): string => (url.startsWith('/') ? (url.split('?', 1)[0] ?? '') : '');

/** Reads the whole body within its limits, whatever its length was said to be. */
function bodyOf(request: IncomingMessage, { maxBodyBytes, bodyWithinMs }: GateOptions): Promise<Buffer | TurnedAway> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (result: Buffer | TurnedAway): void => {
      clearTimeout(late);
      request.off('data', take);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) end({ status: 413, why: 'a body that is too large' });
      else chunks.push(chunk);
    };
    const late = setTimeout(() => end({ status: 408, why: 'a body that takes too long' }), bodyWithinMs);
    request.on('data', take);
    request.once('end', () => end(Buffer.concat(chunks)));
    for (const event of ['close', 'error']) request.once(event, () => end({ status: 400, why: 'a body that broke off' }));
  });
}

const isSslCheck = (body: Buffer): boolean => parse(body.toString()).ssl_check === '1';

/** Bolt's own check compares in constant time; it throws with the reason. */
function wrongSignature(request: IncomingMessage, body: Buffer, { signingSecret, now }: GateOptions): TurnedAway | undefined {
  const signature = headerOf(request, 'x-slack-signature');
  const stamp = headerOf(request, 'x-slack-request-timestamp');
  if (signature === '' || stamp === '') return { status: 401, why: 'no signature' };
  if (!/^\d{1,12}$/.test(stamp)) return { status: 401, why: 'a time stamp that is none' };
  if (Math.abs(now() / 1000 - Number(stamp)) > stampWithinS) return { status: 401, why: 'a time stamp more than five minutes off' };
  try {
    const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(stamp) };
    verifySlackRequest({ signingSecret, body: body.toString(), headers, nowMilliseconds: now() });
    return undefined;
  } catch {
    return { status: 401, why: 'a signature that is not right' };
  }
}

/** Bolt would put the beginning of what it cannot read into the log. */
function isReadable(type: string, body: Buffer): boolean {
  const { payload } = type === form ? parse(body.toString()) : { payload: body.toString() };
  if (payload === undefined) return true; // a command: plain fields
  try {
    const read: unknown = JSON.parse(String(payload));
    return typeof read === 'object' && read !== null;
  } catch {
    return false;
  }
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
