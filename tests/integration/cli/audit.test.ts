import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/store/journal.ts';
import { keys } from '../../../src/store/keys.ts';
import { digest, people } from '../../helpers/story.ts';
import { type Desk, login, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.stop());

const entries = async (): Promise<Entry[]> => (await desk.open.store.lrange(keys.journal, 0, -1)).map((text) => JSON.parse(text) as Entry);

describe('rollback verify', () => {
  it('says of the journal and of every log that it is whole, and since when there are seals', async () => {
    const { id, seq, head = '' } = await desk.waiting();
    const { code, out, err } = await desk.run(['verify']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^The journal: \d+ entries, head [0-9a-f]{16}, whole\n {2}sealing began at \S+ with the key [0-9a-f]{16}; 0 logs were there before/,
    );
    expect(out).toContain(`${id}: ${seq} entries, head ${head.slice(0, 16)}, whole\n  1 of its plans is not kept any more`);
    expect(out).toContain('All is whole: journal, ');
  });

  it('of one rollback, with the head that its thread says; one that was never there is not', async () => {
    const { id, head = '' } = await desk.waiting();
    expect(await desk.run(['verify', id.toUpperCase(), '--head', head.slice(0, 16)])).toMatchObject({
      code: 0,
      out: expect.stringContaining('All is whole'),
    });
    const other = await desk.run(['verify', id, '--head', '0123456789abcdef']);
    expect([other.code, other.out]).toEqual([1, expect.stringMatching(/first bad entry: 3: no entry has the seal 0123456789abcdef/)]);
    expect(await desk.run(['verify', id, '--head', 'xyz'])).toMatchObject({ code: 2, err: expect.stringContaining('8 or more hex digits') });
  });

  it('one byte that was changed: the entry, its type, its time, and exit code 1', async () => {
    const { id } = await desk.waiting();
    const before = await desk.open.store.lindex(keys.log(id), 1);
    await desk.open.store.lset(keys.log(id), 1, (before ?? '').replace('SAC agent', 'SAC agenT'));
    const { code, out } = await desk.run(['verify']);
    expect(code).toBe(1);
    expect(out).toMatch(
      new RegExp(
        `${id}: 2 entries, head [0-9a-f]{16}, NOT WHOLE\\n {2}first bad entry: 2 \\(planned, \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\): its seal`,
      ),
    );
    expect(out).toMatch(new RegExp(`NOT WHOLE: ${id}\\.`));
    await desk.open.store.lset(keys.log(id), 1, before ?? '');
    expect((await desk.run(['verify', id])).code).toBe(0);
  });

  it('nothing in what was forged does anything to a terminal', async () => {
    const { id } = await desk.waiting();
    const before = (await desk.open.store.lindex(keys.log(id), 1)) ?? '';
    await desk.open.store.lset(keys.log(id), 1, before.replace('"type":"planned"', '"type":"\\u001b[2J\\u009b31m"'));
    const { out } = await desk.run(['verify', id]);
    expect(out).toContain('first bad entry: 2');
    expect(out).not.toMatch(/[^\P{Cc}\n]/u);
    await desk.open.store.lset(keys.log(id), 1, before);
  });

  it('an unknown rollback is none', async () => {
    expect(await desk.run(['verify', 'sac-999'])).toMatchObject({ code: 1, out: expect.stringContaining('sac-999: 0 entries, NOT WHOLE') });
  });
});

describe('the audit key on the command line', () => {
  const none = (): Record<string, string> => ({ AUDIT_KEY: '', DATA_DIR: mkdtempSync(join(desk.dir, 'none-')) });

  it('without it one can look, and not decide or check; another one is refused the same way', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.approver.id);
    expect(await desk.run(['status', id], none())).toMatchObject({ code: 0, out: expect.stringContaining(id) });
    for (const words of [['approve', id, '--yes', digest.slice(0, 8)], ['stop', id], ['verify']]) {
      const { code, err } = await desk.run(words, none());
      expect([words[0], code, err]).toEqual([
        words[0],
        1,
        expect.stringMatching(/sealed with the audit key [0-9a-f]{16}, which is not here.*copy audit\.key/),
      ]);
    }
    expect(await desk.run(['verify'], { AUDIT_KEY: 'y'.repeat(40) })).toMatchObject({ code: 1, err: expect.stringContaining('is another') });
    expect(await desk.run(['verify'], { AUDIT_KEY: 'short' })).toMatchObject({ code: 2, err: expect.stringContaining('at least 32 characters') });
    expect((await desk.log.load(id))?.status).toBe('waiting');
  });

  it('is taken from DATA_DIR too', async () => {
    const at = mkdtempSync(join(desk.dir, 'kept-'));
    writeFileSync(join(at, 'audit.key'), 'an audit key for tests, of 40 characters\n', { mode: 0o600 });
    expect(await desk.run(['verify'], { AUDIT_KEY: '', DATA_DIR: at })).toMatchObject({ code: 0 });
  });
});

describe('what the command line writes into the journal', () => {
  it('a refusal: who, what was typed, and why not', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.requester.id);
    await desk.run(['approve', id, '--yes', digest.slice(0, 8)]);
    const last = (await entries()).at(-1);
    expect(last).toMatchObject({
      type: 'refused',
      by: { id: people.requester.id, name: login, via: 'cli' },
      what: `rollback approve ${id} --yes dddddddd`,
      code: 'own-request',
    });
    desk.identify();
    await desk.run(['stop', id]);
    expect((await entries()).at(-1)).toMatchObject({ type: 'refused', by: { id: '', name: login, via: 'cli' }, code: 'not-allowed' });
    expect((await desk.run(['verify'])).code).toBe(0);
  });

  it('which system files a decision was made by', async () => {
    const { id } = await desk.waiting();
    desk.identify(people.requester.id);
    await desk.run(['approve', id]);
    const configuration = (await entries()).findLast(({ type }) => type === 'configuration');
    expect(configuration).toMatchObject({
      process: expect.stringContaining('command line'),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      systems: { sac: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

describe('rollback export', () => {
  it('is JSON Lines: the journal and every log, each entry as it was sealed', async () => {
    const { id } = await desk.waiting();
    const { code, out } = await desk.run(['export']);
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { chain: string; entry: { seq: number; type: string } });
    expect(told.filter(({ chain }) => chain === id).map(({ entry }) => entry.type)).toEqual(['requested', 'planned']);
    expect(told.filter(({ chain }) => chain === 'journal').map(({ entry }) => entry.seq)).toEqual((await entries()).map(({ seq }) => seq));
    const [text = ''] = await desk.open.store.lrange(keys.log(id), 0, 0);
    expect(lines).toContain(`{"chain":"${id}","entry":${text}}`);
  });

  it('of one rollback: its log and what the journal says of it; of none, a refusal', async () => {
    const { id } = await desk.waiting();
    const { out } = await desk.run(['export', id]);
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { chain: string; entry: Entry });
    expect(told.map(({ chain, entry }) => `${chain} ${entry.type}`)).toEqual(['journal requested', `${id} requested`, `${id} planned`]);
    expect(await desk.run(['export', 'sac-999'])).toMatchObject({ code: 2, err: expect.stringContaining('There is no log of "sac-999"') });
  });
});
