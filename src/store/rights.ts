import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { prefix } from './keys.ts';

type Call = readonly [string, ...(string | number)[]];

/** Nothing that is tried stays longer, in milliseconds, even where deleting is not allowed. */
const goneAfterMs = 10_000;

/** Every command of the product and of its queues (BullMQ 6.7), harmless on keys that only this call has. */
function calls(): Call[] {
  const key = `${prefix}:rights:${randomUUID()}`;
  const [hash, list, set, sorted, stream, other] = ['h', 'l', 's', 'z', 'x', 'o'].map((name) => `${key}:${name}`) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const of = (on: string, ...lines: string[]): Call[] =>
    lines.map((line) => {
      const [command = '', ...args] = line.split(' ');
      return [command, on, ...args];
    });
  return [
    ...of(
      key,
      'set 1',
      'get',
      'incr',
      'incrby 1',
      'exists',
      'type',
      'pttl',
      'expire 10',
      'pexpireat 0',
      'set 1',
      'persist',
      `pexpire ${goneAfterMs}`,
    ),
    ['rename', key, other],
    ...of(hash, 'hset a 1', 'hmset a 1', `pexpire ${goneAfterMs}`, 'hget a', 'hmget a', 'hgetall', 'hincrby a 1', 'hexists a', 'hlen', 'hscan 0'),
    ...of(hash, 'hdel a'),
    ...of(
      list,
      'rpush a b c',
      'lpush a',
      `pexpire ${goneAfterMs}`,
      'llen',
      'lrange 0 -1',
      'lindex 0',
      'lset 0 a',
      'lpos a',
      'lrem 0 z',
      'ltrim 0 -1',
    ),
    ['rpoplpush', list, list],
    ...of(list, 'rpop', 'lpop'),
    ...of(set, 'sadd a', `pexpire ${goneAfterMs}`, 'scard', 'sismember a', 'smembers', 'sscan 0', 'srem a'),
    ...of(sorted, 'zadd 1 a 2 b 3 c', `pexpire ${goneAfterMs}`, 'zscore a', 'zrange 0 -1', 'zrangebyscore 0 1', 'zrangebylex - +', 'zrevrange 0 -1'),
    ...of(
      sorted,
      'zrevrangebyscore 1 0',
      'zcard',
      'zcount 0 1',
      'zlexcount - +',
      'zremrangebyscore 8 9',
      'zremrangebyrank 8 9',
      'zpopmin',
      'bzpopmin 1',
    ),
    ...of(sorted, 'zrem c'),
    ...of(stream, 'xadd * a 1', `pexpire ${goneAfterMs}`, 'xlen', 'xrange - +', 'xtrim MAXLEN 10', 'xdel 0-1'),
    ['xread', 'COUNT', 1, 'STREAMS', stream, '0'],
    ...[['time'], ['info', 'server'], ['eval', 'return 1', 0], ['evalsha', '0'.repeat(40), 0], ['multi'], ['exec'], ['wait', 0, 1]].map(
      (call) => call as unknown as Call,
    ),
    ['unlink', hash, list],
    ['del', key, other, set, sorted, stream],
  ];
}

/** What this user of Redis may not do and the product needs: `the commands zpopmin, xadd`, `keys that begin with {bot}`. Empty when it may do all of it. */
export async function missingRights(redis: Redis): Promise<string[]> {
  const tried = calls();
  const answers = (await redis.pipeline(tried.map((call) => [...call])).exec()) ?? [];
  const refused = answers.flatMap(([error], i) =>
    error?.message.startsWith('NOPERM') ? [{ command: tried[i]?.[0] ?? '', why: error.message }] : [],
  );
  const commands = new Set(refused.filter(({ why }) => / to run the /.test(why)).map(({ command }) => command));
  return [
    ...(commands.size > 0 ? [`the ${commands.size === 1 ? 'command' : 'commands'} ${[...commands].sort().join(', ')}`] : []),
    ...(refused.some(({ why }) => !/ to run the /.test(why)) ? [`keys that begin with ${prefix}`] : []),
  ];
}
