import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type LabHosts, startHosts } from '../../../lab/hosts/hosts.ts';
import type { Host, Hosts, ReceiptOrder } from '../../../src/domain/host.ts';
import { type Sh, sh } from '../../../src/domain/sh.ts';
import { type HostsOptions, openHosts } from '../../../src/hosts/hosts.ts';

vi.setConfig({ testTimeout: 90_000 });

let lab: LabHosts;
const opened: Hosts[] = [];

beforeAll(async () => {
  lab = await startHosts([{ name: 'prod-1', user: 'deploy', sudo: ['/usr/local/bin/as-root'] }]);
  await asRoot('printf \'#!/bin/sh\\ntrap "" TERM\\necho up\\nwhile [ ! -e /tmp/end ]; do sleep 0.1; done\\n\' >/usr/local/bin/as-root');
  await asRoot('chmod 755 /usr/local/bin/as-root');
}, 900_000);
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
});
afterAll(() => lab?.stop(), 60_000);

async function asRoot(text: string): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.exec('prod-1', text);
  if (exitCode !== 0) throw new Error(`${text}: ${stderr}`);
  return stdout.trim();
}

function connect(more: Partial<HostsOptions> = {}): Host {
  const hosts = openHosts({ knownHostsFile: lab.knownHostsFile, privateKeyFile: lab.privateKeyFile, ...more });
  opened.push(hosts);
  return hosts.get(lab.host('prod-1'));
}

let count = 0;
async function order(host: Host, command: Sh, more: Partial<ReceiptOrder> = {}): Promise<ReceiptOrder> {
  const { bootId, storeId } = await host.identity();
  count += 1;
  const base = { key: `sac-1.${count}`, rollback: 'sac-1', token: '000000000001', bootId, storeId, resumed: false };
  return { ...base, command, timeoutMs: 60_000, maxOutputBytes: 100_000, ...more };
}

/** Runs it, and resolves `begun` with its first output. */
function run(host: Host, asked: ReceiptOrder) {
  let told = '';
  let hear = (_: string): void => undefined;
  const begun = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const ended = host.run(
    asked,
    (text) => {
      told += text;
      hear(told);
    },
    new AbortController().signal,
  );
  ended.catch(() => undefined); // what is not asked for is closed with the test
  return { begun, ended, told: () => told };
}

test("root's child under sudo cannot be ended by the login user, and that is said; once it has ended, that is said too", async () => {
  const asked = await order(connect(), sh`sudo -n /usr/local/bin/as-root`, { rollback: 'sac-2', key: 'sac-2.sudo' });
  await run(connect(), asked).begun;
  const stop = () => connect().stop({ ...asked, token: '000000000002' });
  expect(await stop()).toMatchObject({ kind: 'runs-on', why: expect.stringMatching(/process group \d+ .*root/) });
  expect(await stop()).toMatchObject({ kind: 'runs-on' });
  await asRoot('touch /tmp/end; while pgrep -x as-root >/dev/null; do sleep 0.1; done; rm /tmp/end');
  expect(await stop()).toMatchObject({ kind: 'ended', isCut: true, tail: 'up\n' });
});

test("past its time root's child is left, and the output says so", async () => {
  const host = connect();
  const { ended, told } = run(host, await order(host, sh`sudo -n /usr/local/bin/as-root`, { timeoutMs: 1000 }));
  expect(await ended).toMatchObject({ kind: 'ended', exitCode: 124, timedOut: true });
  expect(told()).toMatch(/still running, cannot be stopped: process group \d+/);
  await asRoot('touch /tmp/end; while pgrep -x as-root >/dev/null; do sleep 0.1; done; rm /tmp/end');
});

test('a disk that is full before: nothing is run; one that fills up while it runs: its exit status is kept', async () => {
  await asRoot('mkdir /srv/small && mount -t tmpfs -o size=256k,mode=777 tmpfs /srv/small');
  const host = connect({ storeDir: '/srv/small/store' });
  const fills = await order(host, sh`head -c 1000000 /dev/zero >/srv/small/fill; head -c 300000 /dev/zero; echo ran >>/tmp/effects; exit 7`);
  expect(await run(host, fills).ended).toMatchObject({ kind: 'ended', exitCode: 7, stage: 'command' });
  expect(await run(connect({ storeDir: '/srv/small/store' }), { ...fills, resumed: true }).ended).toMatchObject({ kind: 'ended', exitCode: 7 });
  const next = await order(host, sh`echo ran >>/tmp/effects`);
  expect(await run(host, next).ended).toMatchObject({ kind: 'not-started', why: expect.stringContaining('disk full') });
  expect(await asRoot('cat /tmp/effects')).toBe('ran');
  await asRoot('rm /srv/small/fill');
  expect(await run(host, next).ended).toMatchObject({ kind: 'ended', exitCode: 0 });
  expect(await asRoot('cat /tmp/effects; rm /tmp/effects')).toBe('ran\nran');
});

test('a home that cannot be written: nothing is run, and what to do is said', async () => {
  const host = connect();
  const asked = await order(host, sh`echo ran >/tmp/effects`);
  await asRoot('mount --bind /home/deploy /home/deploy && mount -o remount,ro,bind /home/deploy');
  try {
    expect(await run(host, asked).ended).toMatchObject({ kind: 'not-started', why: expect.stringContaining('cannot be written') });
    const fresh = connect({ storeDir: '~/another-store' });
    await expect(fresh.identity()).rejects.toMatchObject({ code: 'host-broken', advice: expect.stringContaining('may write') });
    expect(await connect().stop({ ...asked, key: 'other', token: '000000000001' })).toMatchObject({ kind: 'never-started' });
    await expect(connect().stop({ ...asked, token: '000000000009' })).rejects.toMatchObject({ code: 'host-broken' });
    expect(await asRoot('cat /tmp/effects 2>/dev/null || echo none')).toBe('none');
  } finally {
    await asRoot('umount -l /home/deploy');
  }
});

test('a login shell that is not sh: it takes -c and plain words, and knows no word of sh', async () => {
  const file = join(lab.dir, 'notsh');
  await writeFile(
    file,
    `#!/bin/bash
# A login shell of its own language.
[ $# = 2 ] && [ "$1" = -c ] || { echo "notsh: usage: notsh -c COMMAND" >&2; exit 2; }
case $2 in *[\\;\\&\\|\\$\\(\\)\\{\\}\\=\\<\\>\\'\\"\\\`]*) echo "notsh: syntax error: $2" >&2; exit 2 ;; esac
echo "Welcome, says notsh"
echo "and beware" >&2
[ "\${2%% *}" = exec ] || { echo "notsh: unknown word: $2" >&2; exit 2; }
exec \${2#exec }
`,
  );
  await lab.copyIn('prod-1', file, '/usr/local/bin/notsh');
  await asRoot('chmod 755 /usr/local/bin/notsh && echo /usr/local/bin/notsh >>/etc/shells && usermod -s /usr/local/bin/notsh deploy');
  try {
    const host = connect();
    expect(await host.read([sh`echo out; echo err >&2`])).toEqual([{ exitCode: 0, stdout: 'out\n', stderr: 'err\n' }]);
    const { ended, told } = run(host, await order(host, sh`for x in 1 2; do echo "$x $HOME"; done; exit 5`));
    expect(await ended).toMatchObject({ kind: 'ended', exitCode: 5 });
    expect(told()).toBe('1 /home/deploy\n2 /home/deploy\n');
  } finally {
    await asRoot('usermod -s /bin/bash deploy');
  }
});

test('a noisy ~/.bashrc is not in the output, and its settings are not in the step', async () => {
  await asRoot(
    "cp /home/deploy/.bashrc /root/bashrc; printf 'echo Welcome\\necho beware >&2\\nexport PATH=/nowhere LC_ALL=xx\\nalias ls=false\\nset -u\\n' >/home/deploy/.bashrc",
  );
  try {
    const host = connect();
    const { ended, told } = run(host, await order(host, sh`ls -d /; echo "$PATH"`));
    expect(await ended).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(told()).toBe('/\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
  } finally {
    await asRoot('cp /root/bashrc /home/deploy/.bashrc');
  }
});

test('a power cut: what ran is unknown, what is not known there is unknown, what had ended is told; a wiped store likewise', async () => {
  const host = connect();
  const done = await order(host, sh`echo done; exit 3`, { rollback: 'sac-3' });
  expect(await run(host, done).ended).toMatchObject({ kind: 'ended', exitCode: 3 });
  const running = await order(host, sh`echo up; sleep 1000`, { rollback: 'sac-3' });
  await run(host, running).begun;
  const unsent = await order(host, sh`echo ran >/home/deploy/effects`, { rollback: 'sac-3' });
  await asRoot('sync');
  await lab.kill('prod-1');
  await lab.restart('prod-1');
  const back = connect();
  expect((await back.identity()).bootId).not.toBe(done.bootId);
  expect(await run(back, { ...done, resumed: true }).ended).toMatchObject({ kind: 'ended', exitCode: 3, tail: 'done\n' });
  expect(await run(back, { ...running, resumed: true }).ended).toMatchObject({
    kind: 'unknown',
    why: expect.stringContaining('booted'),
    tail: 'up\n',
  });
  expect(await run(back, { ...unsent, resumed: true }).ended).toMatchObject({ kind: 'unknown', why: expect.stringContaining('booted') });
  expect(await back.stop({ ...running, token: '000000000002' })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('booted') });
  expect(await back.stop({ ...unsent, token: '000000000002' })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('booted') });
  const now = await order(back, sh`echo ran >/home/deploy/effects`, { rollback: 'sac-4', key: 'sac-4.1' });
  await asRoot('rm -rf /home/deploy/.rollback-bot');
  const wiped = connect();
  expect(await run(wiped, { ...now, resumed: true }).ended).toMatchObject({ kind: 'unknown', why: expect.stringContaining('store replaced') });
  expect(await wiped.stop({ ...now, token: '000000000002' })).toMatchObject({ kind: 'unknown', why: expect.stringContaining('store replaced') });
  expect(await asRoot('ls /home/deploy/effects 2>/dev/null || echo none')).toBe('none');
});
