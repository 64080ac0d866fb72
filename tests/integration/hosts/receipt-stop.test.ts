import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { ReceiptOrder } from '../../../src/domain/host.ts';
import { sh } from '../../../src/domain/sh.ts';
import { localShells } from '../../helpers/local-shell.ts';
import { key, LocalReceipts, lives } from './local-receipts.ts';

describe.each(localShells())('stopping a receipt under $name', (local) => {
  const here = new LocalReceipts(local);
  const run = (more: Partial<ReceiptOrder>) => {
    const running = here.host.run(here.order(more));
    running.catch(() => undefined); // some never end, and are closed with the test
    return running;
  };
  /** The claimer stalls between its signature and its look at the fence: its job is written through a fifo. */
  async function stalledClaim(): Promise<void> {
    execFileSync('mkfifo', [here.receipt('job')]);
    run({ command: here.effect() });
    await vi.waitFor(() => expect(readFileSync(here.receipt('claim.0'), 'utf8')).toMatch(/ \.$/m));
  }
  const begun = (of = key) => vi.waitFor(() => expect(readFileSync(here.receipt('group', of), 'utf8')).toMatch(/^\d+ \d+ \./));
  const claimer = () => Number(readFileSync(here.receipt('claim.0'), 'utf8').split(' ')[0]);

  test('what never began does not begin any more under an older token', async () => {
    expect(await here.stop(here.identity)).toEqual({ kind: 'never-started' });
    expect(await run({ command: here.effect() })).toEqual({ kind: 'fenced', seen: '000000000006' });
    expect(await run({ token: '000000000006', command: here.effect() })).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(here.effects()).toBe(1);
  });

  test('what had ended by itself is told as it ended, and is not cut', async () => {
    await run({ command: sh`echo said; exit 3` });
    const answer = { kind: 'ended', exitCode: 3, stage: 'command', isCut: false, tail: 'said\n', outputBytes: 5, timedOut: false };
    expect(await here.stop()).toMatchObject(answer);
  });

  test('a claim that stalls before it is gone comes out as never started, and never runs', async () => {
    await stalledClaim();
    expect(await here.stop(here.identity)).toEqual({ kind: 'never-started' });
    await vi.waitFor(() => expect(lives(claimer())).toBe(false));
    expect(here.effects()).toBe(0);
  });

  test('a claim that refuses by itself when the fence rises comes out as never started', async () => {
    await stalledClaim();
    const stopped = here.stop(here.identity);
    await vi.waitFor(() => expect(existsSync(here.file('.rollback-bot/fences/sac-1/000000000006'))).toBe(true));
    execFileSync('cat', [here.receipt('job')]);
    expect(await stopped).toEqual({ kind: 'never-started' });
    expect(here.effects()).toBe(0);
  });

  test('an unsigned claim comes to nothing under a newer token, and is unknown under the same', async () => {
    await here.host.fields('rb_fence_to', 'sac-1', '000000000005');
    writeFileSync(here.receipt('claim.0'), '');
    expect(await here.stop({ token: '000000000005' })).toMatchObject({ kind: 'unknown' });
    expect(await here.stop({ token: '000000000006' })).toEqual({ kind: 'never-started' });
  });

  test('an older worker touches nothing', async () => {
    await here.host.fields('rb_fence_to', 'sac-1', '000000000009');
    const running = run({ token: '000000000009', command: sh`while [ ! -e ${here.file('go')} ]; do sleep 0.05; done` });
    await begun();
    expect(await here.stop({ token: '000000000008' })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('000000000009') });
    writeFileSync(here.file('go'), '');
    expect(await running).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(await here.stop({ token: '000000000008' })).toMatchObject({ kind: 'ended', exitCode: 0, isCut: false });
  });

  test('the whole group ends, and a child that took a session of its own', async () => {
    const far = sh`setsid sh -c ${'trap "" TERM; (echo $$ >"$0"; while :; do sleep 1; done) </dev/null >/dev/null 2>&1'} ${here.file('far')} &`;
    const running = run({
      command: sh`eval ${far}; sh -c ${'trap "" TERM; echo $$ >"$0"; while :; do sleep 1; done'} ${here.file('near')} & echo up; wait; sleep 100`,
    });
    const pid = (name: string) =>
      vi.waitFor(() => {
        expect(readFileSync(here.file(name), 'utf8')).toMatch(/^\d+\n/);
        return Number(readFileSync(here.file(name), 'utf8'));
      });
    const pids = [await pid('near'), await pid('far')];
    expect(pids.map(lives)).toEqual([true, true]);
    expect(await here.stop()).toMatchObject({ kind: 'ended', isCut: true, timedOut: false, tail: 'up\n' });
    expect(pids.map(lives)).toEqual([false, false]);
    expect(await here.stop()).toMatchObject({ kind: 'ended', isCut: true });
    expect(await running).toMatchObject({ kind: 'ended' });
  }, 30_000);

  test('past its time too: also a child that took a session of its own', async () => {
    const far = sh`setsid sh -c ${'echo $$ >"$0"; exec sleep 100'} ${here.file('far')} </dev/null >/dev/null 2>&1 &`;
    const answer = await run({ command: sh`eval ${far}; sleep 100`, timeoutMs: 1000 });
    expect(answer).toMatchObject({ kind: 'ended', exitCode: 124, timedOut: true });
    expect(lives(Number(readFileSync(here.file('far'), 'utf8')))).toBe(false);
  }, 30_000);

  test('other steps and what they left running are not touched', async () => {
    const other = await run({ key: 'sac-1.3.prod-1', command: sh`sleep 100 >/dev/null 2>&1 & echo $!` });
    const left = Number(other.kind === 'ended' && other.tail);
    const beside = here.another().run(here.order({ key: `${key}0`, command: sh`while [ ! -e ${here.file('go')} ]; do sleep 0.05; done` }));
    run({ command: sh`sleep 100` });
    await Promise.all([begun(), begun(`${key}0`)]);
    expect(await here.stop()).toMatchObject({ kind: 'ended', isCut: true });
    expect(lives(left)).toBe(true);
    process.kill(left);
    writeFileSync(here.file('go'), '');
    expect(await beside).toMatchObject({ kind: 'ended', exitCode: 0 });
  }, 30_000);

  test('where nobody is left to write how it ended, who stops it does', async () => {
    const running = run({ command: sh`echo here; sleep 100` });
    await begun();
    process.kill(claimer(), 'SIGKILL');
    expect(await here.stop()).toMatchObject({ kind: 'ended', exitCode: 143, stage: 'command', isCut: true, tail: 'here\n' });
    expect(await running).toMatchObject({ kind: 'ended', exitCode: 143 });
  }, 30_000);

  test('what would have ended it at its time was killed: nobody knows how it ended, but nothing of it runs on', async () => {
    const running = run({ command: sh`sh -c ${'echo $$ >"$0"; exec sleep 100'} ${here.file('pid')}; true` });
    await begun();
    await vi.waitFor(() => expect(readFileSync(here.file('pid'), 'utf8')).toMatch(/\n/));
    process.kill(claimer(), 'SIGKILL');
    process.kill(Number(readFileSync(here.receipt('group'), 'utf8').split(' ')[0]), 'SIGKILL');
    expect(await running).toMatchObject({ kind: 'unknown' });
    const pid = Number(readFileSync(here.file('pid'), 'utf8'));
    expect(lives(pid)).toBe(true);
    expect(await here.stop()).toMatchObject({ kind: 'unknown', why: expect.stringContaining('died') });
    expect(lives(pid)).toBe(false);
  }, 30_000);

  test('another boot or another store: a missing receipt is unknown, and so is one that ran before the boot', async () => {
    const other = '00000000-0000-0000-0000-000000000000';
    expect(await here.stop({ ...here.identity, bootId: other })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('booted') });
    expect(await here.stop({ ...here.identity, storeId: other })).toMatchObject({ kind: 'unknown' });
    run({ token: '000000000006', command: sh`sleep 100` });
    await begun();
    const claim = readFileSync(here.receipt('claim.0'), 'utf8');
    const group = Number(readFileSync(here.receipt('group'), 'utf8').split(' ')[0]);
    writeFileSync(here.receipt('claim.0'), claim.replace(here.identity.bootId, other));
    expect(await here.stop({ token: '000000000007' })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('booted') });
    expect(lives(group)).toBe(true);
    process.kill(-group, 'SIGKILL');
    await vi.waitFor(() => expect(lives(claimer())).toBe(false));
  }, 30_000);

  test('where the fence cannot be written, what never began is not told so; what runs is ended all the same', async () => {
    run({ command: sh`sleep 100` });
    await begun();
    rmSync(here.file('.rollback-bot/fences'), { recursive: true });
    writeFileSync(here.file('.rollback-bot/fences'), 'a file where the directory was');
    expect(await here.stop({ key: 'never-heard-of' })).toBe('broken');
    expect(await here.stop()).toMatchObject({ kind: 'ended', isCut: true });
  }, 30_000);
});

describe.each(localShells())('formats and pieces of receipts under $name', (local) => {
  const here = new LocalReceipts(local);

  test('a receipt of the format before is read; one of a newer format is named, and nothing is started, stopped or removed', async () => {
    const asked = here.order({ command: sh`echo ran; exit 4`, resumed: true });
    await here.host.run(asked);
    const claim = readFileSync(here.receipt('claim.0'), 'utf8');
    expect(claim).toMatch(/ 2 \.\n$/);
    writeFileSync(here.receipt('claim.0'), claim.replace(/ 2 \.\n$/, ' .\n'));
    expect(await here.another().run(asked)).toMatchObject({ kind: 'ended', exitCode: 4, tail: 'ran\n' });
    expect(await here.stop()).toMatchObject({ kind: 'ended', exitCode: 4 });
    writeFileSync(here.receipt('claim.0'), claim.replace(/ 2 \.\n$/, ' 3 and more .\n'));
    const newer = { kind: 'unknown', why: expect.stringContaining('format 3') };
    expect(await here.another().run({ ...asked, token: '000000000006', command: here.effect() })).toMatchObject(newer);
    expect(await here.stop()).toMatchObject(newer);
    expect(here.effects()).toBe(0);
  });

  test('attached to at any byte, also in the middle of a character, while it runs and afterwards', async () => {
    const text = 'aä€🚀\n';
    const bytes = Buffer.from(text);
    const running = here.host.run(here.order({ command: sh`printf %s ${text}; while [ ! -e ${here.file('go')} ]; do sleep 0.05; done` }));
    const next = here.another();
    const piecesOf = async () => {
      for (let at = 0; at <= bytes.length; at += 1) {
        const [frame] = (await next.ask('rb_poll', key, at, 3)).out;
        expect(frame?.payload).toEqual(bytes.subarray(at, at + 3));
      }
    };
    await vi.waitFor(() => expect(readFileSync(here.receipt('out'))).toEqual(bytes));
    await piecesOf();
    let told = '';
    const attached = here.another().run(here.order({ resumed: true, command: here.effect() }), (more) => {
      told += more;
    });
    await vi.waitFor(() => expect(told).toBe(text));
    writeFileSync(here.file('go'), '');
    expect(await attached).toMatchObject({ kind: 'ended', tail: text, outputBytes: bytes.length });
    expect(await running).toMatchObject({ kind: 'ended', tail: text });
    await piecesOf();
    expect(here.effects()).toBe(0);
  }, 30_000);
});
