import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Checks, lookAt } from './health.ts';
import type { Metrics } from './metrics.ts';

/** Where and what is served. */
export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly checks: Checks;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
}

/** The port for health and metrics cannot be had. */
export class HealthPortTaken extends Error {
  override name = 'HealthPortTaken';
  readonly advice = 'Bot and worker on one machine need a HEALTH_PORT each; leave it empty to serve none.';
}

/** Whoever asks is a machine nearby: it needs no longer, in milliseconds. */
const limits = { headersTimeout: 3000, requestTimeout: 5000, connectionsCheckingInterval: 1000 };

/**
 * Serves `/health` (200 or 503, and JSON that says how each part is) and `/metrics`, to whoever reaches that address: nothing in them is a secret or
 * a person's. Rejects with {@link HealthPortTaken}. Answers what ends it.
 */
export async function serveHealth({ host, port, checks, metrics }: HealthOptions): Promise<() => Promise<void>> {
  const answer = async ({ method = '', url = '' }: IncomingMessage): Promise<Answer> => {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, type: 'text/plain', text: usage };
    if (url === '/metrics') return { status: 200, type: metrics.contentType, text: await metrics.text() };
    if (url !== '/health') return { status: 404, type: 'text/plain', text: usage };
    const health = await lookAt(checks);
    return { status: health.ok ? 200 : 503, type: 'application/json', text: `${JSON.stringify(health, null, 2)}\n` };
  };
  const server = createServer(limits, (request, response) => {
    const broken: Answer = { status: 500, type: 'text/plain', text: 'this cannot be read just now\n' };
    void answer(request).then(
      (one) => send(response, one),
      () => send(response, broken),
    );
  });
  server.maxConnections = 50;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new HealthPortTaken(`HEALTH_PORT ${port} at ${host} cannot be had: ${cause.message}`, { cause })));
    server.listen(port, host, resolve);
  });
  return async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

const usage = 'GET /health or /metrics\n';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send(response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
