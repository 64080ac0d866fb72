import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { System } from '../../../src/domain/system.ts';
import { startDueDrills } from '../../../src/jobs/drills.ts';
import { openMirror } from '../../../src/releases/mirror.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { testJournal } from '../../helpers/sealing.ts';
import { leastSystem } from '../../helpers/system.ts';

let server: Redis;
let redis: OpenRedis;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

const dayMs = 86_400_000;

it('a rehearsal is asked for when it is due, once, and again when its time has passed', async () => {
  let now = Date.UTC(2026, 10, 21);
  const log = new Log(
    redis.store,
    testJournal(redis.store, () => now),
    () => now,
    async () => undefined,
  );
  const system: System = { ...leastSystem, drill: { everyMs: 7 * dayMs, to: 'v0.1.0' } };
  const other: System = { ...leastSystem, name: 'other', drill: { to: 'v0.1.0' } };
  const mirror = () => openMirror({ dir: '/nonexistent/mirror', system });
  const due = () => startDueDrills({ systems: { sac: system, other }, log, mirror, logger: pino({ level: 'silent' }), now: () => now });
  await Promise.all([due(), due()]);
  await due();
  expect(await log.newest('sac', 10)).toEqual(['sac-1']);
  expect(await log.newest('other', 10)).toEqual([]);
  expect(await log.load('sac-1')).toMatchObject({ drill: true, version: 'v0.1.0', requester: { via: 'bot', name: 'the schedule' } });
  now += 8 * dayMs;
  await due();
  expect(await log.newest('sac', 10)).toEqual(['sac-1']); // the last has not ended
  await log.observe('sac-1', '', [{ type: 'unplannable', problems: [] }]);
  await due();
  expect(await log.newest('sac', 10)).toEqual(['sac-2', 'sac-1']);
});
