import { expect, test } from 'vitest';
import { startRedis } from '../../../lab/setup/redis.ts';
import { openRedis } from '../../../src/store/open.ts';

test('a Redis that refuses to show its settings, as hosted ones do, is used, and says what to make sure of', async () => {
  const redis = await startRedis({ args: ['--rename-command', 'CONFIG', ''] });
  try {
    const open = await openRedis(redis.url);
    await open.close();
    expect(open.dangers).toEqual([expect.stringContaining('CONFIG GET is refused')]);
  } finally {
    await redis.stop();
  }
});

test('a Redis that wants another password says so', async () => {
  const redis = await startRedis({ args: ['--requirepass', 'right-one'] });
  try {
    await expect(openRedis(redis.url.replace('//', '//:wrong-one@'))).rejects.toMatchObject({
      message: expect.stringMatching(/refuses: (NOAUTH|WRONGPASS)/),
      advice: 'Check the user and the password in REDIS_URL.',
    });
    const open = await openRedis(redis.url.replace('//', '//:right-one@'));
    await open.close();
  } finally {
    await redis.stop();
  }
});

test('the password of a Redis that is not there is not said', async () => {
  const redis = await startRedis();
  await redis.stop();
  const said = await openRedis(redis.url.replace('//', '//bot:hunter22@')).catch((error: Error) => error.message);
  expect(said).toContain('does not answer');
  expect(said).not.toContain('hunter22');
});
