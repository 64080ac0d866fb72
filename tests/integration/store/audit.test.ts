import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { decide } from '../../../src/domain/decide.ts';
import type { RunKey } from '../../../src/domain/plan.ts';
import type { State } from '../../../src/domain/state.ts';
import { Archive } from '../../../src/store/archive.ts';
import { openAudit } from '../../../src/store/audit.ts';
import { openSeal } from '../../../src/store/audit-key.ts';
import { AuditTrail, type Checked } from '../../../src/store/audit-trail.ts';
import { beginJournal } from '../../../src/store/begin.ts';
import { cutJournal } from '../../../src/store/cut.ts';
import { type Entry, Journal } from '../../../src/store/journal.ts';
import { keys } from '../../../src/store/keys.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { Outputs } from '../../../src/store/outputs.ts';
import { Plans } from '../../../src/store/plans.ts';
import { chained, noSealing, Seal, unsealed } from '../../../src/store/seal.ts';
import { TamperedError } from '../../../src/store/sound.ts';
import { testJournal, testKey } from '../../helpers/sealing.ts';
import { digest, people, storyAt } from '../../helpers/story.ts';

let server: Redis;
let redis: OpenRedis;
let dir: string;
let archive: Archive;
let journal: Journal;
let log: Log;
let trail: AuditTrail;
beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
  dir = mkdtempSync(join(tmpdir(), 'rollback-audit-'));
});
beforeEach(async () => {
  await redis.store.flushall();
  archive = new Archive(mkdtempSync(join(dir, 'ended-')));
  journal = testJournal(redis.store);
  await beginJournal(redis.store, journal, Date.now());
  log = openLog();
  trail = new AuditTrail(redis.store, journal, archive);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

const openLog = (): Log => new Log(redis.store, testJournal(redis.store), Date.now, async () => undefined);
const { outline } = storyAt('waiting');
const run: RunKey = '11.3@prod-2';
let asked = 0;
const request = (system = 'sac') => ({
  ...{ key: `k${asked++}`, by: people.requester, system, title: 'SAC agent', hosts: 3, version: 'v0.1.0', variant: 'normal' },
  ...{ channel: '#inc-trading', answers: {} },
});

/** A rollback with a step, its output, and an end. */
async function ended(system = 'sac'): Promise<State> {
  const { id } = await log.create(request(system));
  await log.observe(id, '', [{ type: 'planned', digest, outline }]);
  await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
  const outputSha256 = await new Outputs(redis.store).save(id, run, 1, { head: 'installed', leftOutBytes: 0, tail: '' });
  await log.observe(id, '', [
    { type: 'step-intended', run, attempt: 1, bootId: 'b', storeId: 's' },
    { type: 'step-finished', run, attempt: 1, result: { outcome: 'done', exitCode: 0, durationMs: 5, outputBytes: 9, outputSha256 } },
    { type: 'message-posted', key: 'card', channel: 'C', ts: '1' },
  ]);
  return log.observe(id, '', [{ type: 'completed' }]);
}

const checked = async (id: string, head?: string): Promise<Checked> => {
  const checkedJournal = await trail.journal();
  return trail.rollback(id, checkedJournal, await trail.rollbacks(checkedJournal.sound), head);
};
const faultOf = async (id: string) => (await checked(id)).fault;
const textsOf = (id: string): Promise<string[]> => redis.store.lrange(keys.log(id), 0, -1);
/** Puts other entries in the place of a list's, as somebody with the password of Redis can. */
async function forge(key: string, texts: readonly string[]): Promise<void> {
  await redis.store.del(key);
  if (texts.length > 0) await redis.store.rpush(key, ...texts);
}

describe('what is written', () => {
  it('is whole: the log of a rollback, and the journal that has its request and its end', async () => {
    const { id, seq, head } = await ended();
    expect(await checked(id)).toMatchObject({ name: id, entries: seq, head, fault: undefined });
    const { fault, sound } = await trail.journal();
    expect(fault).toBeUndefined();
    expect(sound).toMatchObject([
      { seq: 1, type: 'began', key: journal.seal.id, logs: [] },
      { seq: 2, type: 'requested', rollback: id, by: people.requester },
      { seq: 3, type: 'ended', rollback: id, status: 'complete', entries: seq, head },
    ]);
    expect(await log.sound(id)).toEqual(await log.load(id));
  });

  it('is of a version that a bot older than sealing refuses', async () => {
    const { id } = await ended();
    expect((await log.events(id)).map(({ v }) => v)).toEqual(Array.from({ length: 8 }, () => 2));
  });

  it('has its end in the journal once it is closed, also where the process that wrote the end was killed before it could note it; once', async () => {
    const { id, seq, head } = await ended();
    const notes = async () => (await trail.journal()).sound.filter(({ type }) => type === 'ended');
    await redis.store.ltrim(keys.journal, 0, 1); // as if the note had never been written
    const worker = openLog();
    const state = await worker.load(id);
    if (!state) throw new Error('it is gone');
    await worker.close(state, 60_000);
    expect(await notes()).toMatchObject([{ rollback: id, status: 'complete', entries: seq, head }]);
    await openLog().close(state, 60_000);
    expect(await notes()).toHaveLength(1);
    expect((await checked(id)).fault).toBeUndefined();
  });

  it('stays one chain when many write at once', async () => {
    const { id } = await log.create(request());
    const logs = Array.from({ length: 6 }, openLog);
    await Promise.all(
      logs.flatMap((one, i) => [0, 1, 2].map((j) => one.observe(id, '', [{ type: 'message-posted', key: `m${i}${j}`, channel: 'C', ts: '1' }]))),
    );
    expect(await checked(id)).toMatchObject({ entries: 19, fault: undefined });
  });

  it('of many requests at once each has its own number and its line in the journal', async () => {
    const states = await Promise.all(Array.from({ length: 12 }, () => openLog().create(request('busy'))));
    expect(states.map(({ id }) => id).sort()).toEqual(Array.from({ length: 12 }, (_, i) => `busy-${i + 1}`).sort());
    const { fault, sound } = await trail.journal();
    expect(fault).toBeUndefined();
    expect(sound.flatMap((entry) => (entry.type === 'requested' ? [entry.rollback] : [])).sort()).toEqual(states.map(({ id }) => id).sort());
    for (const { id } of states) expect((await checked(id)).fault).toBeUndefined();
  });

  it('a process whose memory of the log is not what Redis holds reads it anew, and the chain goes on', async () => {
    const { id } = await log.create(request());
    const before = await textsOf(id);
    const lost = await log.observe(id, '', [{ type: 'message-posted', key: 'lost', channel: 'C', ts: '1' }]);
    await forge(keys.log(id), before); // a failover that lost the last entry; another process has written one since
    await openLog().observe(id, '', [{ type: 'message-posted', key: 'other', channel: 'C', ts: '2' }]);
    expect(await log.append(lost, '', [{ type: 'message-posted', key: 'on what is lost', channel: 'C', ts: '3' }])).toEqual({ kind: 'conflict' });
    const state = await log.observe(id, '', [{ type: 'message-posted', key: 'third', channel: 'C', ts: '3' }]);
    expect(Object.keys(state.messages)).toEqual(['other', 'third']);
    expect((await checked(id)).fault).toBeUndefined();
  });
});

describe('the log of a rollback in Redis is forged', () => {
  it.each<[string, (texts: string[]) => string[], number, RegExp]>([
    [
      'the approver is another one',
      (texts) => texts.map((text) => text.replace('"approved","by":{"id":"U0ADAOKAF"', '"approved","by":{"id":"U0RILEYCH"')),
      3,
      /changed/,
    ],
    ['an exit status', (texts) => texts.map((text) => text.replace('"exitCode":0', '"exitCode":1')), 6, /changed/],
    ['an entry removed', (texts) => texts.toSpliced(2, 1), 3, /entry 3 was removed/],
    ['an entry inserted twice', (texts) => texts.toSpliced(4, 0, texts[2] ?? ''), 5, /inserted/],
    ['two entries exchanged', (texts) => texts.with(4, texts[5] ?? '').with(5, texts[4] ?? ''), 5, /not in their order/],
    ['its tail cut', (texts) => texts.slice(0, 5), 6, /is missing: by the journal the log had 8 entries/],
    ['all of it sealed with another key', resealed, 1, /without the key/],
    ['all seals removed', (texts) => texts.map((text) => unsealed(text).body), 1, /carries no seal/],
    ['all of it gone', () => [], 1, /there is no log of it/],
  ])('%s: the first bad entry is named', async (_what, change, entry, what) => {
    const { id } = await ended();
    await forge(keys.log(id), change(await textsOf(id)));
    expect(await faultOf(id)).toMatchObject({ entry, what: expect.stringMatching(what) });
  });

  function resealed(texts: string[]): string[] {
    const stranger = new Seal('a key that somebody else has made up');
    return [
      ...chained(
        stranger,
        stranger.begin('sac-1'),
        texts.map((text) => unsealed(text).body),
      ).texts,
    ];
  }

  it('the log of another rollback is put in its place: whose', async () => {
    const [one, two] = [await ended(), await ended()];
    await forge(keys.log(two.id), await textsOf(one.id));
    expect(await faultOf(two.id)).toMatchObject({ entry: 1, what: expect.stringContaining(`first entry of ${one.id}`) });
    expect(await faultOf(one.id)).toBeUndefined();
  });

  it('it is put back to how it was when it ended: whoever has the head of the thread sees it, the journal alone would not', async () => {
    const { id, seq } = await ended();
    const { head = '' } = await log.observe(id, '', [{ type: 'described', by: people.requester, answers: { lessons: 'x' } }]);
    expect((await checked(id, head.slice(0, 16))).fault).toBeUndefined();
    await forge(keys.log(id), (await textsOf(id)).slice(0, seq));
    expect(await faultOf(id)).toBeUndefined();
    expect((await checked(id, head.slice(0, 16))).fault).toMatchObject({ entry: seq + 1, what: expect.stringContaining(head.slice(0, 16)) });
  });

  it('an approval that nobody gave starts nothing: whoever is to work on it is told', async () => {
    const { id } = await log.create(request());
    const before = await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    const events = [{ type: 'approved', by: people.approver, digest }, { type: 'started' }];
    const stranger = new Seal('a key that somebody else has made up');
    const bodies = events.map((event, i) => JSON.stringify({ v: 1, seq: 3 + i, at: before.at, ...event }));
    await redis.store.rpush(keys.log(id), ...chained(stranger, before.head ?? '', bodies).texts);
    expect((await log.load(id))?.status).toBe('running');
    const refused = log.sound(id);
    await expect(refused).rejects.toThrow(TamperedError);
    await expect(refused).rejects.toThrow(`entry 3 (approved) of the log of ${id} is not as it was sealed: its seal was not made with this key`);
  });

  it('and none that comes while it is worked on: another plan, a step that is said to be done, an older entry that is edited', async () => {
    const { id } = await log.create(request());
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
    expect((await log.sound(id))?.status).toBe('running');
    await log.observe(id, '', [{ type: 'phase-started', phase: 0 }]);
    expect(await log.sound(id)).toEqual(await log.load(id));
    const texts = await textsOf(id);
    const made = JSON.stringify({ v: 1, seq: texts.length + 1, at: 1, type: 'planned', digest: 'e'.repeat(64), outline });
    await redis.store.rpush(keys.log(id), made);
    await expect(log.sound(id)).rejects.toThrow(`entry ${texts.length + 1} (planned)`);
    await expect(log.sound(id)).rejects.toThrow(TamperedError);
    await forge(keys.log(id), texts);
    expect((await log.sound(id))?.digest).toBe(digest);
    await forge(keys.log(id), texts.with(-1, (texts.at(-1) ?? '').replace('"phase":0', '"phase":1')));
    await expect(log.sound(id)).rejects.toThrow(`entry ${texts.length} (phase-started)`);
    await forge(keys.log(id), []);
    expect(await log.sound(id)).toBeUndefined();
  });

  /** A rollback that runs, and was stopped; its log as it was before the stop. */
  async function stopped(): Promise<{ id: string; before: string[]; by: Log }> {
    const { id } = await log.create(request());
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
    const by = openLog();
    expect((await by.sound(id))?.status).toBe('running');
    const before = await textsOf(id);
    await log.decide(id, () => [{ type: 'stop-chosen', by: people.approver }]);
    return { id, before, by };
  }

  it('a stop that is cut off its log resumes nothing: no worker that knew of it, none that did not, none that is new', async () => {
    const { id, before, by } = await stopped();
    const knew = openLog();
    expect((await knew.sound(id))?.status).toBe('stopping');
    await forge(keys.log(id), before);
    expect((await openLog().load(id))?.status).toBe('running');
    for (const worker of [knew, by, openLog()]) {
      await expect(worker.sound(id)).rejects.toThrow(TamperedError);
      await expect(worker.sound(id)).rejects.toThrow(`entry ${before.length + 1} of the log of ${id} is not as it was sealed: it is missing`);
    }
    expect(await faultOf(id)).toMatchObject({ entry: before.length + 1, what: expect.stringContaining('when it was stopped') });
  });

  it('nor when something was written in its place since, or a byte of the journal was changed before it', async () => {
    const { id, before, by } = await stopped();
    await forge(keys.log(id), before);
    await openLog().observe(id, '', [{ type: 'message-posted', key: 'x', channel: 'C', ts: '1' }]);
    await redis.store.lset(keys.journal, 1, ((await redis.store.lindex(keys.journal, 1)) ?? '').replace('requested', 'Requested'));
    for (const worker of [by, openLog()]) await expect(worker.sound(id)).rejects.toThrow(`entry ${before.length + 1} of the log of ${id}`);
  });

  it('a log that is shorter than this worker has seen it is none to work by: what is done would be done again; emptied for a while or not', async () => {
    const { id } = await log.create(request());
    const before = await textsOf(id);
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    const knew = openLog();
    await knew.sound(id);
    await forge(keys.log(id), []);
    expect(await knew.sound(id)).toBeUndefined();
    await forge(keys.log(id), before);
    await expect(knew.sound(id)).rejects.toThrow(`entry 2 of the log of ${id} is not as it was sealed: it is missing: the log had 2 entries before`);
    await expect(knew.sound(id)).rejects.toThrow(TamperedError);
  });

  it('the end that is cut off it neither', async () => {
    const { id, seq } = await ended();
    await forge(keys.log(id), (await textsOf(id)).slice(0, seq - 1));
    await expect(openLog().sound(id)).rejects.toThrow(`entry ${seq} of the log of ${id}`);
  });

  it('a stop that the journal cannot take is a stop', async () => {
    const { id } = await log.create(request());
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
    await redis.store.rename(keys.journal, 'elsewhere');
    await redis.store.set(keys.journal, 'no list');
    expect(await log.decide(id, () => [{ type: 'stop-chosen', by: people.approver }])).toMatchObject({ status: 'stopping' });
  });

  it('nor does one wait for a journal that does not answer', async () => {
    const { id } = await log.create(request());
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
    const silent = testJournal(redis.store);
    silent.note = () => new Promise(() => undefined);
    const jobs: string[] = [];
    const by = new Log(redis.store, silent, Date.now, async ({ status }) => void jobs.push(status));
    expect(await by.decide(id, () => [{ type: 'stop-chosen', by: people.approver }])).toMatchObject({ status: 'stopping' });
    expect(jobs).toEqual(['stopping']);
  });

  it('stop is written all the same', async () => {
    const { id } = await log.create(request());
    await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    await log.decide(id, (state, now) => decide(state, { type: 'approve', by: people.approver, isApprover: true, digest }, now));
    await forge(
      keys.log(id),
      (await textsOf(id))
        .with(1, 'no JSON')
        .map((text, i) => (i === 1 ? JSON.stringify({ v: 1, seq: 2, at: 1, type: 'planned', digest, outline }) : text)),
    );
    const stopped = await openLog().decide(id, () => [{ type: 'stop-chosen', by: people.approver }]);
    expect(stopped).toMatchObject({ status: 'stopping' });
  });
});

describe('beside the log', () => {
  it('an output that was changed is named by its run; one that is gone is said', async () => {
    const { id } = await ended();
    await new Outputs(redis.store).save(id, run, 1, { head: 'INSTALLED', leftOutBytes: 0, tail: '' });
    expect(await faultOf(id)).toMatchObject({ entry: 6, type: 'step-finished', what: expect.stringContaining(`the output of ${run} was changed`) });
    await redis.store.del(keys.output(id));
    expect(await checked(id)).toMatchObject({ fault: undefined, notes: expect.arrayContaining(['1 of its outputs is not kept any more']) });
  });

  it('a plan that was changed is named by the entry that has its digest', async () => {
    const { id } = await log.create(request());
    const plan = JSON.parse(await readFile(new URL('../../fixtures/logs/c46a3eb/sac-1.plan.json', import.meta.url), 'utf8'));
    const made = { ...plan, rollback: id };
    const kept = await new Plans(redis.store).save(made);
    await log.observe(id, '', [{ type: 'planned', digest: kept, outline: made.outline }]);
    expect(await faultOf(id)).toBeUndefined();
    const [text = ''] = await redis.store.hvals(keys.plan(id));
    await redis.store.hset(keys.plan(id), kept, text.replace(/"command":"[^"]*/, '"command":"rm -rf /srv'));
    expect(await faultOf(id)).toMatchObject({ entry: 2, type: 'planned', what: expect.stringContaining('it has another digest') });
    await redis.store.hset(keys.plan(id), kept, JSON.stringify({ ...made, outline: { ...made.outline, title: 'Another' } }));
    expect(await faultOf(id)).toMatchObject({ entry: 2, what: expect.stringContaining('outline') });
  });

  it('the file of a log: what Redis lost, and where the two differ', async () => {
    const { id, seq } = await ended();
    const texts = await textsOf(id);
    await archive.keep(id, texts, []);
    await redis.store.del(keys.log(id));
    expect(await checked(id)).toMatchObject({
      entries: seq,
      fault: undefined,
      notes: expect.arrayContaining(['Redis has forgotten it; its file was checked']),
    });
    await archive.keep(id, texts.with(3, (texts[3] ?? '').replace('}', ' }')), []);
    expect(await faultOf(id)).toMatchObject({ entry: 4 });
    await forge(keys.log(id), texts);
    expect(await faultOf(id)).toMatchObject({ entry: 4, what: expect.stringContaining('different entries') });
  });
});

describe('the journal', () => {
  const refusal = (what: string) => ({ type: 'refused', by: { id: 'U1', via: 'slack' }, what, code: 'not-allowed', message: 'no' }) as const;

  it('names its own first bad entry: changed, removed, sealed anew', async () => {
    for (const what of ['one', 'two', 'three']) await journal.note(refusal(what));
    const texts = await redis.store.lrange(keys.journal, 0, -1);
    await forge(keys.journal, texts.with(2, (texts[2] ?? '').replace('two', '2')));
    expect((await trail.journal()).fault).toMatchObject({ entry: 3, type: 'refused', what: expect.stringContaining('changed') });
    await forge(keys.journal, texts.toSpliced(2, 1));
    expect((await trail.journal()).fault).toMatchObject({ entry: 3, what: expect.stringContaining('removed') });
    await journal.note(refusal('goes on'));
    expect((await trail.journal()).fault).toMatchObject({ entry: 3 });
    await forge(keys.journal, []);
    expect((await trail.journal()).fault).toMatchObject({ entry: 1, what: 'there is no journal' });
  });

  it('a request that was taken out of it is seen in the log', async () => {
    const { id } = await ended();
    await forge(keys.journal, (await redis.store.lrange(keys.journal, 0, -1)).slice(0, 1));
    expect((await trail.journal()).fault).toBeUndefined();
    expect(await faultOf(id)).toMatchObject({ entry: 1, what: expect.stringContaining('an entry of the journal was removed') });
  });

  it('keeps of what people typed a thousand characters, and no secret', async () => {
    const masked = new Journal(redis.store, new Seal(testKey), Date.now, { mask: (text) => text.replaceAll('hunter2', '•••') });
    await masked.note(refusal(`hunter2 "${'x'.repeat(3000)}`));
    const { fault, sound } = await trail.journal();
    expect(fault).toBeUndefined();
    expect((sound.at(-1) as Entry & { what: string }).what).toBe(`••• "${'x'.repeat(991)}`);
  });

  it('a secret that stands in the numbers, names or seals of an entry changes none of them', async () => {
    const secrets = /176312|rollback|refused|entries|sac-1|complete/g;
    const masked = new Journal(redis.store, new Seal(testKey), () => 1763120000000, { mask: (text) => text.replace(secrets, '•••') });
    await masked.note(refusal('rollback 176312'));
    await masked.note({ type: 'ended', rollback: 'sac-1', status: 'complete', entries: 176312, head: 'a'.repeat(64) });
    const { fault, sound } = await trail.journal();
    expect(fault).toBeUndefined();
    expect(sound.slice(1)).toMatchObject([
      { type: 'refused', at: 1763120000000, what: '••• •••' },
      { type: 'ended', rollback: 'sac-1', status: 'complete', entries: 176312 },
    ]);
  });

  it('a sealed entry that is no JSON, as earlier bots could write it, is named, and what comes after it counts', async () => {
    const { entries, head } = await journal.tail();
    await redis.store.rpush(keys.journal, ...chained(journal.seal, head, ['{"v":1,"at":•••}']).texts);
    expect(await trail.journal()).toMatchObject({ entries: entries + 1, fault: { entry: 2, what: expect.stringContaining('no JSON') } });
    const { id } = await ended();
    expect((await log.sound(id))?.status).toBe('complete');
    await forge(keys.log(id), (await textsOf(id)).slice(0, -1));
    await expect(openLog().sound(id)).rejects.toThrow(TamperedError);
    await expect(cutJournal(journal, archive, Date.now() + 1, [])).resolves.toBeUndefined();
  });

  it('one that cannot be written rejects nothing, and is heard of', async () => {
    const lost: string[] = [];
    const none = new Journal(redis.store, noSealing(new Error('no key')), Date.now, {
      onLost: (note, error) => lost.push(`${note.type}: ${error.message}`),
    });
    await none.note(refusal('x'));
    expect(lost).toEqual(['refused: no key']);
  });

  it('what is old moves into a file, at once from two processes too; the chain goes on over both, and without the file it is said', async () => {
    for (let i = 0; i < 120; i++) await journal.note(refusal(`${i}`));
    const before = Date.now() + 1;
    const day = testJournal(redis.store, () => before + 86_400_000);
    await day.note(refusal('tomorrow'));
    await Promise.all([cutJournal(journal, archive, before, []), cutJournal(journal, archive, before, [])]);
    expect(await redis.store.llen(keys.journal)).toBe(1);
    expect(await trail.journal()).toMatchObject({ entries: 122, fault: undefined });
    await day.note(refusal('and the day after'));
    expect(await trail.journal()).toMatchObject({ entries: 123, fault: undefined });
    const elsewhere = new AuditTrail(redis.store, journal, new Archive(join(dir, 'nowhere')));
    expect((await elsewhere.journal()).fault).toMatchObject({
      entry: 1,
      what: expect.stringContaining('entries 1 to 121 are neither in Redis nor in DATA_DIR'),
    });
    const { id } = await log.create(request());
    expect((await checked(id)).fault).toBeUndefined();
  });

  it('a lock without a log that was taken away is in it, with who and why', async () => {
    await redis.store.hset(keys.lock('sac'), 'rollback', 'sac-99', 'since', '1');
    await log.dropLock('sac', 'sac-99', people.approver, 'lost');
    expect((await trail.journal()).sound.at(-1)).toMatchObject({
      type: 'unlocked',
      system: 'sac',
      rollback: 'sac-99',
      by: people.approver,
      reason: 'lost',
    });
  });
});

describe('logs that were there before', () => {
  it('are kept as they are: whole, worked on, and named once they change', async () => {
    await redis.store.flushall();
    const fixture = (await readFile(new URL('../../fixtures/logs/c46a3eb/sac-1.jsonl', import.meta.url), 'utf8')).trim().split('\n');
    const half = fixture.slice(0, 40);
    await forge(keys.log('sac-1'), half);
    await forge(keys.log('sac-2'), fixture);
    await redis.store.set(keys.number('sac'), 2);
    expect(await beginJournal(redis.store, journal, Date.now())).toBe(2);
    expect(await beginJournal(redis.store, journal, Date.now())).toBeUndefined();
    const state = await log.observe('sac-1', '', [{ type: 'message-posted', key: 'x', channel: 'C', ts: '1' }]);
    expect(state).toMatchObject({ seq: 41, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await log.observe('sac-1', '', [{ type: 'message-posted', key: 'y', channel: 'C', ts: '1' }]);
    for (const id of ['sac-1', 'sac-2']) expect((await checked(id)).fault, id).toBeUndefined();
    expect(await log.sound('sac-1')).toEqual(await log.load('sac-1'));
    await forge(keys.log('sac-1'), (await textsOf('sac-1')).with(5, half[6] ?? ''));
    expect(await faultOf('sac-1')).toMatchObject({ entry: 1, what: expect.stringContaining('of the first 40') });
    await expect(openLog().sound('sac-1')).rejects.toThrow(TamperedError);
  });

  it('a rollback that was open when the key was lost goes on with the new one', async () => {
    const { id } = await log.create(request());
    const before = await log.observe(id, '', [{ type: 'planned', digest, outline }]);
    await redis.store.del(keys.auditKey, keys.journal, keys.journalCut);
    const renewed = new Journal(redis.store, new Seal('the key that was made after the first was lost'), Date.now);
    await beginJournal(redis.store, renewed, Date.now());
    const after = new Log(redis.store, renewed, Date.now, async () => undefined);
    expect(await after.sound(id)).toEqual(before);
    await after.observe(id, '', [{ type: 'message-posted', key: 'x', channel: 'C', ts: '1' }]);
    expect((await after.sound(id))?.seq).toBe(before.seq + 1);
    expect(await new Log(redis.store, renewed, Date.now, async () => undefined).sound(id)).toEqual(await after.load(id));
  });

  it('stay in the journal while one of them is open, however old that is', async () => {
    await redis.store.flushall();
    const fixture = (await readFile(new URL('../../fixtures/logs/c46a3eb/sac-1.jsonl', import.meta.url), 'utf8')).trim().split('\n');
    await forge(keys.log('sac-1'), fixture.slice(0, 40));
    await beginJournal(redis.store, journal, Date.now());
    for (let i = 0; i < 120; i++) await journal.note({ type: 'requested', rollback: `x-${i}`, by: people.requester });
    const later = Date.now() + 1;
    await testJournal(redis.store, () => later).note({ type: 'requested', rollback: 'x-999', by: people.requester });
    await cutJournal(journal, archive, later, ['sac-1']);
    expect((await openLog().sound('sac-1'))?.seq).toBe(40);
    await cutJournal(journal, archive, later, ['sac-2']);
    expect(await redis.store.llen(keys.journal)).toBe(1);
  });

  it('one that appears later without a seal is none of them', async () => {
    const fixture = (await readFile(new URL('../../fixtures/logs/c46a3eb/sac-1.jsonl', import.meta.url), 'utf8')).trim().split('\n');
    await forge(keys.log('sac-7'), fixture);
    expect(await trail.rollbacks([])).toEqual(['sac-7']);
    expect(await faultOf('sac-7')).toMatchObject({ entry: 1, what: expect.stringContaining('carries no seal') });
  });
});

describe('the key', () => {
  const options = (at: string, mayMake = true) => ({ settings: { DATA_DIR: at }, mayMake, mask: () => (text: string) => text });
  const fresh = (): string => mkdtempSync(join(dir, 'data-'));

  it('is made at the first start, for the owner alone; of several processes that start at once one makes it', async () => {
    await redis.store.flushall();
    const at = join(fresh(), 'deeper');
    const opened = await Promise.all([1, 2, 3, 4].map(() => openAudit(redis.store, options(at))));
    expect(new Set(opened.map(({ key }) => key)).size).toBe(1);
    const file = join(at, 'audit.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(opened[0]?.key);
    expect((await trail.journalTexts()).texts).toHaveLength(1);
    for (const name of await redis.store.keys('*')) expect(JSON.stringify(await redis.store.dump(name))).not.toContain(opened[0]?.key);
    expect(await redis.store.get(keys.auditKey)).toBe(opened[0]?.journal.seal.id);
  });

  it('another one is refused, with what to do; so is none at all where Redis is sealed, and none is made then', async () => {
    await openSeal(redis.store, { AUDIT_KEY: testKey, DATA_DIR: dir }, true);
    const other = { AUDIT_KEY: 'x'.repeat(32), DATA_DIR: dir };
    await expect(openSeal(redis.store, other, true)).rejects.toMatchObject({
      name: 'AuditKeyError',
      message: expect.stringMatching(/sealed with the audit key [0-9a-f]{16}, and the one in AUDIT_KEY is another/),
      advice: expect.stringContaining('copy audit.key'),
    });
    const empty = fresh();
    await expect(openAudit(redis.store, options(empty))).rejects.toMatchObject({ message: expect.stringContaining('which is not here') });
    await expect(stat(join(empty, 'audit.key'))).rejects.toThrow('ENOENT');
  });

  it('who may not make one begins nothing with one that is configured either', async () => {
    await redis.store.flushall();
    const mine = { settings: { AUDIT_KEY: testKey, DATA_DIR: fresh() }, mask: () => (text: string) => text };
    await expect(openAudit(redis.store, { ...mine, mayMake: false })).rejects.toMatchObject({ message: expect.stringContaining('no audit key yet') });
    expect(await redis.store.dbsize()).toBe(0);
    await openAudit(redis.store, { ...mine, mayMake: true });
    await openAudit(redis.store, { ...mine, mayMake: false });
    expect(await redis.store.llen(keys.journal)).toBe(1);
  });

  it('who may not make one says so; a file that is cut is no key', async () => {
    await redis.store.flushall();
    const at = fresh();
    await expect(openAudit(redis.store, options(at, false))).rejects.toMatchObject({ message: expect.stringContaining('There is no audit key yet') });
    await writeFile(join(at, 'audit.key'), 'short\n');
    await expect(openAudit(redis.store, options(at))).rejects.toMatchObject({ message: expect.stringContaining('shorter than 32') });
  });
});
