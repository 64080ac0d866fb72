/** A thing said in Slack: a pure function of state. The announcer posts it once, or keeps it true. */
export interface Message {
  /** Unique in its rollback: `card`, `phase-2`, `trouble-31`, `completion:#management`. */
  readonly key: string;
  /** `#channel`, `@user`, or a channel id. */
  readonly to: string;
  /** In the thread of the card. */
  readonly inThread: boolean;
  /** A reply that the channel sees too. */
  readonly broadcast?: boolean;
  /** Kept true by updating it; otherwise posted once and left. */
  readonly live: boolean;
  /** What screen readers and notifications read; never empty, at most 3,000 characters. */
  readonly text: string;
  /** Block Kit blocks. */
  readonly blocks: readonly Block[];
  /** When it fell due; late messages say so. Milliseconds since 1970. */
  readonly dueAt?: number;
}

/** A Block Kit block as plain data; the channel hands it on as it is. */
export type Block = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A modal view as plain data. */
export interface View {
  readonly type: 'modal';
  readonly callback_id: string;
  readonly title: { readonly type: 'plain_text'; readonly text: string };
  readonly submit?: { readonly type: 'plain_text'; readonly text: string };
  readonly close?: { readonly type: 'plain_text'; readonly text: string };
  readonly private_metadata?: string;
  readonly blocks: readonly Block[];
}
