import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type ClientChannel } from 'ssh2';
import { type HostAddress, HostError } from '../domain/host.ts';
import { broken, connectFailed, lost, noWay, onTheWay } from './errors.ts';
import { type HostKeyRules, hostKeyCheck } from './host-keys.ts';
import { fingerprint } from './known-hosts.ts';
import { type LoginOptions, login } from './login.ts';

/** How to connect, for every host alike. */
export interface ConnectionOptions extends LoginOptions, HostKeyRules {
  /** To the end of the login. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** sshd frees a session late; one more try soon after succeeds. Milliseconds between the tries. */
const retryOpenMs = [5, 10, 20, 50, 50, 100, 100, 200, 200];
/** What sshd says to a session too many, and to a socket that is missing or forbidden. */
const openFailure = 2;

/** One ssh connection to one host, made when it is first needed and made again after a loss. */
export class Connection {
  readonly address: HostAddress;
  readonly #options: ConnectionOptions;
  readonly #jump: Connection | undefined;
  #opening: Promise<ssh2.Client> | undefined;
  #hostKey = '';
  #closed = false;

  /** `jump`: the connection that this one goes through. */
  constructor(address: HostAddress, options: ConnectionOptions, jump?: Connection) {
    this.address = address;
    this.#options = options;
    this.#jump = jump;
  }

  /** `SHA256:…` of the key that the host of the last connection showed, and that was verified. */
  get hostKey(): string {
    return this.#hostKey;
  }

  /** A channel with a shell on it. The command is constant: `ps` on the host shows nothing of ours. Rejects with a HostError. */
  async shell(): Promise<ClientChannel> {
    try {
      return await this.#open((client, done) => client.exec('exec /bin/sh', done));
    } catch (error) {
      if (error instanceof HostError) throw error;
      const advice = 'Check MaxSessions in sshd_config there, and that the key may run commands (no forced command in authorized_keys).';
      throw broken(this.address, `no shell can be opened: ${(error as Error).message}`, advice, error);
    }
  }

  /** A channel to a unix socket of the host. Rejects with ssh2's error, `reason` 2 where the socket is missing or forbidden. */
  forward(socketPath: string): Promise<ClientChannel> {
    return this.#open((client, done) => client.openssh_forwardOutStreamLocal(socketPath, done), 2);
  }

  /** A channel to the sshd of a host behind this one. Rejects with a HostError that is about that host. */
  async tunnel(to: HostAddress): Promise<ClientChannel> {
    try {
      return await this.#open((client, done) => client.forwardOut('127.0.0.1', 0, to.address, to.port, done), 0);
    } catch (error) {
      throw error instanceof HostError ? onTheWay(to, error) : noWay(to, error as Error);
    }
  }

  /** Ends the connection, if there is one, and waits until it is gone. It is not made again. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#opening?.catch(() => undefined); // who asked for it has been told; here there is only nothing to close
    if (!client) return;
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.end();
    if (await Promise.race([closed.then(() => true), delay(500, false, { ref: false })])) return;
    client.destroy();
    await closed;
  }

  async #open(ask: (client: ssh2.Client, done: (error: Error | undefined, channel: ClientChannel) => void) => void, tries = retryOpenMs.length) {
    for (let attempt = 0; ; attempt += 1) {
      const client = await this.#client();
      try {
        return await openChannel(this.address, client, ask);
      } catch (error) {
        if ((error as { reason?: unknown }).reason !== openFailure || attempt >= tries) throw error;
        await delay(retryOpenMs[attempt] ?? 200);
      }
    }
  }

  #client(): Promise<ssh2.Client> {
    if (this.#opening) return this.#opening;
    const opening = this.#connect(() => forget());
    // An old connection's end must not make us forget the new one.
    const forget = () => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    this.#opening = opening;
    opening.catch(forget);
    return opening;
  }

  async #connect(gone: () => void): Promise<ssh2.Client> {
    if (this.#closed) throw lost(this.address, 'it was closed');
    const access = await login(this.address, this.#options);
    const { prefer, judge } = await hostKeyCheck(this.address, this.#options);
    const sock = this.#jump && (await this.#jump.tunnel(this.address));
    return await this.#handshake({ ...access, ...prefer, ...(sock && { sock }) }, judge, gone);
  }

  #handshake(config: ssh2.ConnectConfig, judge: (key: Buffer) => HostError | undefined, gone: () => void): Promise<ssh2.Client> {
    const timeoutMs = this.#options.connectTimeoutMs ?? 10_000;
    const client = new ssh2.Client().setMaxListeners(0);
    let verdict: HostError | undefined;
    const hostVerifier = (key: Buffer): boolean => {
      verdict = judge(key);
      this.#hostKey = fingerprint(key);
      return verdict === undefined;
    };
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(verdict ?? connectFailed(this.address, error, timeoutMs));
      // Without it each small request waits for the acknowledgement of the one before: 49 ms instead of 3.
      client.on('connect', () => client.setNoDelay(true));
      client.on('ready', () => {
        this.#options.logger?.info({ host: this.address.name, hostKey: this.#hostKey }, 'connected to a host');
        resolve(client);
      });
      client.on('error', fail);
      client.on('close', () => {
        gone();
        this.#options.logger?.info({ host: this.address.name }, 'the connection to a host ended');
        fail(new Error('the host closed the connection'));
      });
      const { address, port, user } = this.address;
      const keepalive = { keepaliveInterval: 1000, keepaliveCountMax: 3 };
      client.connect({ ...config, ...keepalive, host: address, port, username: user, readyTimeout: timeoutMs, hostVerifier });
    });
  }
}

function openChannel(
  at: HostAddress,
  client: ssh2.Client,
  ask: (client: ssh2.Client, done: (error: Error | undefined, channel: ClientChannel) => void) => void,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(lost(at, 'it ended while a channel was opened'));
    client.once('close', gone);
    try {
      ask(client, (error, channel) => {
        client.off('close', gone);
        if (error) reject(error);
        else resolve(channel);
      });
    } catch (cause) {
      client.off('close', gone);
      reject(lost(at, 'it ended before a channel was opened', cause));
    }
  });
}
