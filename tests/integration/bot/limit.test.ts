import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { answered } from '../../../src/bot/answer.ts';
import type { BotContext } from '../../../src/bot/context.ts';
import { type Refusal, refuse } from '../../../src/domain/refusal.ts';
import { Rates } from '../../../src/store/rates.ts';
import { connectStore, type ScriptedRedis } from '../../../src/store/redis.ts';

let redis: Redis;
let store: ScriptedRedis;
let other: ScriptedRedis;
beforeAll(async () => {
  redis = await startRedis();
  store = connectStore(redis.url);
  other = connectStore(redis.url);
});
beforeEach(() => store.flushall());
afterAll(async () => {
  store.disconnect();
  other.disconnect();
  await redis.stop();
});

const limits = { actions: 30, requests: 5 };

/** What the person who does this is told, and whether it was done. */
async function does(what: string, userId = 'U1', on = store, result?: Refusal): Promise<{ said: string; isDone: boolean; refused: string[] }> {
  const seen = { said: '', isDone: false, refused: [] as string[] };
  const context = {
    logger: pino({ level: 'silent' }),
    rates: new Rates(on, limits),
    onRefusal: (code: string) => void seen.refused.push(code),
    journal: { append: async () => undefined, note: async () => undefined },
  } as unknown as BotContext;
  await answered(
    context,
    { userId, what },
    async (text) => {
      seen.said += text;
    },
    async () => {
      seen.isDone = true;
      return result;
    },
  );
  return seen;
}

async function times(count: number, what: string, userId?: string, on?: ScriptedRedis, result?: Refusal): Promise<boolean[]> {
  const done: boolean[] = [];
  for (let i = 0; i < count; i++) done.push((await does(what, userId, on, result)).isDone);
  return done;
}

describe('how much one person may do', () => {
  it('thirty actions a minute; the next is answered with what was too much and when to go on', async () => {
    expect(await times(30, 'plan sac-1')).not.toContain(false);
    const { said, isDone, refused } = await does('plan sac-1');
    expect(isDone).toBe(false);
    expect(said).toMatch(
      /^You did more than 30 things within a minute; this one was not done\.\nGo on in (60|59) seconds\. Approve, Reject, Stop and halt work/,
    );
    expect(refused).toEqual(['too-many']);
  });

  it('five requests a minute, whichever way they are asked for', async () => {
    expect(await times(3, '/rollback sac v0.1.0')).not.toContain(false);
    expect(await times(2, 'undo sac-1')).not.toContain(false);
    const { said, isDone } = await does('/rollback sac v0.1.0');
    expect(isDone).toBe(false);
    expect(said).toContain('You asked for more than 5 rollbacks within a minute; this one was not asked for.');
    expect((await does('/rollback status')).isDone).toBe(true);
  });

  it('a request that was refused is none: typing it wrong six times keeps nobody waiting', async () => {
    expect(await times(6, '/rollback sac v9', 'U1', store, refuse('version-unknown', 'There is no release v9.', 'Name a tag.'))).not.toContain(false);
    expect((await does('/rollback sac v0.1.0')).isDone).toBe(true);
  });

  it('Approve, Reject, Stop and halt always work', async () => {
    await times(31, 'plan sac-1');
    for (const what of ['approve sac-1', 'reject sac-1', 'stop sac-1', 'halt sac-1', '/rollback stop sac-1'])
      expect((await does(what)).isDone, what).toBe(true);
    expect((await does('plan sac-1')).isDone).toBe(false);
  });

  it('each person for himself, over all processes together', async () => {
    await times(15, 'plan sac-1', 'U1', store);
    await times(15, 'plan sac-1', 'U1', other);
    expect((await does('plan sac-1', 'U1', store)).isDone).toBe(false);
    expect((await does('plan sac-1', 'U2', store)).isDone).toBe(true);
  });

  it('many at the same moment: exactly as many as may', async () => {
    const all = await Promise.all(Array.from({ length: 60 }, (_, i) => does('plan sac-1', 'U1', i % 2 === 0 ? store : other)));
    expect(all.filter(({ isDone }) => isDone)).toHaveLength(30);
  });

  it('the minute ends, and leaves nothing behind', async () => {
    await times(31, 'plan sac-1');
    expect((await does('plan sac-1')).isDone).toBe(false);
    const keys = await store.keys('{bot}:rate:*');
    expect(keys).toEqual(['{bot}:rate:actions:U1']);
    for (const key of keys) {
      expect(await store.pttl(key)).toBeGreaterThan(50_000);
      await store.pexpire(key, 1);
    }
    await expect.poll(() => store.keys('{bot}:rate:*')).toEqual([]);
    expect((await does('plan sac-1')).isDone).toBe(true);
  });

  it('Redis away: nobody is limited, it is no error, and nobody waits long for that', async () => {
    const away = connectStore('redis://127.0.0.1:1');
    try {
      const startedAt = performance.now();
      const { said, isDone } = await does('/rollback sac v0.1.0', 'U1', away);
      expect([said, isDone]).toEqual(['', true]);
      expect(performance.now() - startedAt).toBeLessThan(1000);
    } finally {
      away.disconnect();
    }
  });
});
