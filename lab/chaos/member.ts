import { setTimeout as delay } from 'node:timers/promises';
import { type ProductProcess, startProduct } from '../product.ts';
import type { Clock } from './clock.ts';

/** How long after a death the process is started again, in milliseconds: what a service manager does. */
const restartAfterMs = 200;

/** One process of the product with its supervisor: it is started again whenever it ends. */
export class Member {
  readonly name: string;
  readonly clock: Clock;
  readonly #part: 'bot' | 'worker';
  readonly #env: Readonly<Record<string, string>>;
  readonly #log: string[] = [];
  #process: ProductProcess | undefined;
  #isUp = false;
  #isFrozen = false;
  #isStopped = false;
  #isKilled = false;
  #supervised: Promise<void> = Promise.resolve();
  /** How often it ended although nobody killed it, each with its last words. */
  readonly ends: string[] = [];

  constructor(name: string, part: 'bot' | 'worker', env: Readonly<Record<string, string>>, clock: Clock) {
    this.name = name;
    this.#part = part;
    this.#env = { ...env, ...clock.env };
    this.clock = clock;
  }

  /** Starts it and keeps it running. Rejects when it does not start the first time. */
  async start(): Promise<void> {
    this.#process = await startProduct(this.#env, this.#part);
    this.#isUp = true;
    this.#supervised = this.#supervise();
  }

  get pid(): number {
    return this.#isUp ? (this.#process?.pid ?? 0) : 0;
  }

  /** Up, and not frozen. */
  get isWell(): boolean {
    return this.#isUp && !this.#isFrozen;
  }

  /** kill -9, if it is up. Answers the process that was killed, 0 when there was none. */
  kill9(): number {
    const { pid } = this;
    if (pid === 0) return 0;
    this.#isKilled = true;
    this.#isUp = false;
    this.#isFrozen = false;
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  freeze(): void {
    this.#process?.freeze();
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#process?.thaw();
    this.#isFrozen = false;
  }

  /** The last lines that it and those before it logged. */
  lastLines(count: number): string[] {
    return [...this.#log, ...(this.#process?.log ?? [])].slice(-count);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.thaw();
    await this.#process?.stop();
    await this.#supervised;
  }

  async #supervise(): Promise<void> {
    while (!this.#isStopped) {
      await this.#process?.ended;
      this.#isUp = false;
      if (this.#isStopped) return;
      if (!this.#isKilled) this.ends.push(this.lastLines(5).join('\n'));
      this.#isKilled = false;
      this.#log.push(...(this.#process?.log ?? []).slice(-100), `--- ${this.name} ended`);
      this.#process = undefined;
      await this.#again();
    }
  }

  async #again(): Promise<void> {
    while (!this.#isStopped && !this.#process) {
      await delay(restartAfterMs);
      this.#process = await startProduct(this.#env, this.#part).catch((error: Error) => void this.#log.push(error.message));
      if (this.#isStopped) await this.#process?.stop();
    }
    this.#isUp = true;
  }
}
