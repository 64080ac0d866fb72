import type { Directory } from '../domain/directory.ts';
import type { System } from '../domain/system.ts';
import type { Mirror } from '../releases/mirror.ts';
import type { Log } from '../store/log.ts';
import type { Plans } from '../store/plans.ts';
import type { ProvenReleases } from '../store/proven.ts';

/** What a person's command works with, through whatever it comes in. */
export interface CommandContext {
  readonly systems: Readonly<Record<string, System>>;
  readonly log: Log;
  readonly plans: Plans;
  readonly proven: ProvenReleases;
  readonly mirror: (system: System) => Mirror;
  readonly directory: Directory;
  /** Milliseconds since 1970. */
  now(): number;
}
