import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host, Hosts, ReceiptAnswer } from '../../../src/domain/host.ts';
import { raw, type Sh, sh } from '../../../src/domain/sh.ts';
import type { ShellWork } from '../../../src/domain/step.ts';
import { openHosts } from '../../../src/hosts/hosts.ts';
import type { Hold } from '../../../src/jobs/phase/hold.ts';
import { settle } from '../../../src/jobs/phase/settle.ts';
import { type Sshd, startSshd } from '../../helpers/sshd.ts';

let sshd: Sshd;
let hosts: Hosts;
let host: Host;
beforeAll(async () => {
  sshd = await startSshd();
  hosts = openHosts({ knownHostsFile: sshd.knownHostsFile, privateKeyFile: sshd.privateKeyFile, storeDir: sshd.storeDir });
  host = hosts.get(sshd.address);
});
afterAll(async () => {
  await hosts?.close();
  await sshd?.stop();
});

const file = (name: string): string => join(sshd.dir, name);
const token = '000000000001';
const hold = { id: 'sac-1', token } as Hold;

/** Kills the step and who would record its end: nobody can say then how it ended. */
const crash = sh`t=$PPID; c=$(awk '{ print $4 }' /proc/$t/stat); kill -9 "$c" "$t" $$`;

/** Runs a command that crashes after (or instead of) its effect, and lets the step find out. */
async function crashed(
  key: string,
  effect: Sh,
  settles: Sh | undefined,
): Promise<{ answer: ReceiptAnswer; settled: Awaited<ReturnType<typeof settle>> }> {
  const { bootId, storeId } = await host.identity();
  const sent = { key, bootId, storeId };
  const command = sh`${raw(effect)}\n${raw(crash)}`;
  const order = { ...sent, rollback: 'sac-1', token, resumed: false, command, timeoutMs: 20_000, maxOutputBytes: 1_000_000 };
  const answer = await host.run(order, () => undefined, AbortSignal.timeout(30_000));
  const work: ShellWork = { type: 'shell', command, from: '', to: '', timeoutMs: 20_000, ...(settles ? { settle: settles } : {}) };
  return { answer, settled: await settle(hold, host, sent, work, answer) };
}

/** A zombie that nobody has buried does nothing any more. */
const lives = (pid: string): boolean => existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');

const look = (name: string): Sh => sh`[ -e ${file(name)} ] && exit 0; exit 10`;

describe('a step whose end nobody recorded', () => {
  it('is done when the host says that its effect is there', async () => {
    const { answer, settled } = await crashed('done', sh`printf x >>${file('done')}`, look('done'));
    expect(answer.kind).toBe('unknown');
    expect(settled).toMatchObject({ kind: 'done', result: { outcome: 'done', why: expect.stringMatching(/^looked at afterwards, it is done \(/) } });
    expect(readFileSync(file('done'), 'utf8')).toBe('x');
  });

  it('is as before when the host says that nothing of it happened', async () => {
    const { settled } = await crashed('before', sh`:`, look('never-made'));
    expect(settled).toEqual({ kind: 'as-before' });
  });

  it('stays unknown when the host cannot tell, and when the kind knows no way to find out', async () => {
    expect((await crashed('half', sh`:`, sh`exit 1`)).settled).toEqual({ kind: 'unknown' });
    expect((await crashed('no-way', sh`:`, undefined)).settled).toEqual({ kind: 'unknown' });
  });

  it('what it left running is ended before anybody looks', async () => {
    writeFileSync(file('pid'), '');
    const late = sh`(sleep 30; printf late >${file('late')}) & echo $! >${file('pid')}`;
    const { settled } = await crashed('late', late, look('late'));
    const pid = readFileSync(file('pid'), 'utf8').trim();
    expect(settled).toEqual({ kind: 'as-before' });
    expect(lives(pid)).toBe(false);
    rmSync(file('pid'));
  });
});
