import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../lab/hosts/ports.ts';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';

const root = new URL('../../../', import.meta.url).pathname;
let dir: string;
let redis: Redis;
let workspace: Workspace;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'start-test-'));
  writeFileSync(join(dir, 'key'), 'a key');
  [redis, workspace] = await Promise.all([startRedis(), startWorkspace()]);
});
afterAll(async () => {
  await Promise.all([redis.stop(), workspace.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly ms: number;
}

/** Runs the product as `npm start` does, with nothing in the environment but this, until it ends by itself. */
function start(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  const { PATH = '', HOME = '/root' } = process.env;
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], { cwd: root, env: { PATH, HOME, ...env }, timeout: 45_000 });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, said, ms: Math.round(performance.now() - startedAt) }));
  });
}

const good = (): Record<string, string> => ({
  SLACK_BOT_TOKEN: workspace.botToken,
  SLACK_APP_TOKEN: workspace.appToken,
  SLACK_API_URL: workspace.apiUrl,
  REDIS_URL: redis.url,
  DATA_DIR: join(dir, 'data'),
  SSH_KEY_FILE: join(dir, 'key'),
});

/** No stack trace, no secret, and not for long. */
function expectForPeople({ said }: Ended): void {
  expect(said).not.toMatch(/\n {4}at /);
  expect(said).not.toContain(workspace.botToken);
  expect(said).not.toContain(workspace.appToken);
}

describe('an environment that cannot be used', () => {
  it('every variable at once, each with what to set; exit code 2', async () => {
    const ended = await start({
      SLACK_BOT_TOKEN: 'x',
      SLACK_APP_TOKEN: 'y',
      SLACK_API_URL: 'nope',
      REDIS_URL: 'http://x',
      SYSTEMS_DIR: '/nowhere',
      SSH_KEY_FILE: '/nowhere/key',
      SSH_KNOWN_HOSTS: '/nowhere/known_hosts',
      SSH_KEY_PASSPHRASE_FILE: '/nowhere/passphrase',
      GITHUB_API_URL: 'q',
      LOG_LEVEL: 'loud',
    });
    expect(ended.code).toBe(2);
    expectForPeople(ended);
    const lines = ended.said.trim().split('\n');
    expect(lines[0]).toBe('rollback-bot cannot start. 10 things have to be mended:');
    expect(lines).toHaveLength(11);
    for (const line of [
      'SLACK_BOT_TOKEN: a bot token starts with xoxb-',
      'SLACK_APP_TOKEN: an app-level token starts with xapp-',
      'SLACK_API_URL: must be an address',
      'REDIS_URL: must be an address',
      'SSH_KEY_FILE: there is no such file',
      'SSH_KNOWN_HOSTS: there is no such file',
      'SSH_KEY_PASSPHRASE_FILE: /nowhere/passphrase cannot be read',
      'GITHUB_API_URL: must be an address',
      'LOG_LEVEL: must be debug, info, warn or error',
      '/nowhere:1:1: This directory cannot be read (ENOENT) — Set SYSTEMS_DIR',
    ])
      expect(ended.said).toContain(line);
  });

  it('nothing set: what is needed is named, and nothing else', async () => {
    const ended = await start({});
    expect(ended.code).toBe(2);
    expect(ended.said).toContain('SLACK_BOT_TOKEN: is not set');
    expect(ended.said).toContain('SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: neither is set');
    expect(ended.said).not.toContain('REDIS_URL');
  });

  it('a part that does not exist', async () => {
    const ended = await start(good(), 'web');
    expect([ended.code, ended.said]).toEqual([2, expect.stringContaining('There is no part "web". Parts: bot, worker')]);
  });
});

describe('system files that cannot be used', () => {
  it('five mistakes in one file: all at once, each with file, line, column and mend; exit code 2', async () => {
    const systems = join(dir, 'five');
    cpSync(join(root, 'systems'), systems, { recursive: true });
    const file = join(systems, 'sac.yaml');
    const mistakes: [string, string][] = [
      ['    hosts: [deploy@dev-1]', '    hots: [deploy@dev-1]'],
      ['stands: 30m', 'stands: half an hour'],
      ['git.restore: code', 'git.restor: code'],
      ['backup.restore: config', 'backup.restore: confg'],
      ['on: prod, systemd.stop', 'on: production, systemd.stop'],
    ];
    const text = mistakes.reduce(
      (before, [right, wrong]) => {
        expect(before).toContain(right);
        return before.replace(right, wrong);
      },
      readFileSync(file, 'utf8'),
    );
    writeFileSync(file, text);
    const ended = await start({ ...good(), SYSTEMS_DIR: systems });
    expect(ended.code).toBe(2);
    expectForPeople(ended);
    for (const [, wrong] of mistakes) {
      const line = text.split('\n').findIndex((one) => one.includes(wrong)) + 1;
      expect(ended.said).toMatch(new RegExp(`${file}:${line}:\\d+: .* — .+`));
    }
  });

  it('no system file at all', async () => {
    const empty = mkdtempSync(join(dir, 'empty-'));
    const ended = await start({ ...good(), SYSTEMS_DIR: empty });
    expect([ended.code, ended.said]).toEqual([2, expect.stringContaining(`${empty}:1:1: There is no system file (*.yaml) here — Set SYSTEMS_DIR`)]);
  });

  it('a file that is no YAML', async () => {
    const broken = mkdtempSync(join(dir, 'broken-'));
    writeFileSync(join(broken, 'sac.yaml'), 'system: sac\n  title: [unclosed\n');
    const ended = await start({ ...good(), SYSTEMS_DIR: broken });
    expect([ended.code, ended.said]).toEqual([2, expect.stringMatching(/sac\.yaml:\d+:\d+: .* — /)]);
    expectForPeople(ended);
  });
});

describe('what is not there when it starts', () => {
  it('Redis: said within seconds, exit code 1', async () => {
    const url = `redis://bot:a-long-password@127.0.0.1:${await freePort()}`;
    const ended = await start({ ...good(), REDIS_URL: url });
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('does not answer');
    expect(ended.said).toContain('REDIS_URL');
    expect(ended.said).not.toContain('a-long-password');
    expectForPeople(ended);
    expect(ended.ms).toBeLessThan(15_000);
  });

  it('Slack: its address does not answer', async () => {
    const ended = await start({ ...good(), SLACK_API_URL: `http://127.0.0.1:${await freePort()}/api/` });
    expect(ended.code).toBe(1);
    expectForPeople(ended);
    expect(ended.said).toContain('SLACK_API_URL');
  });

  it.each([
    ['bot', { SLACK_BOT_TOKEN: 'xoxb-not-this-one' }],
    ['app', { SLACK_APP_TOKEN: 'xapp-not-this-one' }],
  ])("a wrong %s token: Slack's word for it, and what to check", async (_which, wrong) => {
    const ended = await start({ ...good(), ...wrong });
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('Slack says invalid_auth');
    expect(ended.said).toContain('SLACK_APP_TOKEN');
    expectForPeople(ended);
  });
});
