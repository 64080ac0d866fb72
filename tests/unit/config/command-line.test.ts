import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommandLineConfig } from '../../../src/config.ts';

describe('what the command line reads of the environment', () => {
  it('needs no token and no key, and is not kept away by what else is wrong', () => {
    expect(readCommandLineConfig({ SLACK_BOT_TOKEN: 'nonsense', SSH_KEY_FILE: '/nowhere', LOG_LEVEL: 'loud' })).toEqual({
      REDIS_URL: 'redis://localhost:6379',
      SYSTEMS_DIR: 'systems',
    });
  });

  it('takes the address of Redis from a file too', () => {
    const dir = mkdtempSync(join(tmpdir(), 'rollback-config-'));
    try {
      writeFileSync(join(dir, 'url'), 'rediss://bot:secret@redis.example:6380\n');
      expect(readCommandLineConfig({ REDIS_URL_FILE: join(dir, 'url') })).toMatchObject({ REDIS_URL: 'rediss://bot:secret@redis.example:6380' });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('says what is wrong with what it reads', () => {
    expect(readCommandLineConfig({ REDIS_URL: 'localhost' })).toEqual([expect.stringContaining('REDIS_URL: must be an address')]);
    expect(readCommandLineConfig({ REDIS_URL_FILE: '/nowhere/url' })).toEqual(['REDIS_URL_FILE: /nowhere/url cannot be read']);
  });
});
