import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type QueueName, queueNames, type WorkOrder } from '../domain/work.ts';
import { prefix } from './keys.ts';

/** Job data is only the rollback's name: what to do stands in its state. */
export interface JobData {
  readonly rollback: string;
}

/** The queues as those who add jobs see them. */
export class Queues {
  readonly #connection: Redis;
  readonly #queues: Record<QueueName, Queue<JobData>>;

  constructor(connection: Redis) {
    this.#connection = connection;
    const open = (name: QueueName): Queue<JobData> => {
      const queue = new Queue<JobData>(name, { connection, prefix });
      queue.on('error', () => undefined); // an add that fails rejects; reconcile adds it again
      return queue;
    };
    this.#queues = Object.fromEntries(queueNames.map((name) => [name, open(name)])) as Record<QueueName, Queue<JobData>>;
  }

  /** Adds these jobs; those that exist stay as they are. `now` in milliseconds since 1970. */
  async add(orders: readonly WorkOrder[], now: number): Promise<void> {
    await Promise.all(orders.map((order) => this.#queues[order.queue].add(order.queue, { rollback: order.rollback }, jobOptions(order, now))));
  }

  /**
   * Lets these jobs run now where they have longer to wait than they were given when they were put off: the clock of the process that did it was
   * ahead, or has jumped back since, and nobody else would run them until then. `now` in milliseconds since 1970.
   */
  async hurry(orders: readonly WorkOrder[], now: number): Promise<void> {
    await Promise.all(orders.map((order) => hurryOne(this.#connection, this.#queues[order.queue], order, now)));
  }

  /**
   * Adds this queue's job for all rollbacks at once, and then by a timer of this process: a timer kept in Redis would stand still when the clock that set
   * it jumps back. However many processes do so, there is one such job at a time. Answers what ends it.
   */
  async every(queue: QueueName, everyMs: number): Promise<() => Promise<void>> {
    const order: WorkOrder = { queue, id: `${queue}-all`, rollback: '' };
    await this.#queues[queue].removeJobScheduler(formerTimer);
    const add = async (): Promise<void> => {
      await this.hurry([order], Date.now());
      await this.add([order], Date.now());
    };
    await add();
    const timer = setInterval(() => void add().catch(() => undefined), everyMs); // the next time does it
    return async () => clearInterval(timer);
  }

  /** How many jobs there are, by queue and by what they wait for. Waits for Redis for as long as it takes. */
  async counts(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
    const counted = Object.entries(this.#queues).map(
      async ([name, queue]) => [name, await queue.getJobCounts('waiting', 'active', 'delayed', 'failed')] as const,
    );
    return Object.fromEntries(await Promise.all(counted));
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close()));
  }
}

/** Ended jobs leave their id free at once, so that reconcile can ask for the same work again while the state still calls for it. */
function jobOptions(order: WorkOrder, now: number) {
  return {
    jobId: order.id,
    ...(order.at === undefined ? {} : { delay: Math.max(0, order.at - now) }),
    attempts: 6,
    backoff: { type: 'fixed', delay: 1000 },
    removeOnComplete: true,
    removeOnFail: true,
  };
}

/** Earlier versions kept a timer of this name in Redis. */
const formerTimer = 'reconcile-all';
/** A job that is this much later than it was put off for has met a clock that jumped, in milliseconds. */
const jumpMs = 1000;
/** BullMQ's score of a job that is put off: when it is due, in milliseconds since 1970, times this, and a number within. */
const scoreFactor = 4096;

async function hurryOne(connection: Redis, queue: Queue<JobData>, order: WorkOrder, now: number): Promise<void> {
  if (order.at !== undefined) return; // it says itself when it is due
  const score = await connection.zscore(queue.toKey('delayed'), order.id);
  if (score === null) return;
  const job = await queue.getJob(order.id);
  if (job && Number(score) / scoreFactor - now > job.delay + jumpMs) await job.promote().catch(() => undefined); // it has just begun
}
