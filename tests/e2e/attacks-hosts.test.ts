import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductProcess } from '../../lab/product.ts';
import { wordsOf } from '../../lab/workspace/driver.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, eventsOf, type Followed, incident, PEOPLE, planOf, toldInThread } from '../helpers/rollback.ts';

let world: World;
let product: ProductProcess;
let token: string;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  token = world.env.GITHUB_TOKEN ?? '';
  product = await world.start();
});
afterAll(() => world?.stop());

const python = '/srv/trade-agent/.venv/bin/python';
const hostKey = '/etc/ssh/ssh_host_ed25519_key';
const agent = '/srv/trade-agent/src/rl/sac/sac_agent.py';

async function on(host: string, command: string, user = 'root'): Promise<string> {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
}
const sum = (file: string): Promise<string> => on('dev-1', `sha256sum <${file}`);
const replies = (rollback: Followed) => world.workspace.replies(incident, rollback.ts);

/** sshd with another key, as after a rebuild or with somebody in between; all connections end. */
async function anotherHostKey(): Promise<void> {
  await on(
    'dev-1',
    `mkdir -p /root/was && cp -p ${hostKey} ${hostKey}.pub /root/was/ && rm ${hostKey} ${hostKey}.pub && ssh-keygen -q -t ed25519 -N '' -f ${hostKey}`,
  );
  await world.hosts.stopSshd('dev-1');
  await world.hosts.startSshd('dev-1');
}

async function oldHostKey(): Promise<void> {
  await on('dev-1', `cp -p /root/was/* /etc/ssh/`);
  await world.hosts.stopSshd('dev-1');
  await world.hosts.startSshd('dev-1');
}

describe('what the login of the bot may do as root', () => {
  const sudo = (host: string, command: string) => world.hosts.exec(host, `sudo -n ${command}`, { user: 'deploy' });

  it('is what the sudo rules say, letter by letter', async () => {
    const { stdout } = await sudo('prod-1', '-l');
    const rules = stdout
      .slice(stdout.indexOf('may run the following'))
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    expect(rules).toEqual(['stop', 'start', 'restart'].map((verb) => `(root) NOPASSWD: /usr/bin/systemctl ${verb} sac-agent-service`));
    const lines = (await readFile('lab/samples/sudoers-deploy', 'utf8')).split('\n').filter((line) => line.startsWith('deploy '));
    const documented = await readFile('docs/install.md', 'utf8');
    for (const line of lines) expect(documented).toContain(line);
  });

  it.each([
    'true',
    'sh',
    'systemctl stop ssh',
    'systemctl stop sac-agent-service ssh',
    'systemctl stop sac-agent-service.service',
    'systemctl --force stop sac-agent-service',
    'systemctl edit sac-agent-service',
    'systemctl daemon-reload',
    '-u trade-agent true',
    '-g systemd-journal true',
    '-e /etc/passwd',
    'PATH=/tmp systemctl stop sac-agent-service',
    '/srv/deploy/deploy.sh v0.1.0',
  ])('sudo %s is refused', async (command) => {
    const { exitCode, stderr } = await sudo('prod-1', command);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/password is required|not allowed/);
  });

  it('is nothing at all where nothing is needed, and Docker, which is root, is nobody’s on these hosts', async () => {
    expect((await sudo('dev-1', '-l')).exitCode).not.toBe(0);
    for (const host of ['dev-1', 'prod-1', 'prod-2']) expect((await on(host, 'id -Gn', 'deploy')).split(/\s+/)).not.toContain('docker');
    for (const host of ['dev-1', 'prod-1'])
      expect((await on(host, 'cat /etc/sudoers /etc/sudoers.d/*')).match(/^[^#\n]*NOPASSWD:\s*ALL/m)).toBeNull();
  });
});

describe('a host that is not the one that was approved', () => {
  let rollback: Followed;

  it('shows another key after the plan: nothing is sent to it, and the card says so', async () => {
    rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    const before = await sum(agent);
    await anotherHostKey();
    await rollback.click(PEOPLE.approver, 'approve');
    await rollback.until('retry', 120_000);
    expect(wordsOf(rollback.card())).toMatch(/host key of deploy@127\.0\.0\.1 port \d+ \(dev-1\) is not the one expected/);
    expect(await sum(agent)).toBe(before);
    expect(await on('dev-1', `ls ~deploy/.rollback-bot/steps | grep -c ${rollback.id}.4@ || :`)).toBe('0\n');
  });

  it('and not even when somebody has added that key to known_hosts: the plan holds the one that was approved', async () => {
    const known = await readFile(world.hosts.knownHostsFile, 'utf8');
    const { port } = world.hosts.host('dev-1');
    const [type, key] = (await on('dev-1', `cat ${hostKey}.pub`)).split(' ');
    await appendFile(world.hosts.knownHostsFile, `[127.0.0.1]:${port} ${type} ${key}\n`);
    const seen = (await eventsOf(world, rollback.id)).length;
    await rollback.click(PEOPLE.approver, 'retry');
    const said = 'this is not the machine that was approved';
    await world.workspace.waitFor(() => rollback.buttons().includes('retry') && wordsOf(rollback.card()).includes(said), said, 120_000);
    expect((await eventsOf(world, rollback.id)).slice(seen).some((event) => event.type === 'step-finished' && event.result.outcome === 'done')).toBe(
      false,
    );
    await writeFile(world.hosts.knownHostsFile, known);
  });

  it('at first contact, unknown: nothing is read, and the mend is said', async () => {
    await rollback.click(PEOPLE.approver, 'leave');
    await rollback.says(/was left as it is/);
    await oldHostKey();
    const known = await readFile(world.hosts.knownHostsFile, 'utf8');
    const { port } = world.hosts.host('dev-1');
    await writeFile(
      world.hosts.knownHostsFile,
      known
        .split('\n')
        .filter((line) => !line.includes(`:${port} `))
        .join('\n'),
    );
    await world.hosts.stopSshd('dev-1');
    await world.hosts.startSshd('dev-1');
    const unknown = await ask(world, 'sac v0.1.0');
    const card = await unknown.says(/cannot be done yet/, 120_000);
    expect(wordsOf(card)).toMatch(/host key of deploy@127\.0\.0\.1 port \d+ \(dev-1\), SHA256:\S+ \(ssh-ed25519\), is not in/);
    await writeFile(world.hosts.knownHostsFile, known);
  });
});

describe('what a host prints', () => {
  let rollback: Followed;
  const encoded = () => {
    const bytes = Buffer.from(token);
    return [token, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
  };

  /** In the place of dev-1's smoke test: waits to be looked at, then prints all that a hostile program can, and fails. */
  async function hostileProgram(): Promise<void> {
    const say = [
      '#!/bin/bash',
      `case "$*" in *smoke_test*) ;; *) exec ${python}.real "$@" ;; esac`,
      'touch /var/tmp/at-step; while [ ! -e /var/tmp/go-on ]; do sleep 0.1; done',
      `token=${token}`,
      'echo "plain $token"; printf %s "$token" | base64; printf "user:%s@host" "$token" | base64; printf "xy%s" "$token" | base64 -w 7',
      'printf %s "$token" | od -An -v -tx1; printf %s "$token" | od -An -v -tx1 | tr -d " \\n" | tr a-f A-F; echo',
      `printf %s "${token.slice(0, 9)}"; sleep 0.7; echo "${token.slice(9)}"`,
      'printf \'{"token": "%s"}\\nhttps://x:%s@host/\\n\' "$token" "$token"; set -x; : "$token"; set +x',
      'head -c 10000000 /dev/zero | tr "\\0" x; echo',
      `echo '<!channel> <!here> <@${PEOPLE.lead}> @here @channel <https://evil.example|approve here> *bold* \`\`\` & <b>'`,
      'printf "\\033[31mred\\033[0m \\033]0;title\\007 \\r\\b\\0 \\377\\376 \\342\\200\\256gnp.exe \\342\\201\\246iso\\n"',
      'echo "the end of what it said"; exit 7',
    ].join('\n');
    await on('dev-1', `mv ${python} ${python}.real && cat >${python} <<'PROGRAM'\n${say}\nPROGRAM\nchmod 755 ${python}`, 'deploy');
  }

  it('a secret is in no process list, neither of the host nor of the bot, while a step runs', async () => {
    await hostileProgram();
    rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await rollback.click(PEOPLE.approver, 'approve');
    await on('dev-1', 'for try in $(seq 1800); do [ ! -e /var/tmp/at-step ] || exit 0; sleep 0.1; done; exit 1');
    const onHost = await on('dev-1', 'ps auxwwe', 'nobody');
    expect(onHost).toMatch(/sh \/home\/deploy\/\.rollback-bot\/steps\/\S+\.job/);
    const here = await promisify(execFile)('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'ps', 'auxwwe'], {
      maxBuffer: 1 << 24,
    });
    expect(here.stdout).toContain('src/main.ts');
    for (const form of encoded()) for (const seen of [onHost, here.stdout]) expect(seen).not.toContain(form);
    // Its own user and root see the environment of a step: there is none of ours in it either.
    const plan = await planOf(world, rollback.id);
    const commands = Object.values(plan.work).flatMap((work) => (work.type === 'shell' ? [work.command] : []));
    expect(JSON.stringify(commands)).not.toContain(token);
    await on('dev-1', 'touch /var/tmp/go-on', 'deploy');
  });

  it('ten megabytes in one line, marks of the terminal, mentions, other directions of writing: told, and nobody is called', async () => {
    await rollback.until('retry', 120_000);
    await toldInThread(world, rollback, 'the end of what it said');
    const said = [rollback.card(), ...replies(rollback)];
    const output = said.map(wordsOf).join('\n');
    for (const sign of ['\u001b', '\u0007', '\u0000', '\u202e', '\u2066']) expect(output).not.toContain(sign);
    const trouble = replies(rollback).filter((reply) => wordsOf(reply).includes('the end of what it said'));
    expect(trouble).toHaveLength(1);
    // Those who can decide are called by the bot; whom the host's output names is not.
    for (const message of said) expect(message.mentions.users).not.toContain(PEOPLE.lead);
    for (const message of said) expect(message.mentions).toMatchObject({ here: false, channel: false, everyone: false });
    expect(JSON.stringify(trouble)).not.toContain('<https://evil.example');
    console.log(`shown: ${JSON.stringify(wordsOf(trouble[0] as (typeof said)[number]).slice(-900))}`);
  });

  it('the secret is nowhere in any writing: messages, log, events, plans, kept output', async () => {
    const texts = [JSON.stringify(world.workspace.calls()), product.log.join('\n')];
    const redis = new Redis(world.redis.url);
    try {
      for (const key of await redis.keys('*:output:*')) texts.push(...(await redis.hvals(key)));
      for (const key of await redis.keys('*:log:*')) texts.push(...(await redis.lrange(key, 0, -1)));
      for (const key of await redis.keys('*'))
        for (const form of encoded()) expect((await redis.dump(key))?.includes(form) ?? false, key).toBe(false);
    } finally {
      redis.disconnect();
    }
    const bare = texts.map((text) => text.replace(/\\[nrt]|[\s:"]/g, ''));
    for (const form of encoded()) for (const text of bare) expect(text.includes(form)).toBe(false);
    expect(texts.some((text) => text.includes('•••'))).toBe(true);
  });
});
