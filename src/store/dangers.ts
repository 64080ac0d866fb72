import { type Redis, ReplyError } from 'ioredis';
import { fieldsOf } from './redis.ts';

const hidden =
  'Redis does not show its settings (CONFIG GET is refused): make sure that it has "appendonly yes" and "maxmemory-policy noeviction", or rollbacks can be lost.';

/** From this share of its memory on, a Redis that evicts nothing will soon refuse writes. */
const nearlyFull = 0.8;

/** What of this Redis can lose what a rollback knows, each with its mend. Empty when nothing. A hosted Redis may refuse to tell. Answers or rejects within two seconds. */
export async function redisDangers(redis: Redis): Promise<string[]> {
  const [settings, info] = await Promise.all([settingsOf(redis), redis.info()]);
  return [...(settings === undefined ? [hidden] : settingDangers(settings)), ...stateDangers(fieldsOf(info))];
}

/** Undefined where Redis does not show them. */
async function settingsOf(redis: Redis): Promise<(string | undefined)[] | undefined> {
  try {
    return await Promise.all(['appendonly', 'appendfsync', 'save', 'maxmemory-policy'].map((name) => setting(redis, name)));
  } catch (error) {
    if (error instanceof ReplyError) return undefined;
    throw error;
  }
}

const setting = async (redis: Redis, name: string): Promise<string | undefined> => ((await redis.config('GET', name)) as string[])[1];

/** Dangers of settings, which stay until somebody changes them. */
function settingDangers([appendonly, appendfsync, save, policy]: readonly (string | undefined)[]): string[] {
  return [
    ...(appendonly === 'no' ? [notAppending(save ?? '')] : []),
    ...(appendonly === 'yes' && appendfsync !== 'always' ? [lateOnDisk(appendfsync ?? '')] : []),
    ...(policy !== undefined && policy !== 'noeviction'
      ? [`Redis may evict what a rollback knows (${policy}): set "maxmemory-policy noeviction".`]
      : []),
  ];
}

const notAppending = (save: string): string =>
  save === ''
    ? 'Redis keeps no append-only file, so a restart loses rollbacks: set "appendonly yes".'
    : `Redis keeps no append-only file but only snapshots (save ${save}), so a restart loses what came after the last: set "appendonly yes".`;

const lateOnDisk = (appendfsync: string): string =>
  `Redis answers before a write is on the disk (appendfsync ${appendfsync}), so a crash of its machine loses ${
    appendfsync === 'everysec' ? 'up to a second' : 'half a minute'
  } of decisions: set "appendfsync always".`;

/** Dangers of how it is just now. */
function stateDangers(info: ReturnType<typeof fieldsOf>): string[] {
  const [used, max] = [Number(info.used_memory), Number(info.maxmemory)];
  return [
    ...(info.role === 'slave'
      ? [`This Redis is a replica of ${info.master_host}:${info.master_port}, so nothing can be written to it: set REDIS_URL to the primary.`]
      : []),
    ...(max > 0 && used >= nearlyFull * max
      ? [`Redis uses ${Math.round((100 * used) / max)} % of its memory and refuses every write when it is full: raise "maxmemory".`]
      : []),
    ...(info.aof_last_write_status === 'err'
      ? ['Redis could not write to its append-only file: look at the disk it is on; until then it may refuse decisions.']
      : []),
  ];
}
