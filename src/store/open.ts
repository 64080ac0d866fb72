import { type Redis, ReplyError } from 'ioredis';
import { connectQueues, connectStore, redisDangers, type ScriptedRedis } from './redis.ts';

/** Redis cannot be used. `advice` says what to do. */
export class RedisUnreachable extends Error {
  override name = 'RedisUnreachable';
  readonly advice: string;
  constructor(message: string, advice: string, options: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

/** The two connections of a process, and what of Redis' settings could lose data. */
export interface OpenRedis {
  readonly store: ScriptedRedis;
  readonly queues: Redis;
  readonly dangers: readonly string[];
  close(): Promise<void>;
}

/** Connects and asks once. Throws {@link RedisUnreachable} when there is no answer. */
export async function openRedis(url: string): Promise<OpenRedis> {
  const store = connectStore(url);
  try {
    await store.ping();
  } catch (cause) {
    store.disconnect();
    throw unusable(url, cause);
  }
  const queues = connectQueues(url);
  return {
    store,
    queues,
    dangers: await redisDangers(store),
    async close() {
      store.disconnect();
      queues.disconnect();
    },
  };
}

function unusable(url: string, cause: unknown): RedisUnreachable {
  const where = `Redis at ${withoutPassword(url)}`;
  return cause instanceof ReplyError
    ? new RedisUnreachable(`${where} refuses: ${(cause as Error).message}`, 'Check the user and the password in REDIS_URL.', { cause })
    : new RedisUnreachable(`${where} does not answer`, 'Start Redis (docker compose up redis), or set REDIS_URL to where it is.', { cause });
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}
