import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type HostAddress, HostError, type ReceiptAnswer, type ReceiptOrder } from '../domain/host.ts';
import { quote, raw, type Sh, sh } from '../domain/sh.ts';
import { broken, lost } from './errors.ts';
import { type OnOutput, Output } from './output.ts';
import { stepRequest } from './script.ts';
import type { Answer, Shell } from './shell.ts';
import { isOver, parseStanding, type Standing } from './standing.ts';

/** Lends a shell of the host; rejects with a HostError. */
export type Lend = <T>(use: (shell: Shell) => Promise<T>) => Promise<T>;

const inlineBytes = 64 * 1024;
const sliceBytes = 256 * 1024;
const answerTimeoutMs = 30_000;
/** A step that is quicker than this is told of in one trip; only a longer one is asked after. */
const firstLookMs = 150;
/** A claimer needs milliseconds from its claim to `go`; one that still has not gone is ended, and the step claimed anew. */
const claimPatienceMs = 3000;
/** Without a word from the host for so long, people are told: what runs there goes on under its receipt, and can be followed again. */
const silencePatienceMs = 60_000;
const one = { out: 1, err: 0 };
const uncounted = '[it printed more; how much is not known yet, for something that it left running holds its output open]';

/** Runs one order to its end through as many connections as it takes. See {@link Host.run}. */
export class Follower {
  readonly #at: HostAddress;
  readonly #lend: Lend;
  readonly #order: ReceiptOrder;
  readonly #output: Output;
  readonly #signal: AbortSignal;
  readonly #beforeSending: () => Promise<void>;
  /** Once it may have been sent, a missing receipt on another boot or store proves nothing. */
  #sent = false;
  #claimedSinceMs: number | undefined;
  #heardAtMs = performance.now();
  /** The last piece of output was as long as a piece may be: there may be more. */
  #full = false;
  /** Ended, and all of its output told. */
  #complete = false;

  constructor(
    at: HostAddress,
    lend: Lend,
    order: ReceiptOrder,
    onOutput: OnOutput,
    signal: AbortSignal,
    beforeSending: () => Promise<void> = async () => undefined,
  ) {
    this.#beforeSending = beforeSending;
    this.#at = at;
    this.#lend = lend;
    this.#order = order;
    this.#output = new Output(onOutput);
    this.#signal = signal;
    // One signal may end many steps at once; each listens a few times.
    setMaxListeners(0, signal);
  }

  /**
   * Resolves with the answer; rejects with a HostError when the host cannot be reached at first, is silent for a minute later on, or when the
   * signal aborts.
   */
  async follow(): Promise<ReceiptAnswer> {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5000)) {
      if (this.#signal.aborted) throw this.#givenUp();
      try {
        await this.#untilAborted(this.#beforeSending());
        const standing = await this.#untilAborted(this.#attempt());
        if (standing.kind !== 'claimed' && standing.kind !== 'void') return await this.#conclude(standing);
        pauseMs = 25;
      } catch (error) {
        if (this.#signal.aborted || !this.#mendable(error)) throw error;
      }
      await delay(pauseMs, undefined, { signal: this.#signal }).catch(() => undefined); // an abort is seen by the next attempt
    }
  }

  /** One sending: what the shell that started it says at its end, or what the others see meanwhile, whichever is first. */
  async #attempt(): Promise<Standing> {
    const done = new AbortController();
    const stop = () => done.abort();
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      const seen = this.#watch(done.signal);
      const said = this.#send(done.signal).then((standing) => (standing.kind === 'running' ? seen : standing));
      // Whichever loses the race may still fail, and nobody waits for it any more.
      seen.catch(() => undefined);
      said.catch(() => undefined);
      return await Promise.race([said, seen]);
    } finally {
      stop();
      this.#signal.removeEventListener('abort', stop);
    }
  }

  #send(done: AbortSignal): Promise<Standing> {
    const from = { offset: this.#output.offset, limitBytes: inlineBytes };
    return this.#lend(async (shell) => {
      const letGo = () => shell.close();
      this.#signal.addEventListener('abort', letGo, { once: true });
      try {
        const request = stepRequest(this.#order, {
          ...from,
          resumed: this.#order.resumed ? 1 : this.#sent ? 2 : 0,
          breakClaim: this.#outOfPatience(),
        });
        this.#sent = true;
        const answer = await shell.request(rbStep, request, one, 0);
        return this.#heard(from.offset, answer, done);
      } finally {
        this.#signal.removeEventListener('abort', letGo);
      }
    });
  }

  #outOfPatience(): boolean {
    return this.#claimedSinceMs !== undefined && performance.now() - this.#claimedSinceMs > claimPatienceMs;
  }

  /** Asks after a step that takes longer, at growing intervals, and passes its output on while it comes. */
  async #watch(done: AbortSignal): Promise<Standing> {
    await delay(firstLookMs, undefined, { signal: done });
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.3, 1000)) {
      const standing = await this.#poll(done);
      if (isOver(standing)) return standing;
      if (!this.#full) await delay(pauseMs, undefined, { signal: done });
    }
  }

  #poll(done?: AbortSignal): Promise<Standing> {
    const offset = this.#output.offset;
    const request = sh`${this.#order.key} ${[offset, sliceBytes]}`;
    return this.#lend(async (shell) => this.#heard(offset, await shell.request(rbPoll, request, one, answerTimeoutMs), done));
  }

  #heard(offset: number, { out: [frame] }: Answer, done?: AbortSignal): Standing {
    if (!frame) throw new TypeError('an answer without a frame');
    const standing = parseStanding(this.#at, frame);
    this.#heardAtMs = performance.now();
    this.#claimedSinceMs = standing.kind === 'claimed' ? (this.#claimedSinceMs ?? performance.now()) : undefined;
    // What comes after the race was won is told by the winner.
    if (done?.aborted) return standing;
    this.#output.take(offset, frame.payload);
    this.#full = frame.payload.length >= inlineBytes;
    this.#complete = isOver(standing) && !this.#full;
    return standing;
  }

  async #conclude(standing: Standing): Promise<ReceiptAnswer> {
    if (standing.kind === 'fenced' || standing.kind === 'not-started') return standing;
    while (!this.#complete) await this.#mending(() => this.#poll());
    if (standing.kind === 'ended') await this.#hearRest(standing.beyondBytes);
    this.#output.end();
    const { totalBytes: outputBytes, tail } = this.#output;
    if (standing.kind === 'unknown') return { ...standing, tail };
    if (standing.kind !== 'ended') throw broken(this.#at, `a receipt is "${standing.kind}" after its step was sent`, 'Look at the receipt store.');
    const { beyondBytes: _, ...ended } = standing;
    return { ...ended, outputBytes, tail };
  }

  /** The end of what did not fit; a lost connection is mended here too. */
  async #hearRest(beyondBytes: number | 'more'): Promise<void> {
    if (beyondBytes === 'more') this.#output.note(`\n${uncounted}\n`);
    if (beyondBytes === 'more' || beyondBytes === 0) return;
    const ask = () => this.#lend((shell) => shell.request(rbRest, quote(this.#order.key), one, answerTimeoutMs));
    const rest = (await this.#mending(ask)).out[0]?.payload ?? Buffer.alloc(0);
    this.#output.leaveOut(Math.max(0, beyondBytes - rest.length));
    this.#output.take(this.#output.offset, rest);
  }

  async #mending<T>(ask: () => Promise<T>): Promise<T> {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5000)) {
      try {
        return await this.#untilAborted(ask());
      } catch (error) {
        if (this.#signal.aborted || !this.#mendable(error)) throw error;
      }
      await delay(pauseMs, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  async #untilAborted<T>(work: Promise<T>): Promise<T> {
    let stop = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(this.#givenUp());
    });
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      this.#signal.removeEventListener('abort', stop);
    }
  }

  #mendable(error: unknown): boolean {
    const patienceMs = this.#sent ? silencePatienceMs : (this.#order.awayMs ?? 0);
    return isConnectionTrouble(error) && performance.now() - this.#heardAtMs < patienceMs;
  }

  #givenUp(): HostError {
    return lost(this.#at, 'the bot stopped following the step', this.#signal.reason);
  }
}

const call = (name: string): Sh => sh`${raw(name)}`;
const rbStep = call('rb_step');
const rbPoll = call('rb_poll');
const rbRest = call('rb_rest');

const isConnectionTrouble = (error: unknown): boolean =>
  error instanceof HostError && (error.code === 'connection-lost' || error.code === 'host-unreachable');
