import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { isObject } from '../blockkit/schema.ts';
import { newSecret } from '../ids.ts';
import type { Json } from '../model.ts';
import { BOT } from '../people/people.ts';
import { DeliveryError, type Envelope, type EnvelopeType, envelope, wire } from './envelope.ts';

/** Times of Socket Mode, in milliseconds. */
export interface HubTimes {
  /** A person sees operation_timeout when nobody acknowledged within this. Slack: 3,000. */
  ackMs: number;
  /** An envelope still unacknowledged after this is sent once more. */
  redeliverMs: number;
  /** How often a connection is pinged. */
  pingMs: number;
}

/** Slack's times, and a redelivery soon enough to be met in tests. */
export const DEFAULT_TIMES: HubTimes = { ackMs: 3000, redeliverMs: 5000, pingMs: 10_000 };

interface Waiting {
  envelope: Envelope;
  resolve(payload: Json): void;
  timers: NodeJS.Timeout[];
}

/** The app's side of Socket Mode: connections, envelopes, acknowledgements. Each envelope goes to one connection, in turn. */
export class SocketHub {
  /** Every envelope sent so far, the oldest first. */
  readonly envelopes: Envelope[] = [];
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly tickets = new Set<string>();
  private readonly connections: WebSocket[] = [];
  private readonly waiting = new Map<string, Waiting>();
  private readonly times: HubTimes;
  private readonly onCount: (count: number) => void;
  private readonly pinger: NodeJS.Timeout;
  private turn = 0;
  private duplicates = 0;

  constructor(times: HubTimes, onCount: (count: number) => void) {
    this.times = times;
    this.onCount = onCount;
    this.pinger = setInterval(() => this.connections.forEach((one) => void one.ping('Ping')), times.pingMs);
  }

  /** A ticket that opens one connection, once. */
  ticket(): string {
    const ticket = newSecret();
    this.tickets.add(ticket);
    return ticket;
  }

  /** Takes an HTTP upgrade; without an unused ticket the socket is closed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    if (!this.tickets.delete(ticket)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.server.handleUpgrade(request, socket, head, (connection) => this.welcome(connection));
  }

  /** How many connections are open. */
  get count(): number {
    return this.connections.length;
  }

  /** Sends an envelope and gives what was acknowledged with it. @throws DeliveryError dispatch_failed, operation_timeout */
  deliver(type: EnvelopeType, payload: Json): Promise<Json> {
    const one = envelope(type, payload);
    this.envelopes.push(one);
    if (!this.send(one)) return Promise.reject(new DeliveryError('dispatch_failed'));
    if (this.duplicates > 0) {
      this.duplicates -= 1;
      this.send(one);
    }
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new DeliveryError('operation_timeout')), this.times.ackMs);
      const again = setTimeout(() => this.send(one), this.times.redeliverMs);
      this.waiting.set(one.id, { envelope: one, resolve, timers: [late, again] });
    });
  }

  /** The next `count` envelopes arrive twice, on two connections where there are two. */
  duplicateNext(count = 1): void {
    this.duplicates += count;
  }

  /** Sends an envelope again that was sent before, whether or not it was acknowledged. */
  replay(one: Envelope): void {
    this.send(one);
  }

  /** Asks every connection (or the first) to go, as Slack does every few hours: `disconnect` with reason refresh_requested. */
  refresh(which: 'all' | 'first' = 'all'): void {
    const leaving = which === 'all' ? [...this.connections] : this.connections.slice(0, 1);
    for (const connection of leaving) {
      this.drop(connection);
      connection.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'local-workspace' } }));
    }
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const connection of this.server.clients) connection.terminate();
  }

  /** Ends everything. */
  stop(): void {
    clearInterval(this.pinger);
    for (const { timers } of this.waiting.values()) timers.forEach(clearTimeout);
    this.cut();
    this.server.close();
  }

  private welcome(connection: WebSocket): void {
    this.connections.push(connection);
    connection.on('message', (data) => this.acknowledge(String(data)));
    connection.on('close', () => this.drop(connection));
    connection.on('error', () => this.drop(connection));
    const debug = { host: 'local-workspace', started: new Date().toISOString(), build_number: 1, approximate_connection_time: 18_060 };
    connection.send(JSON.stringify({ type: 'hello', num_connections: this.count, debug_info: debug, connection_info: { app_id: BOT.appId } }));
    this.onCount(this.count);
  }

  private drop(connection: WebSocket): void {
    const index = this.connections.indexOf(connection);
    if (index < 0) return;
    this.connections.splice(index, 1);
    this.onCount(this.count);
  }

  private send(one: Envelope): boolean {
    const open = this.connections.filter((connection) => connection.readyState === WebSocket.OPEN);
    const chosen = open[this.turn++ % Math.max(1, open.length)];
    if (!chosen) return false;
    one.sends += 1;
    chosen.send(wire(one));
    return true;
  }

  private acknowledge(data: string): void {
    const message = parse(data);
    const found = this.waiting.get(String(message.envelope_id));
    if (!found) return;
    this.waiting.delete(found.envelope.id);
    found.timers.forEach(clearTimeout);
    found.envelope.ackedAfterMs = Date.now() - found.envelope.sentAtMs;
    found.resolve(isObject(message.payload) ? message.payload : {});
  }
}

function parse(data: string): Json {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
