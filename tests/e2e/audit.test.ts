import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import type { Entry } from '../../src/store/journal.ts';
import { keys } from '../../src/store/keys.ts';
import { chained, Seal } from '../../src/store/seal.ts';
import { addKey } from '../helpers/agentrader.ts';
import { type Ended, start } from '../helpers/command-line.ts';
import { ask, completed, eventsOf, type Followed, PEOPLE, planOf, toldInThread, toldPrivately } from '../helpers/rollback.ts';

let world: World;
let redis: Redis;
let rollback: Followed;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'] });
  await world.start('bot');
  await world.start('worker');
  redis = new Redis(world.redis.url);
});
afterAll(async () => {
  redis?.disconnect();
  await world?.stop();
});

const line = (...words: string[]): Promise<Ended> =>
  start(words, { REDIS_URL: world.env.REDIS_URL ?? '', SYSTEMS_DIR: world.systemsDir, DATA_DIR: world.env.DATA_DIR ?? '' }).ended;
const journal = async (): Promise<Entry[]> => (await redis.lrange(keys.journal, 0, -1)).map((text) => JSON.parse(text) as Entry);

describe('a whole rollback', () => {
  it('is sealed from its request to its end, and the thread says with what', async () => {
    rollback = await ask(world, 'agentrader v0.1.0');
    await rollback.until('approve');
    await rollback.click(PEOPLE.requester, 'approve');
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).includes('can be approved by'), 'the refusal');
    await rollback.click(PEOPLE.approver, 'approve');
    await completed(rollback);
    await toldInThread(world, rollback, 'Audit: ');
    const [, entries = '', head = ''] = /Audit: (\d+) entries, head `?([0-9a-f]{16})/.exec(rollback.thread()) ?? [];
    const events = await eventsOf(world, rollback.id);
    expect(events[Number(entries) - 1]?.mac?.slice(0, 16)).toBe(head);
    expect(events.every(({ mac }) => mac !== undefined)).toBe(true);
    const whole = await line('verify', rollback.id, '--head', head);
    expect([whole.code, whole.err]).toEqual([0, '']);
    expect(whole.out).toMatch(new RegExp(`${rollback.id}: \\d+ entries, head [0-9a-f]{16}, whole\\nAll is whole`));
  });

  it('the journal has who started with which system files, the request, the refusal and the end', async () => {
    const entries = await journal();
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'began', logs: [] }),
        expect.objectContaining({ type: 'configuration', process: expect.stringMatching(/^bot /), systems: { agentrader: digest } }),
        expect.objectContaining({ type: 'configuration', process: expect.stringMatching(/^worker /), systems: { agentrader: digest } }),
        expect.objectContaining({ type: 'requested', rollback: rollback.id, by: expect.objectContaining({ id: PEOPLE.requester }) }),
        expect.objectContaining({ type: 'refused', by: { id: PEOPLE.requester, via: 'slack' }, what: `approve ${rollback.id}`, code: 'not-allowed' }),
        expect.objectContaining({ type: 'ended', rollback: rollback.id, status: 'complete' }),
      ]),
    );
  });

  it('its export has each command to the byte, with its exit status and the hash of its output', async () => {
    const plan = await planOf(world, rollback.id);
    const { code, out } = await line('export', rollback.id);
    expect(code).toBe(0);
    const told = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    const intended = told.filter(({ chain, entry }) => chain === rollback.id && entry.type === 'step-intended');
    expect(intended.length).toBeGreaterThan(5);
    for (const { entry, work } of intended) expect(work).toEqual(plan.work[entry.run as keyof typeof plan.work]);
    const ran = told.filter(({ entry }) => entry.type === 'step-finished' && entry.result.exitCode !== undefined);
    expect(ran.length).toBeGreaterThan(5);
    for (const { entry } of ran) expect(entry.result).toMatchObject({ exitCode: 0, outputSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('one byte edited in Redis is named; put back, all is whole', async () => {
    const list = keys.log(rollback.id);
    const events = await eventsOf(world, rollback.id);
    const at = events.findIndex(({ type }) => type === 'approved');
    const text = (await redis.lindex(list, at)) ?? '';
    await redis.lset(list, at, text.replace('"via":"slack"', '"via":"slacK"'));
    const bad = await line('verify');
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(new RegExp(`first bad entry: ${at + 1} \\(approved, .*\\): it was changed after it was sealed`));
    await redis.lset(list, at, text);
    expect((await line('verify')).code).toBe(0);
  });

  it('without the key one can look, and not check; the key is nowhere in Redis', async () => {
    const key = (await readFile(join(world.env.DATA_DIR ?? '', 'audit.key'), 'utf8')).trim();
    for (const name of await redis.keys('*')) expect((await redis.dumpBuffer(name)).includes(key), name).toBe(false);
    const without = { REDIS_URL: world.env.REDIS_URL ?? '', SYSTEMS_DIR: world.systemsDir, DATA_DIR: join(world.systemsDir, 'nothing') };
    expect(await start(['status'], without).ended).toMatchObject({ code: 0, out: expect.stringContaining(rollback.id) });
    expect(await start(['verify'], without).ended).toMatchObject({ code: 1, err: expect.stringContaining('which is not here') });
  });
});

describe('somebody with the password of Redis, and without the audit key', () => {
  it('writes an approval that nobody gave: nothing is sent to a host, and the card says which entry it is', async () => {
    await addKey(world); // with it v0.2.0 can be planned
    const forged = await ask(world, 'agentrader v0.2.0');
    await forged.until('approve');
    const events = await eventsOf(world, forged.id);
    const last = events.at(-1);
    const digest = events.findLast(({ type }) => type === 'planned');
    if (!last || digest?.type !== 'planned') throw new Error('there is no plan');
    const by = { id: PEOPLE.approver, name: 'approver', via: 'slack' };
    const made = [{ type: 'approved', by, digest: digest.digest }, { type: 'started' }].map((fact, i) =>
      JSON.stringify({ v: 1, seq: last.seq + 1 + i, at: last.at, ...fact }),
    );
    await redis.rpush(keys.log(forged.id), ...chained(new Seal('a key that somebody else has made up'), last.mac ?? '', made).texts);
    await forged.says(/needs a decision/, 60_000);
    const after = await eventsOf(world, forged.id);
    expect(after.filter(({ type }) => type === 'step-intended' || type === 'taken')).toEqual([]);
    const approved = after.findIndex(({ type }) => type === 'approved');
    expect(JSON.stringify(forged.card().blocks)).toContain(`entry ${approved + 1} (approved) of the log of ${forged.id} is not as it was sealed`);
    const { code, out } = await line('verify', forged.id);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`first bad entry: ${approved + 1} \\(approved`));
  });
});
