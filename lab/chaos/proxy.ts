import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../hosts/ports.ts';

/** The network between the bot and one host, which can be cut. */
export interface HostProxy {
  readonly port: number;
  /** Every connection ends at once, and new ones are refused until {@link mend}. */
  cut(): void;
  /** Nothing gets through in either direction, and nobody is told; connections stay open until {@link mend}. */
  silence(): void;
  mend(): void;
  stop(): Promise<void>;
}

/** Passes what arrives at a port of its own on to `targetPort`, both on 127.0.0.1. */
export async function startProxy(targetPort: number): Promise<HostProxy> {
  const pairs = new Set<Pair>();
  let state: 'open' | 'cut' | 'silent' = 'open';
  const server = createServer({ noDelay: true }, (client) => {
    if (state === 'cut') return void client.destroy();
    const pair = new Pair(client, targetPort, () => pairs.delete(pair));
    pairs.add(pair);
    if (state === 'silent') pair.hold();
  });
  const port = await listening(server);
  const become = (next: typeof state): void => {
    state = next;
    for (const pair of [...pairs]) next === 'cut' ? pair.end() : next === 'silent' ? pair.hold() : pair.go();
  };
  return {
    port,
    cut: () => become('cut'),
    silence: () => become('silent'),
    mend: () => become('open'),
    stop: async () => {
      become('cut');
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listening(server: Server): Promise<number> {
  const port = await freePort();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve()));
  return port;
}

/** A connection and the one it is passed on to. */
class Pair {
  readonly #sockets: readonly Socket[];

  constructor(client: Socket, targetPort: number, gone: () => void) {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    this.#sockets = [client, target];
    client.pipe(target).pipe(client);
    for (const socket of this.#sockets) {
      socket.on('error', () => undefined); // its close follows
      socket.on('close', () => {
        this.end();
        gone();
      });
    }
  }

  /** Nothing is read any more, so nothing is passed on: what was sent waits, as packets that are sent again would. */
  hold(): void {
    const [client, target] = this.#sockets;
    if (client && target) client.unpipe(target).pause();
    if (client && target) target.unpipe(client).pause();
  }

  go(): void {
    const [client, target] = this.#sockets;
    if (client && target) client.pipe(target).pipe(client);
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
