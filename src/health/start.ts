import type { State } from '../domain/state.ts';
import type { Log } from '../store/log.ts';
import type { Pulse } from '../store/pulse.ts';
import type { Queues } from '../store/queues.ts';
import type { Workers } from '../store/workers.ts';
import { checksOf } from './checks.ts';
import type { Metrics, Readings } from './metrics.ts';
import { serveHealth } from './server.ts';

/** Whether Slack reaches this process. */
export interface Heard {
  readonly ok: boolean;
  readonly says: string;
  readonly lastAt?: number;
}

/** What health and metrics are read from. */
export interface Watched {
  readonly log: Pick<Log, 'open' | 'load'>;
  readonly workers: Pick<Workers, 'list'>;
  readonly pulse: Pick<Pulse, 'ageMs'>;
  readonly queues: Pick<Queues, 'counts'>;
  /** Rejects when Redis does not answer. */
  ping(): Promise<unknown>;
  /** Undefined in a process that does not listen to Slack, or before it does. */
  hearing(now: number): Heard | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What the metrics read when somebody asks. */
export const readingsOf = ({ log, workers, pulse, queues, hearing, now }: Watched): Readings => ({
  rollbacks: async () => (await Promise.all((await log.open()).map((id) => log.load(id)))).filter((state): state is State => state !== undefined),
  jobs: () => queues.counts(),
  workers: async () => (await workers.list()).length,
  reconcileAgeMs: () => pulse.ageMs(),
  hearing: () => hearing(now()),
  now,
});

/** Serves the health of a process that listens to Slack (`isBot`) or does not. Answers what ends it. */
export function startHealth(
  where: { readonly host: string; readonly port: number; readonly isBot: boolean },
  { ping, workers, pulse, hearing, now }: Watched,
  metrics: Metrics,
): Promise<() => Promise<void>> {
  const slack = (): Heard => hearing(now()) ?? { ok: false, says: 'is being connected' };
  const checks = checksOf({
    ping,
    workers: () => workers.list(),
    reconcileAgeMs: () => pulse.ageMs(),
    ...(where.isBot ? { hearing: slack } : {}),
  });
  return serveHealth({ host: where.host, port: where.port, checks, metrics });
}
