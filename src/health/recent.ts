/** What was seen lately; what was seen longest ago is forgotten first. */
export class Recent<T> {
  readonly #max: number;
  readonly #seen = new Set<T>();
  constructor(max: number) {
    this.#max = max;
  }

  /** True the first time. */
  isNew(one: T): boolean {
    if (this.#seen.has(one)) return false;
    this.#seen.add(one);
    if (this.#seen.size > this.#max) for (const oldest of this.#seen) return this.#seen.delete(oldest);
    return true;
  }
}
