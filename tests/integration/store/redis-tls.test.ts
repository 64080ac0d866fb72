import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../lab/hosts/ports.ts';
import { startProduct } from '../../../lab/product.ts';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { Log } from '../../../src/store/log.ts';
import { connectStore } from '../../../src/store/redis.ts';
import { testJournal, testKey } from '../../helpers/sealing.ts';
import { type Desk, openDesk } from '../cli/desk.ts';
import { aclLine } from './acl.ts';

let dir: string;
let redis: Redis;
let admin: Client;
let desk: Desk;
let workspace: Workspace;
let tlsPort: number;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollback-tls-'));
  for (const ca of ['ca', 'other']) authority(ca);
  certificate('server', 'ca', 'DNS:localhost,IP:127.0.0.1');
  writeFileSync(join(dir, 'users.acl'), ['user default off', 'user admin on >boss ~* &* +@all', aclLine('right-one'), ''].join('\n'));
  tlsPort = await freePort();
  redis = await startRedis({
    args: [
      ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', '--aclfile', join(dir, 'users.acl')],
      ...['--tls-cert-file', join(dir, 'server.crt'), '--tls-key-file', join(dir, 'server.key'), '--tls-ca-cert-file', join(dir, 'ca.crt')],
    ],
  });
  admin = new Client(redis.url.replace('//', '//admin:boss@'));
  [desk, workspace] = await Promise.all([openDesk(), startWorkspace()]);
});
afterAll(async () => {
  admin?.disconnect();
  await Promise.all([desk?.stop(), workspace?.stop(), redis?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

function authority(name: string): void {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`);
}

function certificate(name: string, ca: string, names: string): void {
  writeFileSync(join(dir, `${name}.ext`), `subjectAltName=${names}\n`);
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
  openssl(...`x509 -req -days 2 -in ${name}.csr -CA ${ca}.crt -CAkey ${ca}.key -CAcreateserial -extfile ${name}.ext -out ${name}.crt`.split(' '));
}

const url = (password = 'right-one', scheme = 'rediss', port = tlsPort): string => `${scheme}://bot:${password}@localhost:${port}`;
const status = (address: string, ca?: string) =>
  desk.run(['status'], { REDIS_URL: address, ...(ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: join(dir, `${ca}.crt`) }) });

describe('Redis over TLS with a user of its own', () => {
  it('is used where its CA is known', async () => {
    const { code, out, err } = await status(url(), 'ca');
    expect([code, out, err]).toEqual([0, expect.stringContaining('No rollback is open.'), '']);
  });

  it.each([
    ['without its CA', undefined],
    ['with another CA', 'other'],
  ])('%s: says what to set, and no password', async (_, ca) => {
    const { code, err } = await status(url(), ca);
    expect([code, err]).toEqual([1, expect.stringMatching(/shows a certificate that nobody known has signed \(\w+\)\. Set NODE_EXTRA_CA_CERTS/)]);
    expect(err).not.toContain('right-one');
  });

  it('a wrong password', async () => {
    expect(await status(url('wrong-one'), 'ca')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/refuses: WRONGPASS.*Check the user and the password/s),
    });
  });

  it('TLS where there is none, and none where there is TLS', async () => {
    expect(await status(url('right-one', 'rediss', redis.port), 'ca')).toMatchObject({ code: 1, err: expect.stringMatching(/rediss:\/\//) });
    expect((await status(url('right-one', 'redis'))).code).toBe(1);
  });

  it('the whole product works there, and is denied nothing', async () => {
    await admin.call('ACL', 'LOG', 'RESET');
    writeFileSync(join(dir, 'key'), 'a key');
    const product = await startProduct({
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_APP_TOKEN: workspace.appToken,
      SLACK_API_URL: workspace.apiUrl,
      REDIS_URL: url(),
      NODE_EXTRA_CA_CERTS: join(dir, 'ca.crt'),
      SYSTEMS_DIR: join(desk.dir, 'systems'),
      DATA_DIR: join(dir, 'data'),
      AUDIT_KEY: testKey,
      SSH_KEY_FILE: join(dir, 'key'),
    });
    const store = connectStore(redis.url.replace('//', '//admin:boss@'));
    try {
      const log = new Log(store, testJournal(store), Date.now, async () => undefined);
      const by = { id: 'U0RILEYCH', name: 'requester', via: 'slack' } as const;
      const { id } = await log.create({
        ...{ key: 'k', by, system: 'sac', title: 'SAC agent', hosts: 3, version: 'v0.1.0', variant: 'normal' },
        ...{ channel: '#inc-trading', answers: {} },
      });
      await expect.poll(async () => (await log.load(id))?.messages.card, { timeout: 30_000 }).toBeDefined();
      expect(await admin.call('ACL', 'LOG')).toEqual([]);
    } finally {
      store.disconnect();
      await product.stop();
    }
  });
});
