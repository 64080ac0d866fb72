import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import Docker from 'dockerode';
import type { ClientChannel } from 'ssh2';
import { type ContainerSeen, type HostAddress, HostError, type ImageSeen } from '../domain/host.ts';
import { ChannelSocket } from './channel-socket.ts';
import { place } from './errors.ts';

const requestsAtOnce = 4;
const requestTimeoutMs = 15_000;

/** An agent whose sockets are channels of the host's one connection: 4 ms each instead of a login. */
class ChannelAgent extends Agent {
  readonly #open: () => Promise<ClientChannel>;

  constructor(open: () => Promise<ClientChannel>) {
    super({ keepAlive: false });
    this.#open = open;
  }

  override createConnection(_options: unknown, done?: (error: Error | null, socket: Duplex) => void): null {
    this.#open().then(
      (channel) => done?.(null, new ChannelSocket(channel)),
      // A failed connection has no socket, whatever the type says.
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
    return null;
  }
}

/** The engine of one host, read only, through its socket at the far end of the ssh connection. */
export class Engine {
  readonly #at: HostAddress;
  readonly #socketPath: string;
  readonly #docker: Docker;

  constructor(at: HostAddress, socketPath: string, forward: (socketPath: string) => Promise<ClientChannel>) {
    this.#at = at;
    this.#socketPath = socketPath;
    const agent = new ChannelAgent(() => forward(socketPath));
    // docker-modem takes an agent; its types do not say so.
    const options = { protocol: 'http', host: 'docker', port: 80, agent, timeout: requestTimeoutMs };
    this.#docker = new Docker(options as Docker.DockerOptions);
  }

  /** All containers, running or not, with labels and environment. Rejects with a HostError (`no-engine`). */
  async containers(): Promise<ContainerSeen[]> {
    const listed = await this.#asked(() => this.#docker.listContainers({ all: true }));
    const seen: (ContainerSeen | undefined)[] = [];
    // The agent's own limit does not hold when its connections come later, so the gate is here.
    for (let i = 0; i < listed.length; i += requestsAtOnce) {
      seen.push(...(await Promise.all(listed.slice(i, i + requestsAtOnce).map(({ Id }) => this.#container(Id)))));
    }
    return seen.filter((one) => one !== undefined);
  }

  /** An image by name, digest or id; undefined when the engine does not have it. Rejects with a HostError (`no-engine`). */
  async image(reference: string): Promise<ImageSeen | undefined> {
    const found = await this.#asked(() => orMissing(this.#docker.getImage(reference).inspect()));
    return found && { id: found.Id, tags: found.RepoTags ?? [], labels: found.Config?.Labels ?? {}, createdAt: found.Created };
  }

  /** One that was removed between the list and this question is not there. */
  async #container(id: string): Promise<ContainerSeen | undefined> {
    const found = await this.#asked(() => orMissing(this.#docker.getContainer(id).inspect()));
    return (
      found && {
        id: found.Id,
        name: found.Name.replace(/^\//, ''),
        image: found.Config.Image,
        imageId: found.Image,
        running: found.State.Running,
        labels: found.Config.Labels ?? {},
        env: Object.fromEntries((found.Config.Env ?? []).map(splitEnv)),
      }
    );
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw error instanceof HostError ? error : this.#noEngine(error as Error);
    }
  }

  #noEngine(cause: Error): HostError {
    return new HostError(
      'no-engine',
      `no Docker engine answers on ${place(this.#at)} at ${this.#socketPath}: ${cause.message}`,
      `Start it (systemctl start docker), and let ${this.#at.user} use its socket: usermod -aG docker ${this.#at.user}, then the bot must reconnect.`,
      { cause },
    );
  }
}

function splitEnv(line: string): [string, string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 404) return undefined;
    throw error;
  }
}
