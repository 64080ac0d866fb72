import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { ReceiptOrder } from '../../../src/domain/host.ts';
import { sh } from '../../../src/domain/sh.ts';
import { localShells } from '../../helpers/local-shell.ts';
import { key, LocalReceipts } from './local-receipts.ts';

const days = 30;

describe.each(localShells())('sweeping under $name', (local) => {
  const here = new LocalReceipts(local);
  const run = (more: Partial<ReceiptOrder>) => here.host.run(here.order(more));
  const sweep = async () => (await here.another().fields('rb_sweep', days)).slice(1)[0];
  const kept = (...path: string[]) => here.file(join('.rollback-bot', 'kept', ...path));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  /** Makes a file, or a directory and all in it, look this old. */
  function age(path: string, ageDays: number): void {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path)) age(join(path, name), ageDays);
    const then = Date.now() / 1000 - ageDays * 86_400;
    utimesSync(path, then, then);
  }
  const ageReceipt = (of: string, ageDays: number) =>
    here
      .receipts()
      .filter((name) => name.startsWith(`${of}.`))
      .forEach((name) => {
        age(here.file(join('.rollback-bot', 'steps', name)), ageDays);
      });

  test('what ended long ago goes, whole; what ended lately stays', async () => {
    await run({ key: 'sac-1.old', command: sh`head -c 300000 /dev/zero`, maxOutputBytes: 1000 });
    await run({ key: 'sac-1.old.2', rollback: 'sac-1' });
    await run({ key: 'sac-10.old', rollback: 'sac-10', command: sh`echo stays` });
    ageReceipt('sac-1.old', days + 1);
    ageReceipt('sac-10.old', days - 1);
    expect(await sweep()).toBe('2');
    expect(here.receipts().filter((name) => !name.startsWith('sac-10.old.'))).toEqual([]);
    expect(await run({ key: 'sac-10.old', rollback: 'sac-10', resumed: true })).toMatchObject({ kind: 'ended', tail: 'stays\n' });
    expect(await sweep()).toBe('0');
  });

  test('the fence stays: a worker that wakes weeks later is refused, and so is its stop', async () => {
    await run({ key: 'sac-1.old', token: '000000000005', command: here.effect() });
    await here.host.fields('rb_fence_to', 'sac-1', '000000000007');
    ageReceipt('sac-1.old', days + 1);
    age(here.file('.rollback-bot/fences'), days + 1);
    expect(await sweep()).toBe('1');
    expect(await run({ key: 'sac-1.old', token: '000000000005', command: here.effect(), resumed: true })).toEqual({
      kind: 'fenced',
      seen: '000000000007',
    });
    expect(here.effects()).toBe(1);
  });

  test('a receipt that was swept is unknown to who comes back to it, and is not run again; new steps of that rollback run', async () => {
    await run({ key: 'sac-1.old', command: here.effect() });
    await run({ key: 'sac-2.old', rollback: 'sac-2', command: sh`true` });
    ageReceipt('sac-1.old', days + 1);
    expect(await sweep()).toBe('1');
    const removed = { kind: 'unknown', why: expect.stringContaining('removed') };
    expect(await run({ key: 'sac-1.old', token: '000000000009', command: here.effect(), resumed: true })).toMatchObject(removed);
    expect(await here.stop({ key: 'sac-1.old', token: '000000000009' })).toMatchObject(removed);
    expect(here.effects()).toBe(1);
    expect(await run({ key: 'sac-1.new', token: '000000000009', command: here.effect() })).toMatchObject({ kind: 'ended' });
    expect(await run({ key: 'sac-2.new', rollback: 'sac-2', command: here.effect(), resumed: true })).toMatchObject({ kind: 'ended' });
    expect(here.effects()).toBe(3);
  });

  test('what runs, is claimed, or is of a newer format stays, however old; what is unknown goes when it is old', async () => {
    const running = run({ command: sh`while [ ! -e ${here.file('go')} ]; do sleep 0.05; done` });
    await vi.waitFor(() => expect(readFileSync(here.receipt('group'), 'utf8')).toMatch(/^\d+ \d+ \./));
    const claim = readFileSync(here.receipt('claim.0'), 'utf8');
    writeFileSync(here.receipt('claim.0', 'sac-3.claimed'), '');
    writeFileSync(here.receipt('claim.0', 'sac-4.newer'), claim.replace(/ 2 \.\n/, ' 3 .\n'));
    for (const of of ['sac-5.unknown', 'sac-6.unknown']) {
      writeFileSync(here.receipt('claim.0', of), claim.replace(here.identity.bootId, '00000000-0000-0000-0000-000000000000'));
      writeFileSync(here.receipt('go.0', of), '');
    }
    for (const of of [key, 'sac-3.claimed', 'sac-4.newer', 'sac-5.unknown']) ageReceipt(of, days + 1);
    ageReceipt('sac-6.unknown', days - 1);
    expect(await sweep()).toBe('1');
    const left = new Set(here.receipts().map((name) => name.replace(/\.(claim|go)\.0$|\.(job|group|stage|exit|out)$/, '')));
    expect([...left].sort()).toEqual([key, 'sac-3.claimed', 'sac-4.newer', 'sac-6.unknown']);
    writeFileSync(here.file('go'), '');
    expect(await running).toMatchObject({ kind: 'ended', exitCode: 0 });
  });

  test('what steps kept goes with its age; what remove promises, what an undo set aside and what is in use stays', async () => {
    const soon = Math.floor(Date.now() / 1000) + 86_400;
    write(kept('sac-1', 'restore', 'files', 'a'), 'old');
    write(kept('sac-2', 'restore', 'a'), 'young');
    write(kept('sac-3', 'remove', 'until'), `${soon}\n`);
    write(kept('sac-3', 'remove', 'files', 'a'), 'promised');
    write(kept('sac-3', 'stop', 'a'), 'old');
    write(kept('sac-4', 'remove', 'until'), '1000\n');
    write(kept('sac-4', 'remove', 'files', 'a'), 'its time is over');
    write(kept('sac-5', 'remove', 'undone', 'a'), 'set aside');
    write(kept('sac-6', 'remove', 'until'), 'unreadable\n');
    write(kept('sac-7', 'restore', 'a'), 'its receipts are there');
    await run({ key: 'sac-7.restore', rollback: 'sac-7' });
    const beside = here.file('disk/.rollback-kept/sac-8/remove');
    write(join(beside, 'files', 'a'), 'beside');
    write(kept('sac-8', 'remove', 'until'), '1000\n');
    write(kept('sac-8', 'remove', 'places'), `${beside}\0${here.file('elsewhere')}\0`);
    write(here.file('elsewhere/a'), 'not ours');
    symlinkSync(here.file('elsewhere'), kept('sac-9'));
    for (const name of readdirSync(kept())) if (name !== 'sac-2' && name !== 'sac-9') age(kept(name), days + 1);
    age(here.file('elsewhere'), days + 1);
    expect(await sweep()).toBe('0');
    expect(readdirSync(kept()).sort()).toEqual(['sac-2', 'sac-3', 'sac-5', 'sac-6', 'sac-7', 'sac-9']);
    expect(readdirSync(kept('sac-3'))).toEqual(['remove']);
    expect(readFileSync(kept('sac-3', 'remove', 'files', 'a'), 'utf8')).toBe('promised');
    expect([existsSync(beside), existsSync(here.file('elsewhere/a'))]).toEqual([false, true]);
  });
});
