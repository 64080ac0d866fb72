import type { Sh } from './sh.ts';

/** Where a host is and how to get in. Part of what is approved. */
export interface HostAddress {
  /** The name people use: `prod-1`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `SHA256:…`, sorted: the only host keys that will do; known_hosts is not asked then, but for what it revokes. */
  readonly keys?: readonly string[];
  /** The host over which it is reached; its own key is verified too. */
  readonly jump?: Omit<HostAddress, 'jump'>;
}

/** What makes two visits to a host comparable: after a reboot or a wiped receipt store, a missing receipt proves nothing. */
export interface HostIdentity {
  readonly bootId: string;
  readonly storeId: string;
  /** `SHA256:…` of the host key that was verified. */
  readonly hostKey: string;
}

/** A read-only command's answer. Output is cut to its first 256 KiB. */
export interface Reading {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one receipt covers. `key` names the step run and the digest of its text: one key, one effect. */
export interface ReceiptOrder {
  /** Only `[A-Za-z0-9._-]`, at most 120 characters. */
  readonly key: string;
  /** The rollback whose fence applies: `sac-42`. */
  readonly rollback: string;
  /** Zero-padded, 12 digits; a host that has seen a higher one for this rollback refuses. */
  readonly token: string;
  /** The identity the intent was recorded with; on another boot or store a missing receipt is `unknown`, never "run it". */
  readonly bootId: string;
  readonly storeId: string;
  /** True when the intent was recorded by an earlier attempt to send: then a missing receipt on another boot or store is `unknown`. */
  readonly resumed: boolean;
  readonly guard?: Sh;
  readonly command: Sh;
  readonly verify?: Sh;
  readonly timeoutMs: number;
  /** For how long a host that is away before anything was sent to it is waited for, in milliseconds; not at all when absent. */
  readonly awayMs?: number;
  /** The greatest output file in bytes; the command's writes beyond it fail silently, its exit status is kept. */
  readonly maxOutputBytes: number;
}

/** Which part of the step ended it. */
export type Stage = 'guard' | 'command' | 'verify';

export type ReceiptAnswer =
  /** It ran (now or earlier) and ended; `stage` is the last that ran. exitCode 0 at stage `verify` or, without one, `command`, is success. */
  | {
      readonly kind: 'ended';
      readonly exitCode: number;
      readonly stage: Stage;
      readonly timedOut: boolean;
      readonly durationMs: number;
      readonly outputBytes: number;
      readonly tail: string;
    }
  /** Claimed, but nobody can say whether or how it ended. */
  | { readonly kind: 'unknown'; readonly why: string; readonly tail: string }
  /** A newer token was seen on this host; this caller must stop. Nothing was started by this call. */
  | { readonly kind: 'fenced'; readonly seen: string }
  /** The host could not start it (disk full, store not writable): nothing was run. */
  | { readonly kind: 'not-started'; readonly why: string };

/** How a receipt stands once it was stopped. */
export type StopAnswer =
  /** It never began, and never will under an older token. */
  | { readonly kind: 'never-started' }
  /** It had ended by itself before, or (`isCut`) was ended now. */
  | (Extract<ReceiptAnswer, { kind: 'ended' }> & { readonly isCut: boolean })
  | Extract<ReceiptAnswer, { kind: 'unknown' }>
  /** Something of it still runs and cannot be ended: root's child under sudo. */
  | { readonly kind: 'runs-on'; readonly why: string };

/** One machine, seen through one connection. The only way an effect reaches it is {@link Host.run}. */
export interface Host {
  readonly address: HostAddress;
  /** Connects if needed. */
  identity(): Promise<HostIdentity>;
  /** Raises this rollback's fence to `token` (does nothing if it is that high already) and answers what it is now. */
  raiseFence(rollback: string, token: string): Promise<string>;
  /** Runs read-only commands in one round trip, each in its own subshell with a time limit. Results in the order asked. */
  read(commands: readonly Sh[], timeoutMs?: number): Promise<Reading[]>;
  /**
   * Runs a step under its receipt, or attaches to it where it already runs or has ended; follows it to its end.
   * Lost connections are mended and the following resumed until `signal` aborts; rejects with a HostError when the host cannot be reached.
   * `beforeSending` is asked before every sending; where it rejects, nothing is sent any more, and its error is this one's.
   */
  run(
    order: ReceiptOrder,
    onOutput: (text: string, leftOutBytes: number) => void,
    signal: AbortSignal,
    beforeSending?: () => Promise<void>,
  ): Promise<ReceiptAnswer>;
  /**
   * Raises the rollback's fence to `token`, so that nothing of an older one begins any more; then ends the process group of a receipt that runs
   * (TERM, then KILL) and answers how the receipt stands. With the intent's boot and store a missing receipt after a reboot is `unknown`.
   */
  stop(order: Pick<ReceiptOrder, 'key' | 'rollback' | 'token'> & Partial<Pick<ReceiptOrder, 'bootId' | 'storeId'>>): Promise<StopAnswer>;
  /** Removes receipts that ended, and kept files that were made, more than so many days ago. Fences stay. Answers how many receipts went. */
  sweep(olderThanDays: number): Promise<number>;
  /** Read-only view of the host's Docker engine. */
  containers(): Promise<ContainerSeen[]>;
  image(reference: string): Promise<ImageSeen | undefined>;
}

export interface ContainerSeen {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly running: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

export interface ImageSeen {
  readonly id: string;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

export type HostErrorCode =
  | 'host-unreachable'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'login-refused'
  | 'connection-lost'
  | 'no-engine'
  | 'host-broken';

/** Our failure to talk to a host, never the command's failure. `advice` says what to do next. */
export class HostError extends Error {
  readonly code: HostErrorCode;
  readonly advice: string;
  constructor(code: HostErrorCode, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostError';
    this.code = code;
    this.advice = advice;
  }
}

/** All hosts of all systems, one connection each. */
export interface Hosts {
  get(address: HostAddress): Host;
  close(): Promise<void>;
}
