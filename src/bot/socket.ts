import { type Logger as BoltLogger, SocketModeReceiver, type SocketModeReceiverOptions } from '@slack/bolt';
import { ago, type Inbound, lastHeard } from './hearing.ts';

type InstallerOptions = NonNullable<SocketModeReceiverOptions['installerOptions']>;

/** How to connect: the app-level token, and how the address of each connection is asked for. */
export interface SocketOptions {
  readonly appToken: string;
  readonly logger: BoltLogger;
  readonly clientOptions: NonNullable<InstallerOptions['clientOptions']>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Slack asks for a new connection every few hours, and opening it takes about five seconds: for so long nobody has to be alarmed, in milliseconds. */
const reconnectMs = 15_000;

/** Socket Mode: the bot connects to Slack. A connection on which Slack falls silent is closed by Slack's own client within 30 s, by its pings. */
export function openSocket({ appToken, logger, clientOptions, now }: SocketOptions): Inbound {
  const receiver = new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions } });
  const { client } = receiver;
  let since = now();
  let isConnected = false;
  let lastAt: number | undefined;
  const change = (to: boolean) => () => {
    if (to !== isConnected) since = now();
    isConnected = to;
  };
  client.on('connected', change(true));
  for (const event of ['close', 'disconnecting', 'reconnecting', 'disconnected']) client.on(event, change(false));
  client.on('slack_event', () => {
    lastAt = now();
  });
  return {
    receiver,
    start: async () => void (await receiver.start()),
    stop: () => receiver.stop(),
    hearing: (at) => ({
      ok: isConnected || at - since < reconnectMs,
      says: isConnected
        ? `connected to Slack for ${ago(at - since)}; ${lastHeard(lastAt, at)}`
        : `not connected to Slack for ${ago(at - since)}: a connection is being opened; ${lastHeard(lastAt, at)}`,
      ...(lastAt === undefined ? {} : { lastAt }),
    }),
  };
}
