import { createServer } from 'node:net';

/** Below the range that Linux gives to outgoing connections, so that nobody takes one between our choice and its use. */
const FIRST = 20_000;
const COUNT = 12_000;
const taken = new Set<number>();

/** A port of 127.0.0.1 that is free now and was not handed out by this process before. A host keeps it over restarts, which a port chosen by the engine would not. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (taken.has(port)) continue;
    taken.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port between ${FIRST} and ${FIRST + COUNT} on 127.0.0.1`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
