import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { Sh } from '../domain/sh.ts';
import { type Frame, FrameParser } from './frames.ts';
import { opening, type ShellSetup } from './script.ts';

/** A running `/bin/sh` seen from outside: an ssh channel, or a child process. */
export interface Pipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Lets go of it. What it started goes on. */
  destroy(): void;
}

/** What a request is answered with. */
export interface Answer {
  readonly out: readonly Frame[];
  readonly err: readonly Frame[];
}

interface Pending {
  readonly id: string;
  readonly wants: { readonly out: number; readonly err: number };
  readonly out: Frame[];
  readonly err: Frame[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

const keepOutBytes = 512 * 1024;
const keepErrBytes = 256 * 1024;

/** The shell ended, or stopped making sense; `said` is the last of what it wrote to standard error. */
export class ShellEnded extends Error {
  readonly said: string;
  /** It did not end: it did not answer in time. */
  readonly late: boolean;
  constructor(message: string, said: string, late: boolean) {
    super(message);
    this.name = 'ShellEnded';
    this.said = said;
    this.late = late;
  }
}

/**
 * One long-lived shell that has been fed the prelude and takes one request at a time. Whatever goes wrong in it ends
 * it: a shell that answered late or out of turn is not asked again.
 */
export class Shell {
  readonly #pipes: Pipes;
  readonly #mark = `RB${randomBytes(16).toString('hex')}`;
  readonly #out = new FrameParser(this.#mark, keepOutBytes);
  readonly #err = new FrameParser(this.#mark, keepErrBytes);
  #pending: Pending | undefined;
  #count = 0;
  #said = '';
  #ended: ShellEnded | undefined;

  constructor(pipes: Pipes, setup: ShellSetup) {
    this.#pipes = pipes;
    pipes.stdout.on('data', (chunk: Buffer) => this.#take('out', chunk));
    pipes.stderr.on('data', (chunk: Buffer) => this.#take('err', chunk));
    for (const stream of [pipes.stdin, pipes.stdout, pipes.stderr]) {
      stream.on('error', (error: Error) => this.#end(error.message));
      stream.on('close', () => this.#end('the shell on the host ended'));
    }
    pipes.stdin.write(opening(this.#mark, setup));
  }

  /** True when it can be asked no more. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * Calls a function of the prelude: `name id args`. Resolves when as many answers came on standard output and standard
   * error as wanted. Rejects with {@link ShellEnded}, also when the answer takes longer than `timeoutMs` (0: no limit).
   */
  request(name: Sh, args: Sh, wants: { out: number; err: number }, timeoutMs: number): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#pending) return Promise.reject(new TypeError('a shell takes one request at a time'));
    this.#count += 1;
    const id = String(this.#count);
    return new Promise((resolve, reject) => {
      const timer = timeoutMs > 0 ? setTimeout(() => this.#end(`no answer within ${timeoutMs} ms`, true), timeoutMs) : undefined;
      this.#pending = { id, wants, out: [], err: [], resolve, reject, timer };
      this.#pipes.stdin.write(`${name} ${id} ${args}\n`);
    });
  }

  /** Lets go of the shell. */
  close(): void {
    this.#end('it was closed');
  }

  #take(stream: 'out' | 'err', chunk: Buffer): void {
    if (this.#ended) return;
    if (stream === 'err') this.#said = (this.#said + chunk.toString('latin1')).slice(-2000);
    try {
      const parser = stream === 'out' ? this.#out : this.#err;
      for (const frame of parser.push(chunk)) this.#answered(stream, frame);
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  #answered(stream: 'out' | 'err', frame: Frame): void {
    const pending = this.#pending;
    if (!pending || pending.id !== frame.fields[0]) throw new RangeError('the shell on the host answered out of turn');
    pending[stream].push(frame);
    if (pending.out.length < pending.wants.out || pending.err.length < pending.wants.err) return;
    this.#pending = undefined;
    clearTimeout(pending.timer);
    pending.resolve(pending);
  }

  #end(why: string, late = false): void {
    if (this.#ended) return;
    this.#ended = new ShellEnded(why, this.#said.trim(), late);
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    pending?.reject(this.#ended);
    this.#pipes.destroy();
  }
}
