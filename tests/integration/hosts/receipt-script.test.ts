import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReceiptOrder } from '../../../src/domain/host.ts';
import { sh } from '../../../src/domain/sh.ts';
import type { Frame } from '../../../src/hosts/frames.ts';
import { jobText } from '../../../src/hosts/script.ts';
import { parseStopped, type StopOrder } from '../../../src/hosts/standing.ts';
import { LocalHost, localShells } from '../../helpers/local-shell.ts';

const shells = localShells();

test('dash and bash are here to be tested', () => {
  expect(shells.map(({ name }) => name)).toEqual(expect.arrayContaining(['dash', 'bash --posix']));
});

describe.each(shells)('the receipt script under $name', (local) => {
  let dir = '';
  let host: LocalHost;
  let setup = {};
  let identity = { bootId: '', storeId: '' };
  const others: LocalHost[] = [];
  const another = () => {
    const one = new LocalHost(local, setup);
    others.push(one);
    return one;
  };

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollback-receipts-'));
    const stepPath = local.path(dir);
    setup = { storeDir: join(dir, 'store'), ...(stepPath ? { stepPath } : {}) };
    host = new LocalHost(local, setup);
    const [, bootId = '', storeId = ''] = await host.fields('rb_hello');
    identity = { bootId, storeId };
  });

  afterEach(async () => {
    for (const one of [host, ...others.splice(0)]) one.close();
    await vi.waitFor(() => rmSync(dir, { recursive: true, force: true })); // what a step left running may write once more meanwhile
  });

  const order = (more: Partial<ReceiptOrder>): ReceiptOrder => ({
    key: 'sac-1.4.prod-1',
    rollback: 'sac-1',
    token: '000000000005',
    ...identity,
    resumed: false,
    command: sh`true`,
    timeoutMs: 20_000,
    maxOutputBytes: 1_000_000,
    ...more,
  });
  const receipt = (name: string, key = 'sac-1.4.prod-1') => join(dir, 'store', 'steps', `${key}.${name}`);
  const stop = async (more: Partial<StopOrder> = {}) => {
    const { key, rollback, token, bootId = '', storeId = '' } = { key: 'sac-1.4.prod-1', rollback: 'sac-1', token: '000000000006', ...more };
    const { out } = await another().ask('rb_stop', key, rollback, token, bootId, storeId);
    return parseStopped({ name: 'here', address: 'localhost', port: 0, user: 'nobody' }, out[0] as Frame);
  };
  const goes = () => readdirSync(join(dir, 'store', 'steps')).filter((name) => name.includes('.go.'));
  const effects = () => (existsSync(join(dir, 'effects')) ? readFileSync(join(dir, 'effects'), 'utf8').trim().split('\n').length : 0);
  const effect = () => sh`echo done >>${join(dir, 'effects')}`;

  test('the store keeps its id, is private, and is known when replaced', async () => {
    expect(identity.storeId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await another().fields('rb_hello')).toEqual(['hello', identity.bootId, identity.storeId]);
    expect(statSync(join(dir, 'store')).mode & 0o777).toBe(0o700);
    rmSync(join(dir, 'store'), { recursive: true });
    expect((await another().fields('rb_hello'))[2]).not.toBe(identity.storeId);
  });

  test('a step: output, exit status, stage, and the same again when asked again', async () => {
    const asked = order({ command: sh`echo out; echo err >&2; exit 3` });
    const first = await host.run(asked);
    expect(first).toMatchObject({ kind: 'ended', exitCode: 3, stage: 'command', timedOut: false, outputBytes: 8, tail: 'out\nerr\n' });
    expect(await another().run(asked)).toEqual(first);
    expect(statSync(join(dir, 'store', 'steps')).mode & 0o777).toBe(0o700);
  });

  test('guard, command, verify: each in a subshell, the first that fails ends it', async () => {
    const orders = [
      order({ key: 'a', guard: sh`false`, command: effect(), verify: sh`true` }),
      order({ key: 'b', guard: sh`x=1; exit 0`, command: sh`[ -z "$x" ]`, verify: sh`exit 9` }),
      order({ key: 'c', guard: sh`true`, command: sh`set -e; false; true`, verify: sh`true` }),
      order({ key: 'd', guard: sh`true`, command: sh`true`, verify: sh`true` }),
      order({ key: 'e', guard: sh`if`, command: effect() }),
    ];
    const ends: unknown[] = [];
    for (const one of orders) {
      const answer = await host.run(one);
      ends.push(answer.kind === 'ended' ? [answer.stage, answer.exitCode] : answer);
    }
    expect(ends.slice(0, 4)).toEqual([
      ['guard', 1],
      ['verify', 9],
      ['command', 1],
      ['verify', 0],
    ]);
    expect(ends[4]).toEqual(['guard', expect.any(Number)]);
    expect(ends[4]).not.toEqual(['guard', 0]);
    expect(effects()).toBe(0);
  });

  test('three starters at once, many times: one effect each', async () => {
    const hosts = [host, another(), another()];
    for (let i = 0; i < 15; i += 1) {
      const asked = order({ key: `step-${i}`, command: sh`echo ${i} >>${join(dir, 'effects')}; echo ran` });
      const answers = await Promise.all(hosts.map((one) => one.run(asked)));
      for (const answer of answers) expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, tail: 'ran\n' });
    }
    expect(readFileSync(join(dir, 'effects'), 'utf8')).toBe(Array.from({ length: 15 }, (_, i) => `${i}\n`).join(''));
  });

  test('the shell is killed in the middle: the step goes on, and another sees all of it', async () => {
    const go = join(dir, 'go-on');
    const asked = order({
      command: sh`echo begin; while [ ! -e ${go} ]; do sleep 0.05; done; echo end >>${join(dir, 'effects')}; echo end`,
    });
    let told = '';
    const running = host.run(asked, (text) => {
      told += text;
      if (told !== 'begin\n') return;
      host.killShells();
      writeFileSync(go, '');
    });
    expect(await running).toMatchObject({ kind: 'ended', exitCode: 0, tail: 'begin\nend\n' });
    expect(told).toBe('begin\nend\n');
    expect(effects()).toBe(1);
  });

  test('a fence: a lower token is refused and nothing is run; the fence is never lowered', async () => {
    expect(await host.fields('rb_fence_to', 'sac-1', '000000000009')).toEqual(['fence', '000000000009']);
    expect(await host.fields('rb_fence_to', 'sac-1', '000000000007')).toEqual(['fence', '000000000009']);
    expect(await host.run(order({ command: effect() }))).toEqual({ kind: 'fenced', seen: '000000000009' });
    expect(await host.run(order({ command: effect(), rollback: 'sac-2' }))).toMatchObject({ kind: 'ended' });
    expect(await host.run(order({ key: 'next', token: '000000000010', command: effect() }))).toMatchObject({ kind: 'ended' });
    expect(await host.run(order({ key: 'late', token: '000000000009', command: effect() }))).toEqual({ kind: 'fenced', seen: '000000000010' });
    expect(effects()).toBe(2);
  });

  test('who looks between a claim and its signature takes nobody for dead', async () => {
    // The first look at the claim reads an empty line from a fifo; before it goes on, the claim is signed, by a process that lives, and runs.
    execFileSync('mkfifo', [receipt('claim.0')]);
    const start = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[19];
    writeFileSync(receipt('signed'), `${process.pid} ${start} ${identity.bootId} 000000000005 ${process.pid} ${start} .\n`);
    const looked = host.fields('rb_poll', 'sac-1.4.prod-1', 0, 1000);
    const fifo = await open(receipt('claim.0'), 'w');
    renameSync(receipt('signed'), receipt('claim.0'));
    writeFileSync(receipt('go.0'), '');
    await fifo.write('\n');
    await fifo.close();
    expect((await looked)[0]).toBe('running');
  });

  test('a claimer that stalls while the fence rises refuses, and the step can be claimed anew', async () => {
    // The claimer looks at the fence after its claim: stall it in between, with a job that is written through a fifo.
    execFileSync('mkfifo', [receipt('job')]);
    const stalled = host.fields(
      'rb_step',
      'sac-1.4.prod-1',
      'sac-1',
      '000000000005',
      identity.bootId,
      identity.storeId,
      0,
      0,
      1000,
      10,
      10,
      0,
      effect(),
    );
    await vi.waitFor(() => expect(readFileSync(receipt('claim.0'), 'utf8')).toMatch(/ \.$/m));
    expect(await another().fields('rb_fence_to', 'sac-1', '000000000006')).toEqual(['fence', '000000000006']);
    execFileSync('cat', [receipt('job')]);
    expect(await stalled).toEqual(['fenced', '000000000006']);
    rmSync(receipt('job'));
    expect(await another().run(order({ token: '000000000006', command: effect() }))).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(effects()).toBe(1);
    expect(goes()).toEqual(['sac-1.4.prod-1.go.1']);
  });

  test('a claimer that stalls for good is ended, and the step claimed anew', async () => {
    execFileSync('mkfifo', [receipt('job')]);
    const stalled = host.fields(
      'rb_step',
      'sac-1.4.prod-1',
      'sac-1',
      '000000000005',
      identity.bootId,
      identity.storeId,
      0,
      0,
      1000,
      10,
      10,
      0,
      effect(),
    );
    stalled.catch(() => undefined);
    await vi.waitFor(() => expect(readFileSync(receipt('claim.0'), 'utf8')).toMatch(/ \.$/m));
    const next = another();
    expect((await next.fields('rb_poll', 'sac-1.4.prod-1', 0, 1000))[0]).toBe('claimed');
    const again = next.run(order({ command: effect() }));
    await vi.waitFor(() => expect(readFileSync(receipt('claim.1'), 'utf8')).toMatch(/ \.$/m), { timeout: 10_000 });
    // The new claimer waits at the same fifo: put the job where it will be looked for, then let it go.
    renameSync(receipt('job'), receipt('fifo'));
    writeFileSync(receipt('job'), jobText(order({ command: effect() })));
    // Where the new claimer came after that, nobody writes to the fifo any more.
    spawnSync('timeout', ['3', 'cat', receipt('fifo')]);
    expect(await again).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(goes()).toEqual(['sac-1.4.prod-1.go.1']);
  }, 20_000);

  test('another boot or another store: never run again, and unknown only if it may have been sent', async () => {
    const boot = { bootId: '00000000-0000-0000-0000-000000000000' };
    const store = { storeId: '00000000-0000-0000-0000-000000000000' };
    for (const other of [boot, store]) {
      expect(await host.run(order({ ...other, resumed: true, command: effect() }))).toMatchObject({ kind: 'unknown' });
      expect(await host.run(order({ ...other, command: effect() }))).toMatchObject({ kind: 'not-started' });
    }
    expect(effects()).toBe(0);
    expect(await host.run(order({ resumed: true, command: effect() }))).toMatchObject({ kind: 'ended' });
    expect(await host.run(order({ ...boot, resumed: true, command: effect() }))).toMatchObject({ kind: 'ended' });
    expect(effects()).toBe(1);
  });

  test('who would have recorded the end is killed: the job records it; both killed: unknown', async () => {
    const go = join(dir, 'go-on');
    const wait = sh`while [ ! -e ${go} ]; do sleep 0.05; done`;
    const first = host.run(order({ command: sh`echo here; while [ ! -e ${go} ]; do sleep 0.05; done; exit 4` }));
    process.kill(await claimer('sac-1.4.prod-1'), 'SIGKILL');
    writeFileSync(go, '');
    expect(await first).toMatchObject({ kind: 'ended', exitCode: 4, stage: 'command', tail: 'here\n' });
    rmSync(go);
    const second = host.run(order({ key: 'both', command: wait }));
    process.kill(await claimer('both'), 'SIGKILL');
    // Its group comes to be a moment after it was written down.
    await vi.waitFor(() => killGroup(receipt('group', 'both')));
    expect(await second).toMatchObject({ kind: 'unknown', why: expect.stringContaining('died') });
    expect(await another().run(order({ key: 'both', command: effect(), resumed: true }))).toMatchObject({ kind: 'unknown' });
    expect(effects()).toBe(0);
  });

  /** The pid in a claim, once its command runs. */
  async function claimer(key: string): Promise<number> {
    return await vi.waitFor(() => {
      expect(readFileSync(receipt('group', key), 'utf8')).toMatch(/^\d+ \d+ \./);
      return Number(readFileSync(receipt('claim.0', key), 'utf8').split(' ')[0]);
    });
  }

  test('past its time the whole group is ended, also a child that ignores TERM', async () => {
    const pidFile = join(dir, 'pid');
    const stubborn = sh`sh -c ${'trap "" TERM; echo $$ >"$0"; while :; do sleep 1; done'} ${pidFile} & echo waiting; wait; sleep 60`;
    const answer = await host.run(order({ command: stubborn, timeoutMs: 1000 }));
    expect(answer).toMatchObject({ kind: 'ended', exitCode: 124, timedOut: true, stage: 'command', tail: 'waiting\n' });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await vi.waitFor(() => expect(lives(pid)).toBe(false));
  }, 20_000);

  test('stop ends a running step; then nothing of it runs', async () => {
    const pidFile = join(dir, 'pid');
    const running = host.run(order({ command: sh`sh -c ${'trap "" TERM; echo $$ >"$0"; while :; do sleep 1; done'} ${pidFile}; true` }));
    await vi.waitFor(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+\n/));
    expect(await stop()).toMatchObject({ kind: 'ended', isCut: true, timedOut: false, stage: 'command' });
    expect(lives(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
    const answer = await running;
    expect(answer).toMatchObject({ kind: 'ended', timedOut: false });
    expect(answer.kind === 'ended' && answer.exitCode).not.toBe(0);
    expect(await stop({ key: 'sac-1.4.prod-1' })).toMatchObject({ kind: 'ended', isCut: true });
    expect(await stop({ key: 'never-heard-of' })).toEqual({ kind: 'never-started' });
  }, 20_000);

  test('what a step leaves running does not hold it, and goes on', async () => {
    const answer = await host.run(order({ command: sh`sleep 100 & echo started` }));
    expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, tail: 'started\n' });
    expect(answer.kind === 'ended' && answer.durationMs).toBeLessThan(3000);
    killGroup(receipt('group'));
    expect(await host.fields('rb_hello')).toEqual(['hello', identity.bootId, identity.storeId]);
  });

  test('output beyond the limit is not kept, its end is, the rest is counted, and the command does not notice', async () => {
    const told: [string, number][] = [];
    const asked = order({ maxOutputBytes: 102_399, command: sh`head -c 5000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 6` });
    const answer = await host.run(asked, (text, leftOut) => told.push([text, leftOut]));
    expect(answer).toMatchObject({ kind: 'ended', exitCode: 6, outputBytes: 5_000_009 });
    expect(answer.kind === 'ended' && answer.tail.endsWith('x\nthe end\n')).toBe(true);
    expect(statSync(receipt('out')).size).toBe(102_399);
    expect(statSync(receipt('end')).size).toBe(65_536);
    expect(told.filter(([, leftOut]) => leftOut > 0)).toEqual([[expect.stringMatching(/^x+\nthe end\n$/), 5_000_009 - 102_399 - 65_536]]);
    expect(told.reduce((sum, [text]) => sum + text.length, 0)).toBe(102_399 + 65_536);
  });

  test('output around the limit, in many small writes: not one byte is lost or told twice', async () => {
    const text = Array.from({ length: 900 }, (_, i) => `line ${i}\n`).join('');
    const command = sh`i=0; while [ $i -lt 900 ]; do echo "line $i"; i=$((i + 1)); done`;
    for (const [i, maxOutputBytes] of [text.length - 1, text.length, text.length + 1, 5000, 1].entries()) {
      let told = '';
      const answer = await host.run(order({ key: `around-${i}`, maxOutputBytes, command }), (more, leftOut) => {
        told += `${leftOut || ''}${more}`;
      });
      expect(told).toBe(text);
      expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, outputBytes: text.length });
    }
  });

  test('bytes of every kind come through, in order', async () => {
    writeFileSync(join(dir, 'bytes'), Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256)));
    const text = 'päivää 🚀\n'.repeat(20_000);
    writeFileSync(join(dir, 'text'), text);
    expect(await host.run(order({ command: sh`cat ${join(dir, 'bytes')}` }))).toMatchObject({ kind: 'ended', outputBytes: 300_000 });
    let told = '';
    await host.run(order({ key: 'text', command: sh`cat ${join(dir, 'text')}` }), (more) => {
      told += more;
    });
    expect(told === text).toBe(true);
  });

  test('a store that cannot be written: nothing is started', async () => {
    rmSync(join(dir, 'store', 'steps'), { recursive: true });
    writeFileSync(join(dir, 'store', 'steps'), 'a file where the directory was');
    expect(await host.run(order({ command: effect() }))).toMatchObject({ kind: 'not-started', why: expect.stringContaining(join(dir, 'store')) });
    expect(effects()).toBe(0);
  });

  test('a step has no terminal, no input, a sane PATH and a home', async () => {
    const command = sh`tty; read -r line; echo "read $?"; pwd; echo "$PATH"; echo "\${SSH_AUTH_SOCK-none}"`;
    const seen = await host.run(order({ command }));
    const lines = seen.kind === 'ended' ? seen.tail.split('\n') : [];
    expect(lines.slice(0, 3)).toEqual(['not a tty', 'read 1', process.env.HOME]);
    expect(lines[3]).toBe(local.path(dir) ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    expect(lines[4]).toBe('none');
  });

  test('reading: each command apart, with its status, its two outputs and its time', async () => {
    const { out, err } = await host.read(
      1,
      sh`printf 'no newline'; exit 7`,
      sh`echo oops >&2`,
      sh`cd /; x=1`,
      sh`pwd; echo "[$x]"`,
      sh`echo early; sleep 30`,
      sh`if`,
    );
    expect(out.map((frame) => frame.payload.toString())).toEqual(['no newline', '', '', `${process.env.HOME}\n[]\n`, 'early\n', '']);
    expect(out.slice(0, 5).map((frame) => frame.fields[2])).toEqual(['7', '0', '0', '0', '124']);
    expect(out[5]?.fields[2]).not.toBe('0');
    expect(err[2]?.payload.toString()).toBe('oops\n');
    expect(err[6]?.payload.toString()).not.toBe('');
  });
});

/** Not with /bin/kill: procps reads `-KILL -1234` as a signal to every process there is. */
function killGroup(file: string): void {
  const group = Number(readFileSync(file, 'utf8').split(' ')[0]);
  if (!Number.isInteger(group) || group < 2) throw new RangeError(`not a process group: ${group}`);
  process.kill(-group, 'SIGKILL');
}

/** A zombie does not live: in a container nobody may be there to bury it. */
function lives(pid: number): boolean {
  try {
    return !/^[ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, ''));
  } catch {
    return false;
  }
}
