import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Logger as BoltLogger, HTTPReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { admit, type GateOptions, pathOf, type TurnedAway } from './gate.ts';
import { type Inbound, lastHeard } from './hearing.ts';

/** The one path that Slack's request URLs name. */
export const slackPath = '/slack/events';

/** What Slack sends is far smaller: a click brings its whole message along, at most some 500 kB. */
const maxBodyBytes = 1024 * 1024;
/** Slack takes an answer within three seconds: what comes slower is too late anyway. */
const within = { bodyMs: 3000, headersMs: 3000, requestMs: 8000 } as const;
/** Slack sends some requests at a time. What is held open beyond that, each with its body, is somebody else's. */
const maxConnections = 200;
/** How long requests under way may take when the bot is stopped, in milliseconds. */
const stopWithinMs = 2000;

/** How to listen: the secret that Slack signs with, and the port. */
export interface HttpOptions {
  readonly signingSecret: string;
  readonly port: number;
  readonly logger: Logger;
  readonly boltLogger: BoltLogger;
  readonly isFirst: GateOptions['isFirst'];
  /** Hears of every request that was turned away. */
  onTurnedAway(status: number): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** HTTP mode: Slack sends signed requests to our port, through somebody's proxy that speaks TLS. What is not Slack's does not reach Bolt. */
export function openHttp(options: HttpOptions): Inbound {
  const { signingSecret, boltLogger, port, now } = options;
  const receiver = new HTTPReceiver({ signingSecret, logger: boltLogger, endpoints: slackPath, bodyLimit: maxBodyBytes });
  const gate: GateOptions = { ...options, path: slackPath, maxBodyBytes, bodyWithinMs: within.bodyMs };
  let lastAt: number | undefined;
  const server = createServer(
    { headersTimeout: within.headersMs, requestTimeout: within.requestMs, connectionsCheckingInterval: 500 },
    (request, response) => void take(request, response).catch((error: Error) => failed(options, response, error)),
  );
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const seen = await admit(request, gate);
    if ('status' in seen) return turnAway(options, request, response, seen);
    lastAt = now();
    receiver.requestListener(Object.assign(request, { rawBody: seen.body }), response); // Bolt does not read again what it finds there
  };
  server.maxConnections = maxConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => broken(options, error, socket));
  return {
    receiver,
    start: () => listen(server, port),
    stop: () => close(server),
    hearing: (at) => ({
      ok: server.listening,
      says: `${server.listening ? 'listens for' : 'does not listen for'} Slack on port ${port}; ${lastHeard(lastAt, at)}`,
      ...(lastAt === undefined ? {} : { lastAt }),
    }),
  };
}

/** One line in the log, with nothing of the body and no query: those may hold secrets. */
function turnAway({ logger, onTurnedAway }: HttpOptions, request: IncomingMessage, response: ServerResponse, { status, why }: TurnedAway): void {
  const { method, socket } = request;
  logger.warn({ status, why, method, path: pathOf(request).slice(0, 80), from: socket.remoteAddress }, 'a request was turned away');
  onTurnedAway(status);
  if (response.destroyed) return;
  response.writeHead(status, { connection: 'close', ...(status === 405 ? { allow: 'POST' } : {}) }).end();
}

/** One bad request must not end the process. */
function failed({ logger }: HttpOptions, response: ServerResponse, error: Error): void {
  logger.error({ err: error }, 'a request could not be looked at');
  if (!response.headersSent) response.writeHead(500, { connection: 'close' }).end();
}

/** What is no HTTP, or does not come to an end in time. */
function broken({ logger, onTurnedAway }: HttpOptions, { code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  if (socket.writable && code !== 'ECONNRESET') {
    logger.warn({ status, why: code }, 'a request was turned away');
    onTurnedAway(status);
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  socket.destroy();
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), stopWithinMs);
  await closed;
  clearTimeout(late);
}
