import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

const TYPES: Record<string, string> = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
const folder = fileURLToPath(new URL('./page/', import.meta.url));

// Only our own files, nothing inline, nobody may frame the page: what a message says can never become script.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Sends a file of the page; anything that is not a plain name there is 404. */
export async function sendFile(name: string, response: ServerResponse): Promise<void> {
  const type = TYPES[/^[a-z-]+\.([a-z]+)$/.exec(name)?.[1] ?? ''];
  const content = type === undefined ? undefined : await readFile(folder + name).catch(() => undefined);
  if (type === undefined || content === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
    return;
  }
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(content);
}
