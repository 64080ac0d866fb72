import { readFileSync } from 'node:fs';
import { Redis, ReplyError } from 'ioredis';

/** A connection that carries our scripts. */
export interface ScriptedRedis extends Redis {
  appendEvents(...args: (string | number)[]): Promise<[string, string]>;
  createRollback(...args: (string | number)[]): Promise<[string, string]>;
}

const script = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** How long a command may take before the person who waits is told that Redis does not answer. Bolt's listeners have 3 s. */
const commandTimeoutMs = 2000;

/** A connection for decisions and reads: it fails within two seconds instead of waiting for Redis to come back. */
export function connectStore(url: string): ScriptedRedis {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    connectTimeout: commandTimeoutMs,
    retryStrategy: (times) => Math.min(times * 100, 1000),
  });
  redis.on('error', () => undefined); // every command reports its own failure; the event only keeps the process alive
  redis.defineCommand('appendEvents', { numberOfKeys: 3, lua: script('append.lua') });
  redis.defineCommand('createRollback', { numberOfKeys: 4, lua: script('create.lua') });
  return redis as ScriptedRedis;
}

/** A connection for BullMQ, which waits for Redis for as long as it takes. */
export function connectQueues(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(times * 100, 1000) });
  redis.on('error', () => undefined); // BullMQ reports it on its own events
  return redis;
}

const hidden =
  'Redis does not show its settings (CONFIG GET is refused): make sure that it has "appendonly yes" and "maxmemory-policy noeviction", or rollbacks can be lost.';

/** Redis settings that can lose what a rollback knows, each with its mend. Empty when none. A hosted Redis may refuse to tell. */
export async function redisDangers(redis: Redis): Promise<string[]> {
  return settingDangers(redis).catch((error: unknown) => {
    if (error instanceof ReplyError) return [hidden];
    throw error;
  });
}

async function settingDangers(redis: Redis): Promise<string[]> {
  const setting = async (name: string): Promise<string | undefined> => ((await redis.config('GET', name)) as string[])[1];
  const policy = await setting('maxmemory-policy');
  const dangers: string[] = [];
  if ((await setting('appendonly')) === 'no') dangers.push('Redis keeps no append-only file, so a restart loses rollbacks: set "appendonly yes".');
  if (policy !== undefined && policy !== 'noeviction')
    dangers.push(`Redis may evict what a rollback knows (${policy}): set "maxmemory-policy noeviction".`);
  return dangers;
}
