import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { closeRollback } from '../../../src/jobs/close.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { Archive } from '../../../src/store/archive.ts';
import { keys } from '../../../src/store/keys.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Plans } from '../../../src/store/plans.ts';
import { testJournal } from '../../helpers/sealing.ts';
import { people } from '../../helpers/story.ts';

let server: Redis;
let redis: OpenRedis;
let dir: string;
let now = Date.UTC(2026, 10, 21);
let log: Log;
let context: Context;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
  dir = mkdtempSync(join(tmpdir(), 'rollback-archive-'));
  const journal = testJournal(redis.store, () => now);
  log = new Log(
    redis.store,
    journal,
    () => now,
    async () => undefined,
  );
  const parts = { log, journal, plans: new Plans(redis.store), archive: new Archive(join(dir, 'ended')), keptMs: 30 * dayMs, now: () => now };
  context = { ...parts, logger: pino({ level: 'silent' }) } as unknown as Context; // hosts are not needed where nothing was begun
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
  if (dir) rmSync(dir, { recursive: true });
});

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

async function withdrawn(key: string): Promise<string> {
  const asked = { system: 'sac', title: 'SAC agent', hosts: 3, version: 'v0.1.0', variant: 'normal', channel: '#inc', answers: {} };
  const { id } = await log.create({ key, by: people.requester, ...asked });
  await log.observe(id, '', [{ type: 'withdrawn', by: people.requester }]);
  return id;
}

const exported = (id: string): string[] =>
  readFileSync(join(dir, 'ended', `${id}.jsonl`), 'utf8')
    .trim()
    .split('\n');

describe('a rollback that is over', () => {
  it('stays on the list for an hour; then its log is a file, an event a line, and Redis keeps it for a time', async () => {
    const id = await withdrawn('one');
    await closeRollback(context, id);
    expect(await log.open()).toContain(id);
    now += hourMs + 1;
    await closeRollback(context, id);
    expect(await log.open()).not.toContain(id);
    expect(exported(id).map((line) => JSON.parse(line))).toEqual(await log.events(id));
    const leftMs = await redis.store.pttl(keys.log(id));
    expect(leftMs).toBeGreaterThan(30 * dayMs - 60_000);
    expect(leftMs).toBeLessThanOrEqual(30 * dayMs);
    expect((await log.load(id))?.status).toBe('withdrawn');
  });

  it('is exported anew when something is said of it later', async () => {
    const id = await withdrawn('two');
    now += hourMs + 1;
    await closeRollback(context, id);
    await log.observe(id, '', [{ type: 'described', by: people.requester, answers: { lessons: 'pin the library' } }]);
    expect(await log.open()).toContain(id);
    await closeRollback(context, id);
    expect(exported(id).at(-1)).toContain('pin the library');
    expect(await log.open()).not.toContain(id);
  });

  it('is forgotten by the list of its system when its time is up, and by nothing before', async () => {
    const [old] = (await log.newest('sac', 10)).slice(-1);
    now += 31 * dayMs;
    const id = await withdrawn('three');
    now += hourMs + 1;
    await closeRollback(context, id);
    const left = await log.newest('sac', 10);
    expect(left).toContain(id);
    expect(left).not.toContain(old);
  });

  it('what still runs is never closed', async () => {
    const asked = { system: 'sac', title: 'SAC agent', hosts: 3, version: 'v0.1.0', variant: 'normal', channel: '#inc', answers: {} };
    const { id } = await log.create({ key: 'four', by: people.requester, ...asked });
    now += 400 * dayMs;
    await closeRollback(context, id);
    expect(await log.open()).toContain(id);
    expect(await redis.store.pttl(keys.log(id))).toBe(-1);
  });
});
