import type { RunKey } from '../domain/plan.ts';

/** One hash tag for all keys: a script may touch several of them on a cluster. BullMQ uses it as its prefix. */
export const prefix = '{bot}';

/** Every Redis key of the product. */
export const keys = {
  /** List of a rollback's events as JSON; the position is the sequence number less one. */
  log: (id: string) => `${prefix}:log:${id}`,
  /** Hash: token of the holder. */
  meta: (id: string) => `${prefix}:meta:${id}`,
  /** Sorted set of rollbacks that have not ended, by time of request. */
  open: `${prefix}:open`,
  /** Sorted set of a system's rollbacks, by time of request. */
  rollbacks: (system: string) => `${prefix}:rollbacks:${system}`,
  /** Hash: rollback that runs on the system, and since when. */
  lock: (system: string) => `${prefix}:lock:${system}`,
  /** Counter that gives `sac-42` its number. */
  number: (system: string) => `${prefix}:number:${system}`,
  /** What a request that may arrive twice became. */
  asked: (request: string) => `${prefix}:asked:${request}`,
  /** Counter of fencing tokens. */
  fence: `${prefix}:fence`,
  /** Hash: digest → plan as JSON. */
  plan: (id: string) => `${prefix}:plan:${id}`,
  /** Hash: run and attempt → the end of its output. */
  output: (id: string) => `${prefix}:output:${id}`,
  outputField: (run: RunKey, attempt: number) => `${run}#${attempt}`,
  /** Hash: message → digest of what Slack shows, or `posting` while nobody knows. */
  shown: (id: string) => `${prefix}:shown:${id}`,
  /** Who delivers this rollback's messages just now. */
  delivering: (id: string) => `${prefix}:delivering:${id}`,
  /** Hash: version → what that release was made of. */
  recorded: (system: string) => `${prefix}:recorded:${system}`,
  /** Hash: rollback → what was measured when its hosts were proven. */
  proven: (system: string) => `${prefix}:proven:${system}`,
  /** Sorted set of workers by their last sign of life, in milliseconds by Redis' own clock. */
  workers: `${prefix}:workers`,
  /** JSON: who is in which group, as Slack said last. */
  people: `${prefix}:people`,
  /** Held by whoever asks Slack for that just now, and for a while after. */
  peopleAsked: `${prefix}:people-asked`,
  /** Id of the key with which everything is sealed; the key itself is never in Redis. */
  auditKey: `${prefix}:audit-key`,
  /** List of what belongs to no rollback, sealed; the position is the sequence number less one and less what was cut. */
  journal: `${prefix}:journal`,
  /** Hash: how many entries of the journal were cut off its front into a file, and the seal of the last of them. */
  journalCut: `${prefix}:journal-cut`,
  /** Counter: what one person did in this minute. */
  rate: (what: string, userId: string) => `${prefix}:rate:${what}:${userId}`,
  /** A signed request that came already. */
  seen: (signature: string) => `${prefix}:seen:${signature}`,
  /** When everything was looked over last, in milliseconds by Redis' own clock. */
  reconciled: `${prefix}:reconciled`,
} as const;
