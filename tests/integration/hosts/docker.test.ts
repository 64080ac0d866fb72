import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Hosts } from '../../../src/domain/host.ts';
import { openHosts } from '../../../src/hosts/hosts.ts';
import { type Sshd, startSshd } from '../../helpers/sshd.ts';

/** What an engine answers, as far as it is asked here. */
const containers = Array.from({ length: 11 }, (_, i) => ({
  Id: `c${i}`,
  Name: `/agentrader-${i}`,
  Image: `sha256:${i}`,
  State: { Running: i % 2 === 0 },
  Config: {
    Image: 'agentrader:v0.1.0',
    Labels: i === 0 ? null : { version: '0.1.0' },
    Env: ['PATH=/bin', 'AGENTRADER_VERSION=0.1.0', 'EQ=a=b', 'BARE'],
  },
}));
const image = { Id: 'sha256:abc', RepoTags: ['agentrader:v0.1.0'], Config: { Labels: { version: '0.1.0' } }, Created: '2026-01-02T03:04:05Z' };

let sshd: Sshd;
let engine: Server;
let hosts: Hosts;
let open = 0;
let mostOpen = 0;

beforeAll(async () => {
  sshd = await startSshd();
  engine = createServer((request, response) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    const answer = answerTo(new URL(request.url ?? '/', 'http://engine'));
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    setImmediate(() => {
      open -= 1;
      response.end(JSON.stringify(answer ?? { message: 'no such thing' }));
    });
  });
  await new Promise<void>((resolve) => engine.listen(join(sshd.dir, 'engine.sock'), resolve));
  hosts = openHosts({ ...reach(), dockerSocket: join(sshd.dir, 'engine.sock') });
});

afterAll(async () => {
  await hosts.close();
  engine.close();
  await sshd.stop();
});

const reach = () => ({ knownHostsFile: sshd.knownHostsFile, privateKeyFile: sshd.privateKeyFile, storeDir: sshd.storeDir });

function answerTo(url: URL): unknown {
  const [, kind, name] = /^\/(containers|images)\/(.+)\/json$/.exec(decodeURIComponent(url.pathname)) ?? [];
  if (kind === 'images') return name === 'agentrader:v0.1.0' ? image : undefined;
  // One that is in the list and gone when asked for.
  if (kind === 'containers') return containers.find(({ Id }) => Id === name && Id !== 'c10');
  return url.pathname === '/containers/json' && url.searchParams.get('all') ? containers.map(({ Id }) => ({ Id })) : undefined;
}

test('containers, running or not, with labels and environment, a few requests at a time', async () => {
  const seen = await hosts.get(sshd.address).containers();
  expect(seen.map(({ id }) => id)).toEqual(containers.slice(0, 10).map(({ Id }) => Id));
  expect(seen[1]).toEqual({
    id: 'c1',
    name: 'agentrader-1',
    image: 'agentrader:v0.1.0',
    imageId: 'sha256:1',
    running: false,
    labels: { version: '0.1.0' },
    env: { PATH: '/bin', AGENTRADER_VERSION: '0.1.0', EQ: 'a=b', BARE: '' },
  });
  expect(seen[0]?.labels).toEqual({});
  expect(mostOpen).toBeLessThanOrEqual(4);
});

test('an image, and one that is not there', async () => {
  const host = hosts.get(sshd.address);
  const seen = { id: 'sha256:abc', tags: ['agentrader:v0.1.0'], labels: { version: '0.1.0' }, createdAt: '2026-01-02T03:04:05Z' };
  expect(await host.image('agentrader:v0.1.0')).toEqual(seen);
  expect(await host.image('agentrader:v9.9.9')).toBeUndefined();
});

test('many questions at once over the one connection', async () => {
  const host = hosts.get(sshd.address);
  const answers = await Promise.all(Array.from({ length: 30 }, () => host.image('agentrader:v0.1.0')));
  expect(answers.every((answer) => answer?.id === 'sha256:abc')).toBe(true);
});

test('after the connection was lost it is made again', async () => {
  const host = hosts.get(sshd.address);
  await host.image('agentrader:v0.1.0');
  sshd.killSessions();
  expect(await host.image('agentrader:v0.1.0')).toBeTruthy();
});

test('no engine: says where it was looked for and what to do', async () => {
  const without = openHosts({ ...reach(), dockerSocket: join(sshd.dir, 'nothing.sock') });
  try {
    const failed = without.get(sshd.address).containers();
    await expect(failed).rejects.toMatchObject({
      code: 'no-engine',
      message: expect.stringContaining('nothing.sock'),
      advice: expect.stringContaining('docker'),
    });
  } finally {
    await without.close();
  }
});
