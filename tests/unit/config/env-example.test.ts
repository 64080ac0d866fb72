import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig, variableNames } from '../../../src/config.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('.env.example', () => {
  const lines = read('.env.example').split('\n');
  const at = lines.flatMap((line, i) => (/^[A-Z_]+=/.test(line) ? [i] : []));
  const example = Object.fromEntries(at.map((i) => (lines[i] ?? '').split(/=(.*)/, 2) as [string, string]));

  it('names exactly the variables that the product reads', () => {
    expect(Object.keys(example).sort()).toEqual([...variableNames].sort());
  });

  it('explains each in the line before', () => {
    for (const i of at) expect(lines[i - 1], lines[i]).toMatch(/^# \S/);
  });

  it('holds no secret, and what it holds is right: only the tokens are missing', () => {
    expect(readConfig(example)).toEqual([
      expect.stringContaining('SLACK_BOT_TOKEN: is not set; '),
      expect.stringContaining('SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: neither is set; '),
    ]);
    const filled = readConfig({ ...example, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' });
    expect(filled).toEqual(readConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }));
  });
});

describe('docker-compose.yml', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { command: string; env_file?: string; environment?: Record<string, string>; restart: string }>;
  };

  it('runs bot and worker with variables that exist', () => {
    for (const part of ['bot', 'worker']) {
      expect(services[part]).toMatchObject({ command: part, env_file: '.env', restart: 'unless-stopped' });
      expect(variableNames).toEqual(expect.arrayContaining(Object.keys(services[part]?.environment ?? {})));
    }
  });

  it('keeps what Redis knows', () => {
    expect(services.redis?.command).toContain('--appendonly yes');
    expect(services.redis?.command).toContain('--maxmemory-policy noeviction');
  });
});
