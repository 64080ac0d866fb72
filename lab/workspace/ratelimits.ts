import { SlackError } from './slackerror.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Slack's rate limits as token buckets. */
export class RateLimits {
  private readonly buckets = new Map<string, Bucket>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /**
   * Takes one call from the bucket `key`, which holds `burst` and refills `perMinute`.
   *
   * @throws SlackError ratelimited with the whole seconds to wait (Slack answers 429 and Retry-After)
   */
  take(key: string, burst: number, perMinute: number): void {
    const nowMs = this.now();
    const bucket = this.buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perMinute) / 60_000);
    const isAllowed = tokens >= 1;
    this.buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    if (!isAllowed) throw new SlackError('ratelimited', {}, Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute)));
  }
}
