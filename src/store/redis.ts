import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

/** A connection that carries our scripts. */
export interface ScriptedRedis extends Redis {
  appendEvents(...args: (string | number)[]): Promise<[string, string]>;
  createRollback(...args: (string | number)[]): Promise<[string, string]>;
  appendJournal(...args: (string | number)[]): Promise<0 | 1>;
  cutJournal(...args: (string | number)[]): Promise<0 | 1>;
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
  redis.defineCommand('createRollback', { numberOfKeys: 6, lua: script('create.lua') });
  redis.defineCommand('appendJournal', { numberOfKeys: 2, lua: script('journal.lua') });
  redis.defineCommand('cutJournal', { numberOfKeys: 2, lua: script('cut.lua') });
  return redis as ScriptedRedis;
}

/** A connection for BullMQ, which waits for Redis for as long as it takes. */
export function connectQueues(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(times * 100, 1000) });
  redis.on('error', () => undefined); // BullMQ reports it on its own events
  return redis;
}

/** How long a decision waits for a replica, in milliseconds. */
const replicaWithinMs = 1000;

/**
 * Whether what this connection wrote last is on a replica too; true where there is none. To be asked on the connection that wrote. It holds back that
 * connection for a second at most. False: it stands, but only on the primary; if that one is lost now, it may be lost with it.
 */
export async function replicated(redis: Redis): Promise<boolean> {
  const { connected_slaves: count } = fieldsOf(await redis.info('replication'));
  return Number(count ?? 0) === 0 || (await redis.wait(1, replicaWithinMs)) >= 1;
}

/** What INFO says, by field. */
export const fieldsOf = (info: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(info.split('\r\n').flatMap((line) => (line.includes(':') ? [line.split(/:(.*)/, 2)] : [])));
