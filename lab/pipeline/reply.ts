import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a handler answers: a status with a JSON body, text, bytes, or nothing; or `lost`, where the connection breaks instead. */
export interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lost?: boolean;
}

/** GitHub's shape of an error. */
export function failure(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, json: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

/** Sends a reply, with these headers besides its own. */
export function send(response: ServerResponse, reply: Reply, headers: Readonly<Record<string, string>>): void {
  if (reply.lost) return void response.destroy();
  const body = reply.bytes ?? Buffer.from(reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)));
  const type = reply.bytes ? 'application/zip' : reply.text === undefined ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
  const content = body.length > 0 ? { 'content-type': type } : {};
  response.writeHead(reply.status, { ...headers, ...content, ...reply.headers, ...(reply.status === 204 ? {} : { 'content-length': body.length }) });
  response.end(body);
}

/** The request's body as a JSON object; undefined when it is none. An empty body is an empty object. */
export async function jsonBody(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
