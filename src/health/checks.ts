import type { Checks, Part } from './health.ts';

/** What the checks ask. Times in milliseconds. */
export interface Asked {
  /** Rejects when Redis does not answer. */
  ping(): Promise<unknown>;
  /** The names of the workers that live. */
  workers(): Promise<readonly string[]>;
  /** How long ago a worker looked over everything that is open; undefined when none ever did. */
  reconcileAgeMs(): Promise<number | undefined>;
  /** Absent in a process that does not listen to Slack. */
  hearing?(): Part;
}

/** It is done every five seconds; a worker that was killed is replaced within ten. */
const reconcileLateMs = 30_000;

/** The parts of the product, as every process of it sees them: a bot without a worker hears people and does nothing for them. */
export function checksOf({ ping, workers, reconcileAgeMs, hearing }: Asked): Checks {
  return {
    ...(hearing ? { slack: () => ({ ok: hearing().ok, says: hearing().says }) } : {}),
    redis: () => ping().then(() => ({ ok: true, says: 'answers' }), silent),
    worker: () => workers().then(living, silent),
    reconcile: () => reconcileAgeMs().then(lookedOver, silent),
  };
}

/** Without the reason: an address or a password could be in it, and the log has it. */
const silent = (): Part => ({ ok: false, says: 'Redis does not answer' });

const living = (names: readonly string[]): Part =>
  names.length === 0
    ? { ok: false, says: 'no worker gives a sign of life: start one (npm run start:worker)' }
    : { ok: true, says: `${names.length} ${names.length === 1 ? 'worker gives' : 'workers give'} signs of life` };

function lookedOver(ms: number | undefined): Part {
  if (ms === undefined) return { ok: false, says: 'no worker has looked over what is open yet' };
  const seconds = Math.round(ms / 1000);
  const words = `what is open was looked over ${seconds} s ago`;
  return ms <= reconcileLateMs ? { ok: true, says: words } : { ok: false, says: `${words}, and should be every 5 s: look at the log of the worker` };
}
