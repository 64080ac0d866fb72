import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRepositories } from '../../../lab/samples/repositories.ts';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { Directory } from '../../../src/domain/directory.ts';
import { asked } from '../../../src/domain/runbook.ts';
import type { System } from '../../../src/domain/system.ts';
import { known, runbookDigest } from '../../../src/jobs/plan/known.ts';
import { type Mirror, openMirror } from '../../../src/releases/mirror.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { ProvenReleases } from '../../../src/store/proven.ts';
import { leastSystem } from '../../helpers/system.ts';

let dir: string;
let server: Redis;
let redis: OpenRedis;
let mirror: Mirror;
let system: System;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'known-'));
  const repositories = await buildRepositories(join(dir, 'git'));
  server = await startRedis();
  redis = await openRedis(server.url);
  system = {
    ...leastSystem,
    repository: repositories['trade-agent'],
    release: { ...leastSystem.release, dependencies: ['setup.py', 'configs/sac_config.json'] },
    resources: [{ name: 'Development team', who: '@devs', count: 2 }],
  };
  mirror = openMirror({ dir: join(dir, 'mirror'), system });
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Slack, as far as a plan asks it. */
const directory = (members: () => Promise<number>): Directory => ({
  destination: async () => undefined,
  isMember: async () => false,
  members,
  mentions: async () => ({}),
  nameOf: async (id) => id,
});

async function warnings(members: () => Promise<number>, of: System = system): Promise<readonly string[]> {
  const proven = new ProvenReleases(redis.store);
  const [target, from] = [await mirror.resolve('v0.1.0'), await mirror.resolve('v0.2.0')];
  return (await known({ proven, directory: directory(members) }, mirror, asked(of, { variant: 'normal', answers: {} }), target, from)).warnings;
}

describe('what a plan warns of', () => {
  it('fewer people than the runbook needs; nothing when there are enough, or Slack does not say', async () => {
    expect(await warnings(async () => 1)).toContain('Fewer people than the runbook needs: Development team: 1 of 2 (@devs)');
    const enough = (await warnings(async () => 2)).join();
    const away = (await warnings(() => Promise.reject(new Error('Slack is away')))).join();
    expect(`${enough}${away}`).not.toContain('people');
  });

  it('files of dependencies that differ between the two releases, and no others', async () => {
    const said = (await warnings(async () => 2)).find((warning) => warning.startsWith('Dependencies'));
    expect(said).toContain('configs/sac_config.json');
    expect(said).not.toContain('sac_agent.py');
  });

  it('a runbook that changed since it last ran, and not one that did not', async () => {
    const ran = { version: 'v0.1.0', variant: 'normal', rollback: 'sac-7', at: Date.UTC(2026, 10, 3), drill: false, totalMs: 1 };
    await new ProvenReleases(redis.store).record(system.name, { ...ran, runbook: runbookDigest(system) });
    expect((await warnings(async () => 2)).join()).not.toContain('changed since');
    const edited = { ...system, proof: { dev: [{ kind: 'commit', params: { commit: 'head' } }] } };
    expect(await warnings(async () => 2, edited)).toContain(
      'The runbook changed since it last ran (sac-7, 2026-11-03): it has not been tried as it is now',
    );
  });
});
