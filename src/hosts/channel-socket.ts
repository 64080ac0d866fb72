import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * An ssh channel as the socket that node's HTTP client expects. The channel itself will not do: it lacks setTimeout,
 * setNoDelay and ref, and its destroy drops the error.
 */
export class ChannelSocket extends Duplex {
  readonly #channel: ClientChannel;
  #timer: NodeJS.Timeout | undefined;

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      this.#timer?.refresh();
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('close', () => this.#closed());
    channel.stderr.resume();
  }

  /** Emits 'timeout' after so long without data; 0 ends that. */
  setTimeout(timeoutMs: number, listener?: () => void): this {
    clearTimeout(this.#timer);
    this.#timer = timeoutMs > 0 ? setTimeout(() => this.emit('timeout'), timeoutMs) : undefined;
    if (listener) this.once('timeout', listener);
    return this;
  }

  /** The connection underneath has it set. */
  setNoDelay(): this {
    return this;
  }

  /** The connection underneath has its own. */
  setKeepAlive(): this {
    return this;
  }

  /** A channel holds no handle of its own. */
  ref(): this {
    return this;
  }

  /** A channel holds no handle of its own. */
  unref(): this {
    return this;
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#timer?.refresh();
    this.#channel.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#channel.destroy();
    done(error);
  }

  #closed(): void {
    if (!this.readableEnded && this.readable) this.push(null);
    else this.destroy();
  }
}
