import type { ChaosHost } from './hosts.ts';
import type { ChaosWorld } from './world.ts';

/**
 * What a fault may make unknowable, so that people are rightly asked. `deliverer-stale`: one that stood still in the middle of posting may post once more
 * when it wakes, since Slack cannot be told not to take it; then one of the two is to be deleted.
 */
export type Excuse = 'rebooted' | 'host-away' | 'request-lost' | 'deliverer-stale';

/** One thing that breaks in a round, chosen whole by the seed. */
export interface Fault {
  /** `sshd-restart chaos-1, 2.1 s` */
  readonly text: string;
  /** How long it lasts, in milliseconds. */
  readonly lastsMs: number;
  readonly excuses: readonly Excuse[];
  /** The host that it is about; all when absent. */
  readonly host?: ChaosHost;
  /** Breaks it. */
  inject(world: ChaosWorld, hit: Hit): Promise<void> | void;
  /** Mends it; resolves when it is mended. */
  heal?(world: ChaosWorld): Promise<void> | void;
}

/** The rollback at the moment of the fault. */
export interface Hit {
  /** The pid of the worker that took it last, 0 while none has. */
  readonly holderPid: number;
  /** Told of a worker that was killed, at once. */
  killed(pid: number): void;
}
