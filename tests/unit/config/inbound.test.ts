import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';

const bot = { SLACK_BOT_TOKEN: 'xoxb-1' };
const signingSecret = '0123456789abcdef0123456789abcdef';

describe('how Slack reaches the bot', () => {
  it('neither an app-level token nor a signing secret: one problem, which names both ways', () => {
    expect(readConfig(bot)).toEqual([
      expect.stringMatching(/^SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: neither is set; .*the bot connects to Slack.*Slack sends to PORT/),
    ]);
  });

  it('either is enough; the port has a default', () => {
    expect(readConfig({ ...bot, SLACK_APP_TOKEN: 'xapp-1' })).toMatchObject({ SLACK_APP_TOKEN: 'xapp-1', PORT: 3000 });
    expect(readConfig({ ...bot, SLACK_SIGNING_SECRET: signingSecret, PORT: '8443' })).toMatchObject({
      SLACK_SIGNING_SECRET: signingSecret,
      PORT: 8443,
    });
  });

  it('the signing secret from a file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'rollback-config-'));
    try {
      writeFileSync(join(dir, 'secret'), `${signingSecret}\n`);
      expect(readConfig({ ...bot, SLACK_SIGNING_SECRET_FILE: join(dir, 'secret') })).toMatchObject({ SLACK_SIGNING_SECRET: signingSecret });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it.each([
    ['SLACK_SIGNING_SECRET', 'too-short', 'a signing secret is 32 digits'],
    ['SLACK_SIGNING_SECRET', `${signingSecret} `, 'a signing secret is 32 digits'],
    ['PORT', '0', ''],
    ['PORT', '65536', ''],
    ['PORT', 'http', 'must be a port'],
    ['HEALTH_PORT', '-1', ''],
    ['ACTIONS_PER_MINUTE', '0', ''],
    ['REQUESTS_PER_MINUTE', 'many', 'must be a number, 1 or more'],
  ])('%s=%j is said to be wrong', (name, value, words) => {
    const read = readConfig({ ...bot, SLACK_APP_TOKEN: 'xapp-1', [name]: value });
    expect(read).toEqual([expect.stringContaining(`${name}: `)]);
    expect(String(read)).toContain(words);
    expect(String(read)).not.toContain(signingSecret);
  });

  it('health is off when nothing is said, and on this machine only', () => {
    const read = readConfig({ ...bot, SLACK_APP_TOKEN: 'xapp-1' });
    expect(read).toMatchObject({ HEALTH_HOST: '127.0.0.1', ACTIONS_PER_MINUTE: 30, REQUESTS_PER_MINUTE: 5 });
    expect(read).not.toHaveProperty('HEALTH_PORT');
  });
});
