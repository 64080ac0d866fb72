import { Redis } from 'ioredis';
import type { Event } from '../../src/domain/event.ts';
import { keys, prefix } from '../../src/store/keys.ts';

/** What Redis knows, read from outside. While Redis is away, nothing is new. */
export class Journal {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url, { maxRetriesPerRequest: 0, commandTimeout: 1000, retryStrategy: () => 100 });
    this.#redis.on('error', () => undefined); // a read that fails says so itself
  }

  /** The newest rollbacks of a system, newest first; undefined while Redis is away. */
  newest(system: string): Promise<string[] | undefined> {
    return this.#redis.zrevrange(keys.rollbacks(system), 0, 9).catch(() => undefined);
  }

  /** The events of a rollback from the `from`th on; none while Redis is away. */
  async events(id: string, from = 0): Promise<Event[]> {
    const texts = await this.#redis.lrange(keys.log(id), from, -1).catch((): string[] => []);
    return texts.map((text) => JSON.parse(text) as Event);
  }

  /** What must be gone once a rollback has ended: its lock, its leases, and jobs that are under way or were given up. */
  async leftovers(system: string, id: string): Promise<string[]> {
    const held = [keys.lock(system), keys.delivering(id)];
    const there = await Promise.all(held.map(async (key) => ((await this.#redis.exists(key)) === 1 ? [`the key ${key}`] : [])));
    const queues = ['plan', 'halt', 'stop', 'phase', 'announce', 'record'];
    const jobs = await Promise.all(queues.map((queue) => this.#jobs(queue, id)));
    return [...there, ...jobs].flat();
  }

  async #jobs(queue: string, id: string): Promise<string[]> {
    const lists = await Promise.all([
      ...['active', 'wait'].map(async (state) => ({ state, ids: await this.#redis.lrange(`${prefix}:${queue}:${state}`, 0, -1) })),
      ...['delayed', 'failed'].map(async (state) => ({ state, ids: await this.#redis.zrange(`${prefix}:${queue}:${state}`, 0, '-1') })),
    ]);
    return lists.flatMap(({ state, ids }) => ids.filter((job) => job.startsWith(`${id}.`)).map((job) => `the ${state} job ${job}`));
  }

  close(): void {
    this.#redis.disconnect();
  }
}
