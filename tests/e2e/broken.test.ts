import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { keys } from '../../src/store/keys.ts';
import { ask, PEOPLE } from '../helpers/rollback.ts';

let world: World;
let redis: Redis;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'] });
  redis = new Redis(world.redis.url);
  await world.start();
});
afterAll(async () => {
  redis?.disconnect();
  await world?.stop();
});

describe('what the bot itself cannot do', () => {
  it('a plan that is not the approved one is never run; people hear of it, and Leave as is ends it', async () => {
    const rollback = await ask(world, 'agentrader v0.1.0');
    await rollback.until('approve');
    const key = keys.plan('agentrader-1');
    const [digest = '', text = ''] = Object.entries(await redis.hgetall(key))[0] ?? [];
    await redis.hset(
      key,
      digest,
      text.replace('docker/docker-compose.yml', 'docker/other.yml').replace(/"command":"/, '"command":"touch /tmp/planted; '),
    );
    await rollback.click(PEOPLE.approver, 'approve');
    const card = await rollback.until('leave', 60_000);
    expect(card.text).toContain('rollback-bot itself failed');
    expect(card.text).toContain('it was changed');
    expect((await world.hosts.exec('ec2-1', 'ls /tmp/planted')).exitCode).not.toBe(0);
    expect((await world.hosts.exec('ec2-1', 'docker ps --format {{.Image}}')).stdout.trim()).toBe('agentrader:v0.2.0');
    await rollback.click(PEOPLE.approver, 'leave');
    await rollback.says(/left/);
    expect(await redis.exists(keys.lock('agentrader'))).toBe(0);
  });
});
