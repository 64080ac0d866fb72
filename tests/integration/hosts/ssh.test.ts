import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Host, HostError, Hosts, ReceiptOrder } from '../../../src/domain/host.ts';
import { sh } from '../../../src/domain/sh.ts';
import { type HostsOptions, openHosts } from '../../../src/hosts/hosts.ts';
import { freePort, type Sshd, startSshd } from '../../helpers/sshd.ts';

let sshd: Sshd;
const opened: Hosts[] = [];

beforeAll(async () => {
  sshd = await startSshd();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
});
afterAll(() => sshd.stop());

const reach = (): HostsOptions => ({ knownHostsFile: sshd.knownHostsFile, privateKeyFile: sshd.privateKeyFile, storeDir: sshd.storeDir });

/** One host over one connection of its own. */
function connect(options: HostsOptions = reach(), address = sshd.address): Host {
  const hosts = openHosts(options);
  opened.push(hosts);
  return hosts.get(address);
}

let count = 0;
async function order(host: Host, more: Partial<ReceiptOrder>): Promise<ReceiptOrder> {
  const { bootId, storeId } = await host.identity();
  count += 1;
  const base = { key: `sac-1.${count}.test-1`, rollback: 'sac-1', token: '000000000001', bootId, storeId, resumed: false };
  return { ...base, command: sh`true`, timeoutMs: 30_000, maxOutputBytes: 1_000_000, ...more };
}
const quiet = () => undefined;
const never = new AbortController().signal;
const file = (name: string) => join(sshd.dir, name);
const lines = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8').trim().split('\n') : []);

describe('a host over ssh', () => {
  test('says who it is, and the key that was verified', async () => {
    const { bootId, storeId, hostKey } = await connect().identity();
    expect(bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    expect(storeId).toBe(readFileSync(join(sshd.storeDir, 'id'), 'utf8').trim());
    expect(hostKey).toBe(sshd.hostKeyFingerprint);
  });

  test('five readings in one trip; long ones are cut, slow ones ended', async () => {
    const host = connect();
    const readings = await host.read([sh`printf a`, sh`echo b >&2; exit 4`, sh`head -c 600000 /dev/zero`, sh`sleep 20`, sh`id -un`], 1000);
    expect(readings.map(({ exitCode }) => exitCode)).toEqual([0, 4, 0, 124, 0]);
    expect(readings[0]).toEqual({ exitCode: 0, stdout: 'a', stderr: '' });
    expect(readings[1]).toEqual({ exitCode: 4, stdout: '', stderr: 'b\n' });
    expect(readings[2]?.stdout).toHaveLength(256 * 1024);
    expect(readings[4]?.stdout.trim()).toBe(sshd.address.user);
    expect(await host.read([])).toEqual([]);
  });

  test('400 hostile strings come back as they went', async () => {
    const parts = ["'", '"', '\\', '$(id)', '`id`', ';', '&', '|', '\n', ' ', '*', '~', '!', '#', '-rf', '$HOME', '\u{1f680}', '\x01', 'ä', '%s'];
    const hostile = Array.from({ length: 400 }, (_, i) => [1, 7, 49].map((step) => parts[(i * step + Math.floor(i / 20)) % parts.length]).join(''));
    const readings = await connect().read(hostile.map((text) => sh`printf %s ${text}`));
    expect(readings.map(({ stdout }) => stdout)).toEqual(hostile);
  }, 60_000);

  test('one receipt happens once, though three connections ask at once', async () => {
    const hosts = [connect(), connect(), connect()];
    const asked = await order(hosts[0] as Host, { command: sh`echo once >>${file('once')}; echo ran` });
    const answers = await Promise.all(hosts.map((host) => host.run(asked, quiet, never)));
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, tail: 'ran\n' });
    expect(lines('once')).toEqual(['once']);
  });

  test('the connection is killed in the middle: followed again to the end, all output, one effect', async () => {
    const host = connect();
    const asked = await order(host, {
      command: sh`echo begin ä; while [ ! -e ${file('go')} ]; do sleep 0.05; done; echo once >>${file('resumed')}; echo end`,
    });
    let told = '';
    const running = host.run(
      asked,
      (text) => {
        told += text;
        if (told !== 'begin ä\n') return;
        sshd.killSessions();
        writeFileSync(file('go'), '');
      },
      never,
    );
    expect(await running).toMatchObject({ kind: 'ended', exitCode: 0, outputBytes: Buffer.byteLength('begin ä\nend\n') });
    expect(told).toBe('begin ä\nend\n');
    expect(lines('resumed')).toEqual(['once']);
  });

  test('sshd is away for a while: followed again when it is back', async () => {
    const host = connect();
    const asked = await order(host, { command: sh`echo first; sleep 1; echo last` });
    const begun = new Promise<void>((resolve) => {
      void host
        .run(asked, () => resolve(), never)
        .then((answer) => {
          ended = answer;
        });
    });
    let ended: unknown;
    await begun;
    await sshd.restart();
    await vi.waitFor(() => expect(ended).toMatchObject({ kind: 'ended', tail: 'first\nlast\n' }), { timeout: 15_000 });
  }, 30_000);

  test('live output comes while the step runs, and other work is not held up', async () => {
    const host = connect();
    const asked = await order(host, { command: sh`echo one; while [ ! -e ${file('live')} ]; do sleep 0.05; done; echo two` });
    let told = '';
    const running = host.run(
      asked,
      (text) => {
        told += text;
      },
      never,
    );
    await vi.waitFor(() => expect(told).toBe('one\n'), { timeout: 5000 });
    expect(await host.read([sh`echo meanwhile`])).toMatchObject([{ stdout: 'meanwhile\n' }]);
    writeFileSync(file('live'), '');
    expect(await running).toMatchObject({ kind: 'ended', tail: 'one\ntwo\n' });
  });

  test('more steps at once than there are shells: all end, readings too', async () => {
    const host = connect();
    const orders = await Promise.all(Array.from({ length: 8 }, (_, i) => order(host, { command: sh`sleep 0.5; echo ${i}` })));
    const reading = host.read([sh`echo read`]);
    const answers = await Promise.all(orders.map((one) => host.run(one, quiet, never)));
    expect(answers).toMatchObject(orders.map((_, i) => ({ kind: 'ended', exitCode: 0, tail: `${i}\n` })));
    expect(await reading).toMatchObject([{ stdout: 'read\n' }]);
  }, 30_000);

  test('when the caller gives up, the following ends and the step goes on', async () => {
    const host = connect();
    const asked = await order(host, { command: sh`echo begun; while [ ! -e ${file('given-up')} ]; do sleep 0.05; done; echo done` });
    const caller = new AbortController();
    const running = host.run(asked, () => caller.abort(), caller.signal);
    await expect(running).rejects.toMatchObject({ code: 'connection-lost' });
    writeFileSync(file('given-up'), '');
    expect(await host.run({ ...asked, resumed: true }, quiet, never)).toMatchObject({ kind: 'ended', tail: 'begun\ndone\n' });
  });

  test('stop, seen from another connection', async () => {
    const host = connect();
    const asked = await order(host, { rollback: 'sac-7', command: sh`echo $$; sleep 100` });
    let told = '';
    const running = host.run(
      asked,
      (text) => {
        told += text;
      },
      never,
    );
    await vi.waitFor(() => expect(told).toMatch(/^\d+\n$/));
    expect(await connect().stop({ ...asked, token: '000000000002' })).toMatchObject({ kind: 'ended', isCut: true });
    expect(await running).toMatchObject({ kind: 'ended', stage: 'command', timedOut: false });
  }, 20_000);

  test('a fence raised over another connection stops an older worker', async () => {
    const host = connect();
    const asked = await order(host, { rollback: 'sac-9', token: '000000000004', command: sh`echo ran >>${file('fenced')}` });
    expect(await connect().raiseFence('sac-9', '000000000005')).toBe('000000000005');
    expect(await host.run(asked, quiet, never)).toEqual({ kind: 'fenced', seen: '000000000005' });
    expect(lines('fenced')).toEqual([]);
  });

  test('64 MiB of output: every byte is told, little is kept', async () => {
    const host = connect();
    const size = 64 * 1024 * 1024;
    const asked = await order(host, { maxOutputBytes: size + 4096, command: sh`yes 0123456789abcde | head -c ${size}` });
    let told = 0;
    const answer = await host.run(
      asked,
      (text) => {
        told += text.length;
      },
      never,
    );
    expect(answer).toMatchObject({ kind: 'ended', exitCode: 0, outputBytes: size });
    expect(told).toBe(size);
    expect(answer.kind === 'ended' && answer.tail.length).toBe(64 * 1024);
    const bounded = await order(host, { maxOutputBytes: 1_048_576, command: sh`yes 0123456789abcde | head -c ${size}; echo the end` });
    const short = await host.run(bounded, quiet, never);
    expect(short).toMatchObject({ kind: 'ended', exitCode: 0, outputBytes: size + 'the end\n'.length });
    expect(short.kind === 'ended' && short.tail.endsWith('the end\n')).toBe(true);
  }, 60_000);

  test("the login's ~/.bashrc may talk; one that never ends is named", async () => {
    const bashrc = join(sshd.home, '.bashrc');
    try {
      writeFileSync(bashrc, 'echo "Welcome to this host"; echo "and beware" >&2; export PATH=/nowhere\n');
      expect(await connect().read([sh`echo out; echo err >&2`])).toEqual([{ exitCode: 0, stdout: 'out\n', stderr: 'err\n' }]);
      writeFileSync(bashrc, 'sleep 5\n');
      const slow = connect({ ...reach(), shellTimeoutMs: 200 });
      await expect(slow.identity()).rejects.toMatchObject({ code: 'host-broken', advice: expect.stringContaining('.bashrc') });
    } finally {
      rmSync(bashrc);
    }
  });

  test('receipts are kept in the home of the login user, where nothing else is said', async () => {
    const { storeDir: _, ...elsewhere } = reach();
    const { storeId } = await connect(elsewhere).identity();
    expect(readFileSync(join(sshd.home, '.rollback-bot', 'id'), 'utf8').trim()).toBe(storeId);
    expect(await connect({ ...elsewhere, storeDir: '~/kept here' }).identity()).toBeTruthy();
    expect(existsSync(join(sshd.home, 'kept here', 'id'))).toBe(true);
  });

  test('names that would leave the store are refused before anything is sent', async () => {
    const host = connect();
    for (const key of ['../x', '', '.', 'a b', '$(id)', 'x'.repeat(121)]) {
      await expect(host.run({ ...(await order(host, {})), key }, quiet, never)).rejects.toThrow(TypeError);
    }
    await expect(host.raiseFence('sac-1', '7')).rejects.toThrow(TypeError);
  });

  test('nothing of ours is in the process list while a step runs', async () => {
    const host = connect();
    const asked = await order(host, { command: sh`: hunter2; echo up; while [ ! -e ${file('ps')} ]; do sleep 0.05; done` });
    let shown = '';
    await host.run(
      asked,
      () => {
        shown = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
        writeFileSync(file('ps'), '');
      },
      never,
    );
    expect(shown).toContain('job');
    expect(shown).not.toContain('hunter2');
  });
});

describe('a host that cannot be reached says why, and what to do', () => {
  const failure = (host: Host) =>
    host.identity().then(
      () => expect.fail('it connected'),
      (error: HostError) => error,
    );

  test('an unknown host key is never trusted', async () => {
    writeFileSync(file('empty'), '');
    const error = await failure(connect({ ...reach(), knownHostsFile: file('empty') }));
    expect(error).toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining(sshd.hostKeyFingerprint) });
    expect(error.advice).toContain(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ${file('empty')}`);
    expect(await failure(connect({ ...reach(), knownHostsFile: file('not-there') }))).toMatchObject({ code: 'host-key-unknown' });
  });

  test('another key than the known one, a revoked one, another than the pinned one', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('other_key')]);
    const name = `[127.0.0.1]:${sshd.port}`;
    writeFileSync(file('changed'), `${name} ${readFileSync(file('other_key.pub'), 'utf8')}`);
    const error = await failure(connect({ ...reach(), knownHostsFile: file('changed') }));
    expect(error).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining(sshd.hostKeyFingerprint) });
    expect(error.message).toContain(execFileSync('ssh-keygen', ['-lf', file('other_key.pub')], { encoding: 'utf8' }).split(' ')[1]);
    writeFileSync(file('revoked'), readFileSync(sshd.knownHostsFile));
    appendFileSync(file('revoked'), `@revoked * ${readFileSync(file('host_key.pub'), 'utf8')}`);
    expect(await failure(connect({ ...reach(), knownHostsFile: file('revoked') }))).toMatchObject({ code: 'host-key-changed' });
    const pinned = (keys: readonly string[]) => ({ ...sshd.address, keys });
    expect(await failure(connect(reach(), pinned(['SHA256:other'])))).toMatchObject({ code: 'host-key-changed' });
    const revoked = connect({ ...reach(), knownHostsFile: file('revoked') }, pinned([sshd.hostKeyFingerprint]));
    expect(await failure(revoked)).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining('@revoked') });
  });

  test('a hashed name and a pinned key are known', async () => {
    writeFileSync(file('hashed'), readFileSync(sshd.knownHostsFile));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file('hashed')]);
    expect(readFileSync(file('hashed'), 'utf8')).not.toContain('127.0.0.1');
    expect((await connect({ ...reach(), knownHostsFile: file('hashed') }).identity()).hostKey).toBe(sshd.hostKeyFingerprint);
    const pinned = connect({ ...reach(), knownHostsFile: file('empty') }, { ...sshd.address, keys: [sshd.hostKeyFingerprint] });
    expect((await pinned.identity()).hostKey).toBe(sshd.hostKeyFingerprint);
  });

  test('nobody listens; nobody answers; no such name', async () => {
    const refused = await failure(connect(reach(), { ...sshd.address, port: await freePort() }));
    expect(refused).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('refused') });
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const port = (silent.address() as { port: number }).port;
    const mute = await failure(connect({ ...reach(), connectTimeoutMs: 300 }, { ...sshd.address, port }));
    silent.close();
    expect(mute).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('300 ms') });
    const unknown = await failure(connect(reach(), { ...sshd.address, address: 'no-such-host.invalid' }));
    expect(unknown).toMatchObject({ code: 'host-unreachable' });
  });

  test('a key that it does not accept; a key that cannot be used', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('stranger')]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'opensesame', '-f', file('locked')]);
    expect(await failure(connect({ ...reach(), privateKeyFile: file('stranger') }))).toMatchObject({ code: 'login-refused' });
    const locked = await failure(connect({ ...reach(), privateKeyFile: file('locked') }));
    expect(locked).toMatchObject({ code: 'login-refused', advice: expect.stringContaining('passphrase') });
    expect(await failure(connect({ ...reach(), privateKeyFile: file('missing') }))).toMatchObject({ code: 'login-refused' });
    expect(await failure(connect({ knownHostsFile: sshd.knownHostsFile }))).toMatchObject({ code: 'login-refused' });
  });

  test('an encrypted key with its passphrase, and a key in an agent, are accepted', async () => {
    const authorized = readFileSync(file('authorized_keys'));
    appendFileSync(file('authorized_keys'), readFileSync(file('locked.pub')));
    expect(await connect({ ...reach(), privateKeyFile: file('locked'), passphrase: 'opensesame' }).identity()).toBeTruthy();
    writeFileSync(file('authorized_keys'), authorized);
    const socket = file('agent');
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' }))?.[1]);
    try {
      execFileSync('ssh-add', ['-q', sshd.privateKeyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      expect(await connect({ knownHostsFile: sshd.knownHostsFile, agentSocket: socket, storeDir: sshd.storeDir }).identity()).toBeTruthy();
    } finally {
      process.kill(pid);
    }
  });

  test('a step for a host that is down is refused at once, and not sent later', async () => {
    const asked = await order(connect(), { command: sh`echo ran >>${file('down')}` });
    await sshd.halt();
    await expect(connect().run(asked, quiet, never)).rejects.toMatchObject({ code: 'host-unreachable' });
    await sshd.restart();
    expect(await connect().read([sh`cat ${file('down')}`])).toMatchObject([{ exitCode: 1 }]);
  });

  test('a step that may have been sent is followed until the caller gives up', async () => {
    const host = connect();
    const asked = await order(host, { rollback: 'sac-8', command: sh`echo begun; sleep 60` });
    const caller = new AbortController();
    const running = host.run(asked, () => void sshd.halt(), caller.signal);
    await vi.waitFor(() => expect(sshd.sessions()).toEqual([]), { timeout: 5000 });
    setTimeout(() => caller.abort(), 300);
    await expect(running).rejects.toMatchObject({ code: 'connection-lost' });
    await sshd.restart();
    expect(await connect().stop({ ...asked, token: '000000000002' })).toMatchObject({ kind: 'ended', isCut: true });
  });
});
