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
  readonly #queues: Record<QueueName, Queue<JobData>>;

  constructor(connection: Redis) {
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

  /** Puts the timer of reconcile in its place; the same one whoever starts. */
  async everyMs(queue: QueueName, everyMs: number): Promise<void> {
    await this.#queues[queue].upsertJobScheduler(
      'reconcile-all',
      { every: everyMs },
      { name: queue, data: { rollback: '' }, opts: { removeOnComplete: true, removeOnFail: 100 } },
    );
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
