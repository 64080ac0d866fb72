import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommandLineConfig } from '../../../src/config.ts';

describe('what the command line reads of the environment', () => {
  it('needs no token, and is not kept away by what else is wrong', () => {
    expect(readCommandLineConfig({ SLACK_BOT_TOKEN: 'nonsense', SSH_KEY_FILE: '/nowhere', LOG_LEVEL: 'loud' })).toEqual({
      REDIS_URL: 'redis://localhost:6379',
      SYSTEMS_DIR: 'systems',
      DATA_DIR: 'data',
    });
  });

  it('takes the audit key from a file too, and says when it is too short to be one', () => {
    const dir = mkdtempSync(join(tmpdir(), 'rollback-config-'));
    try {
      writeFileSync(join(dir, 'key'), `${'k'.repeat(32)}\n`);
      expect(readCommandLineConfig({ AUDIT_KEY_FILE: join(dir, 'key') })).toMatchObject({ AUDIT_KEY: 'k'.repeat(32) });
      expect(readCommandLineConfig({ AUDIT_KEY: 'k'.repeat(31) })).toEqual([expect.stringContaining('AUDIT_KEY: must be at least 32 characters')]);
    } finally {
      rmSync(dir, { recursive: true });
    }
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
