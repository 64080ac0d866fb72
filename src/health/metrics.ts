import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RefusalCode } from '../domain/refusal.ts';
import { isEnded, type State } from '../domain/state.ts';
import { within } from '../store/within.ts';
import { Recent } from './recent.ts';

/** What is read when somebody asks, not counted as it happens. Times in milliseconds. */
export interface Readings {
  /** The rollbacks that are open, or ended within the last hour. */
  rollbacks(): Promise<readonly Pick<State, 'system' | 'status'>[]>;
  /** Jobs by queue and by what they wait for. */
  jobs(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  /** How many workers live. */
  workers(): Promise<number>;
  reconcileAgeMs(): Promise<number | undefined>;
  /** Undefined in a process that does not listen to Slack. */
  hearing(): { readonly ok: boolean; readonly lastAt?: number } | undefined;
  now(): number;
}

/** What a process counts. Labels are names of systems, step kinds, codes and statuses: few, and never a person's or a secret. */
export interface Metrics {
  /** Something happened to a rollback, by a process's own hand. */
  appended(state: State): void;
  refused(code: RefusalCode): void;
  /** A request in HTTP mode was answered with this status, since it was not Slack's. */
  turnedAway(status: number): void;
  /** Slack said that we ask too much. */
  rateLimited(): void;
  /** Everything in Prometheus' text format; what cannot be read just now is left out. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** How long a reading may take, in milliseconds: the queues' connection waits for Redis for as long as it takes. */
const readWithinMs = 1000;
/** From a check to a build, in seconds. */
const buckets = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];

/** Opens the counters of a process. */
export function openMetrics(readings: Readings): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const named = (name: string, help: string) => ({ name: `rollback_bot_${name}`, help, registers });
  const ended = new Counter({ ...named('ended_total', 'Rollbacks that this process ended'), labelNames: ['system', 'status'] });
  const steps = new Histogram({ ...named('step_seconds', 'How long steps took on a host'), labelNames: ['kind', 'outcome'], buckets });
  const refusals = new Counter({ ...named('refusals_total', 'What people asked for and were refused'), labelNames: ['code'] });
  const turnedAway = new Counter({ ...named('http_turned_away_total', "Requests that were not Slack's"), labelNames: ['status'] });
  const rateLimited = new Counter(named('slack_rate_limited_total', 'Answers of Slack that we ask too much (429)'));
  const read = openGauges(named);
  const seen = new Recent<string>(10_000);
  let asked: Promise<string> | undefined; // two who ask at once get one answer: each would empty the gauges that the other has read
  return {
    contentType: registry.contentType,
    appended(state) {
      if (isEnded(state) && state.endedAt === state.at && seen.isNew(state.id)) ended.inc({ system: state.system, status: state.status });
      for (const { run, step, result } of endedJustNow(state))
        if (seen.isNew(`${state.id} ${run} ${step.attempt}`))
          steps.observe({ kind: kindOf(state, run), outcome: result.outcome }, result.durationMs / 1000);
    },
    refused: (code) => refusals.inc({ code }),
    turnedAway: (status) => turnedAway.inc({ status }),
    rateLimited: () => rateLimited.inc(),
    text() {
      asked ??= read(readings)
        .then(() => registry.metrics())
        .finally(() => {
          asked = undefined;
        });
      return asked;
    },
  };
}

/** The runs that ended with the event that was appended last. */
const endedJustNow = ({ runs, at }: State) =>
  Object.entries(runs).flatMap(([run, step]) => (step.endedAt === at && step.result ? [{ run, step, result: step.result }] : []));

function kindOf({ outline }: State, run: string): string {
  const id = run.slice(0, run.lastIndexOf('@'));
  return outline?.phases.flatMap((phase) => phase.steps).find((step) => step.id === id)?.kind ?? 'unknown';
}

type Named = (name: string, help: string) => { name: string; help: string; registers: Registry[] };

/** Gauges that are set when somebody asks; one whose reading fails is emptied, since an old number would look like a true one. */
function openGauges(named: Named): (readings: Readings) => Promise<void> {
  const rollbacks = new Gauge({ ...named('rollbacks', 'Rollbacks that are open or ended within the last hour'), labelNames: ['system', 'status'] });
  const jobs = new Gauge({ ...named('jobs', 'Jobs in the queues'), labelNames: ['queue', 'state'] });
  const workers = new Gauge(named('workers', 'Workers that gave a sign of life within 15 seconds'));
  const reconcile = new Gauge(named('reconcile_age_seconds', 'How long ago a worker looked over everything that is open'));
  const connected = new Gauge(named('slack_connected', "1: Slack's commands and clicks reach this process"));
  const heard = new Gauge(named('slack_heard_age_seconds', 'How long ago the last command or click came'));
  return async (readings) => {
    for (const gauge of [workers, reconcile, connected, heard]) gauge.remove();
    for (const gauge of [rollbacks, jobs]) gauge.reset();
    const hearing = readings.hearing();
    if (hearing) connected.set(hearing.ok ? 1 : 0);
    if (hearing?.lastAt !== undefined) heard.set((readings.now() - hearing.lastAt) / 1000);
    await Promise.allSettled([
      within(readWithinMs, readings.rollbacks()).then((states) => {
        for (const { system, status } of states) rollbacks.inc({ system, status });
      }),
      within(readWithinMs, readings.jobs()).then((queues) => {
        for (const [queue, states] of Object.entries(queues)) for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
      }),
      within(readWithinMs, readings.workers()).then((count) => workers.set(count)),
      within(readWithinMs, readings.reconcileAgeMs()).then((ms) => {
        if (ms !== undefined) reconcile.set(ms / 1000);
      }),
    ]);
  };
}
