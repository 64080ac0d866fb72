import { expect, test } from 'vitest';
import { openLogger } from '../../src/logger.ts';

test('no secret is logged, in whatever field, however it is written, and every line stays JSON', () => {
  const secret = 'p"w\\d+é/hunter2';
  const lines: string[] = [];
  const logger = openLogger('info', [secret, undefined], { write: (line) => void lines.push(line) });
  const error = Object.assign(new Error(`connect to https://x:${encodeURIComponent(secret)}@host failed`), {
    config: { headers: { authorization: secret } },
  });
  logger.warn({ err: error, order: { token: secret } }, `said: ${secret}`);
  logger.info({ env: [Buffer.from(secret).toString('base64')] }, Buffer.from(secret).toString('hex'));
  logger.debug('not at this level');
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(() => JSON.parse(line)).not.toThrow();
    expect(line).toContain('•••');
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) expect(line).not.toContain(form);
  }
});
