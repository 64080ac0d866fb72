import { Redis } from 'ioredis';
import type { Event } from '../../src/domain/event.ts';
import { queueNames } from '../../src/domain/work.ts';
import { keys, prefix } from '../../src/store/keys.ts';

/** What Redis knows, read from outside. While Redis is away, nothing is new. */
export class Journal {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url, { maxRetriesPerRequest: 0, commandTimeout: 1000, retryStrategy: () => 100 });
    this.#redis.on('error', () => undefined); // a read that fails says so itself
  }

  /** The id of the newest rollback of a system, by its number, since clocks jump; undefined while Redis is away. */
  newest(system: string): Promise<string | undefined> {
    return this.#redis.get(keys.number(system)).then(
      (number) => `${system}-${number ?? 0}`,
      () => undefined,
    );
  }

  /** The events of a rollback from the `from`th on; none while Redis is away. */
  async events(id: string, from = 0): Promise<Event[]> {
    const texts = await this.#redis.lrange(keys.log(id), from, -1).catch((): string[] => []);
    return texts.map((text) => JSON.parse(text) as Event);
  }

  /** What must be gone once a rollback has ended: its lock, its leases, and jobs that are under way or were given up. */
  async leftovers(system: string, id: string, newestSeq: number): Promise<string[]> {
    const held = [keys.lock(system), keys.delivering(id)];
    const there = await Promise.all(held.map(async (key) => ((await this.#redis.exists(key)) === 1 ? [`the key ${key}`] : [])));
    const queues = queueNames.filter((name) => name !== 'reconcile' && name !== 'close');
    const jobs = await Promise.all(queues.map((queue) => this.#jobs(queue, id, newestSeq)));
    return [...there, ...jobs].flat();
  }

  /** A job that was put off to speak of an earlier state has nothing to say any more, and goes when it is due. */
  async #jobs(queue: string, id: string, newestSeq: number): Promise<string[]> {
    const isPast = (state: string, job: string): boolean => state === 'delayed' && queue === 'announce' && Number(job.split('.').at(-1)) < newestSeq;
    const lists = await Promise.all([
      ...['active', 'wait'].map(async (state) => ({ state, ids: await this.#redis.lrange(`${prefix}:${queue}:${state}`, 0, -1) })),
      ...['delayed', 'failed'].map(async (state) => ({ state, ids: await this.#redis.zrange(`${prefix}:${queue}:${state}`, 0, '-1') })),
    ]);
    return lists.flatMap(({ state, ids }) =>
      ids.filter((job) => job.startsWith(`${id}.`) && !isPast(state, job)).map((job) => `the ${state} job ${job}`),
    );
  }

  close(): void {
    this.#redis.disconnect();
  }
}
