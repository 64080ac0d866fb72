import type { Shell } from './shell.ts';

/** sshd allows ten sessions a connection and frees them late; a pool of five never met the limit. */
const most = 5;

/** The shells of one host. Each is lent to one user at a time; at most five are open, further users wait their turn. */
export class Shells {
  readonly #open: () => Promise<Shell>;
  readonly #idle: Shell[] = [];
  readonly #lent = new Set<Shell>();
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  constructor(open: () => Promise<Shell>) {
    this.#open = open;
  }

  /** Lends a shell for the time that `use` takes. One that has ended is not kept. */
  async with<T>(use: (shell: Shell) => Promise<T>): Promise<T> {
    await this.#turn();
    let shell: Shell | undefined;
    try {
      shell = await this.#take();
      this.#lent.add(shell);
      return await use(shell);
    } finally {
      if (shell) this.#giveBack(shell);
      this.#next();
    }
  }

  /** Lets go of all shells, those on loan too: their users' requests are rejected. */
  close(): void {
    for (const shell of [...this.#idle.splice(0), ...this.#lent]) shell.close();
  }

  async #take(): Promise<Shell> {
    for (let shell = this.#idle.pop(); shell; shell = this.#idle.pop()) if (!shell.ended) return shell;
    return await this.#open();
  }

  #giveBack(shell: Shell): void {
    this.#lent.delete(shell);
    if (!shell.ended) this.#idle.push(shell);
  }

  async #turn(): Promise<void> {
    if (this.#used >= most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#used += 1;
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#used -= 1;
  }
}
