import type { Receiver } from '@slack/bolt';

/** Whether the bot hears Slack. Times in milliseconds since 1970. */
export interface Hearing {
  readonly ok: boolean;
  /** In plain words: how it is, since when. */
  readonly says: string;
  /** When Slack was heard last: a command, a click; absent before the first. */
  readonly lastAt?: number;
}

/** One way in which Slack reaches the bot. */
export interface Inbound {
  /** What Bolt listens to. */
  readonly receiver: Receiver;
  /** Begins to listen; rejects when it cannot. */
  start(): Promise<void>;
  stop(): Promise<void>;
  hearing(now: number): Hearing;
}

/** `12 s`, `3 min`, `2 h`: how long ago, for people. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** When the last command or click came, for people. */
export const lastHeard = (lastAt: number | undefined, now: number): string =>
  lastAt === undefined ? 'no command or click came yet' : `the last command or click came ${ago(now - lastAt)} ago`;
