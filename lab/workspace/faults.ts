/** What to do to a call: answer 429, answer 500, never answer, do it but drop the reply, do it late, or refuse with a code of Slack's. */
export type Fault =
  | { kind: 'ratelimited'; retryAfterS: number }
  | { kind: 'http500' }
  | { kind: 'hang' }
  | { kind: 'drop-reply' }
  | { kind: 'late'; afterMs: number }
  | { kind: 'error'; code: string };

/** Breaks the next calls on purpose, for tests. */
export class Faults {
  private readonly planned: { method: string; fault: Fault; times: number; channel: string | undefined }[] = [];
  private isOut = false;
  private readonly onOutage: (isOut: boolean) => void;

  constructor(onOutage: (isOut: boolean) => void = () => undefined) {
    this.onOutage = onOutage;
  }

  /** The next `times` calls of `method` (`*`: of any; `response_url`: posts to response URLs) meet this fault; only those about `channel` when it is given. */
  next(method: string, fault: Fault, times = 1, channel?: string): void {
    this.planned.push({ method, fault, times, channel });
  }

  /** Slack is down: every HTTP call answers 503 and sockets are cut, until this is called with false. */
  outage(isOut: boolean): void {
    this.isOut = isOut;
    this.onOutage(isOut);
  }

  /** Forgets what was planned and ends an outage. */
  clear(): void {
    this.planned.length = 0;
    if (this.isOut) this.outage(false);
  }

  /** Whether an outage is on. */
  get isDown(): boolean {
    return this.isOut;
  }

  /** The fault this call meets, if any; counts it. */
  take(method: string, channel?: unknown): Fault | undefined {
    const isMet = (one: (typeof this.planned)[number]): boolean =>
      one.times > 0 && (one.method === method || one.method === '*') && (one.channel === undefined || one.channel === channel);
    const found = this.planned.find(isMet);
    if (found) found.times -= 1;
    return found?.fault;
  }
}
