/** The most that is remembered; what was set longest ago is forgotten first. */
const maxEntries = 2000;

interface Wait {
  readonly at: number;
  readonly ms: number;
}

/**
 * What this process is not to ask for again before its time. Every time is in milliseconds since 1970; a clock that went back
 * since the wait was set ends it, since nobody knows how much of it is over.
 */
export class Pace {
  readonly #waits = new Map<string, Wait>();

  /** How many milliseconds are left of the longest of these waits; 0 when none is. */
  left(keys: readonly string[], now: number): number {
    return Math.max(0, ...keys.map((key) => this.#left(key, now)));
  }

  /** Sets a wait of `ms`. */
  wait(key: string, ms: number, now: number): void {
    this.#waits.delete(key); // so that it counts as set last
    this.#waits.set(key, { at: now, ms });
    if (this.#waits.size > maxEntries) this.#waits.delete(this.#waits.keys().next().value ?? '');
  }

  /** Sets a wait of `ms` the first time, and twice the last one's time from then on, up to `maxMs`, until {@link clear}. */
  waitLonger(key: string, ms: number, maxMs: number, now: number): void {
    const last = this.#waits.get(key);
    this.wait(key, Math.max(ms, last ? Math.min(last.ms * 2, maxMs) : 0), now);
  }

  clear(keys: readonly string[]): void {
    for (const key of keys) this.#waits.delete(key);
  }

  #left(key: string, now: number): number {
    const wait = this.#waits.get(key);
    return wait && now >= wait.at ? wait.at + wait.ms - now : 0;
  }
}
