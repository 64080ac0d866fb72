import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueName } from '../domain/work.ts';
import { prefix } from '../store/keys.ts';
import { FencedError } from '../store/log.ts';
import type { JobData } from '../store/queues.ts';
import { TamperedError } from '../store/sound.ts';
import { announce } from './announce.ts';
import { closeRollback } from './close.ts';
import type { Context } from './context.ts';
import { gaveUp } from './gave-up.ts';
import { haltHosts } from './halt.ts';
import { advance } from './phase/job.ts';
import { planRollback } from './plan/job.ts';
import { reconcile } from './reconcile.ts';
import { recordRelease } from './record.ts';
import { stopRollback } from './stop.ts';

/** A worker that died is replaced within seconds: facts measured with these settings say 3.6–9.6 s. */
const takeover = { lockDuration: 5000, stalledInterval: 1000, maxStalledCount: 1000 };

const concurrency: Readonly<Record<QueueName, number>> = { plan: 4, halt: 4, stop: 4, phase: 8, announce: 8, record: 2, close: 1, reconcile: 1 };

type Process = (job: Job<JobData>, token: string | undefined, signal: AbortSignal) => Promise<void>;

/** Starts a worker on each queue. `close` lets go of what runs: the next worker attaches to it. */
export function startWorkers(context: Context, connection: Redis): { close(): Promise<void> } {
  const stopping = new AbortController();
  const work: Readonly<Record<QueueName, Process>> = {
    plan: (job) => planRollback(context, job.data.rollback),
    phase: (job, _token, signal) => advance(context, job.data.rollback, AbortSignal.any([signal, stopping.signal])),
    halt: (job, _token, signal) => haltHosts(context, job.data.rollback, AbortSignal.any([signal, stopping.signal])),
    stop: (job, _token, signal) => stopRollback(context, job.data.rollback, AbortSignal.any([signal, stopping.signal])),
    record: (job, _token, signal) => recordRelease(context, job.data.rollback, AbortSignal.any([signal, stopping.signal])),
    announce: (job, token) => announceJob(context, job, token),
    close: (job) => closeRollback(context, job.data.rollback),
    reconcile: (job) => reconcile(context, job.data.rollback),
  };
  const workers = (Object.keys(work) as QueueName[]).map((name) => {
    const worker = new Worker<JobData>(name, (job, token, signal) => guarded(context, name, work[name], job, token, signal ?? stopping.signal), {
      connection,
      prefix,
      concurrency: concurrency[name],
      ...takeover,
    });
    worker.on('error', (error) => context.logger.warn({ queue: name, err: error.message }, 'queue trouble'));
    return worker;
  });
  return {
    async close() {
      stopping.abort();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

/** A fenced worker has been replaced: what it was doing is somebody else's now, and no failure. */
async function guarded(
  context: Context,
  queue: QueueName,
  process: Process,
  job: Job<JobData>,
  token: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    await process(job, token, signal);
  } catch (error) {
    if (error instanceof FencedError) return context.logger.info({ job: job.id, why: error.message }, 'replaced by a newer worker');
    if (error instanceof DelayedError || signal.aborted) throw error; // moved on purpose, or let go of: another worker has it
    context.logger.error({ job: job.id, err: error, try: job.attemptsMade + 1 }, 'job failed');
    const isHopeless = error instanceof TamperedError; // no try makes a forged log whole
    if (isHopeless || job.attemptsMade + 1 >= (job.opts.attempts ?? 1)) await gaveUp(context, queue, job.data.rollback, error as Error);
    throw isHopeless ? new UnrecoverableError(error.message) : error;
  }
}

/** Only the newest event's job speaks: it says all that the older ones would. */
async function announceJob(context: Context, job: Job<JobData>, token: string | undefined): Promise<void> {
  const state = await context.log.load(job.data.rollback);
  if (!state || state.seq > Number(job.id?.split('.').at(-1))) return;
  const againMs = await announce(context, state.id);
  if (againMs === undefined) return;
  await job.moveToDelayed(Date.now() + againMs, token);
  throw new DelayedError();
}
