import { expect, test } from 'vitest';
import { fingerprint, isNew, judgeKnown, judgePinned, keyType, knownName, parseKnownKeys } from '../../../src/hosts/known-hosts.ts';

const at = { name: 'prod-1', address: '10.0.0.5', port: 2222, user: 'deploy' };
const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIAbF0rSpEK0zBf7KRBYzA1cuC0JSwpTvp5eQmrPyYIHd';
const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIBbF0rSpEK0zBf7KRBYzA1cuC0JSwpTvp5eQmrPyYIHd';
const key = Buffer.from(ed25519, 'base64');

test('reads what ssh-keygen -F prints: hashed and plain names, markers', () => {
  const printed = [
    '# Host [10.0.0.5]:2222 found: line 3 ',
    `|1|aGFzaA==|aGFzaA== ssh-ed25519 ${ed25519} a comment`,
    '# Host [10.0.0.5]:2222 found: line 4 REVOKED',
    `@revoked * ssh-ed25519 ${other}`,
    `@cert-authority *.example ssh-ed25519 ${other}`,
    '',
  ].join('\n');
  expect(parseKnownKeys(printed)).toEqual([
    { type: 'ssh-ed25519', key, revoked: false, authority: false },
    { type: 'ssh-ed25519', key: Buffer.from(other, 'base64'), revoked: true, authority: false },
    { type: 'ssh-ed25519', key: Buffer.from(other, 'base64'), revoked: false, authority: true },
  ]);
  expect(parseKnownKeys(`@trusted-by-nobody * ssh-ed25519 ${other}\n`)).toEqual([]);
});

test('a name carries the port only where it is not 22', () => {
  expect(knownName(at)).toBe('[10.0.0.5]:2222');
  expect(knownName({ ...at, port: 22 })).toBe('10.0.0.5');
});

test('a key is the known one, unknown, another, or revoked', () => {
  const known = { type: 'ssh-ed25519', key, revoked: false, authority: false };
  const file = '/etc/bot/known_hosts';
  expect(keyType(key)).toBe('ssh-ed25519');
  expect(judgeKnown(at, key, [known], file)).toBeUndefined();
  expect(judgeKnown(at, key, [], file)).toMatchObject({
    code: 'host-key-unknown',
    advice: expect.stringContaining(`ssh-keyscan -p 2222 10.0.0.5 >> ${file}`),
  });
  const changed = judgeKnown(at, Buffer.from(other, 'base64'), [known], file);
  expect(changed).toMatchObject({ code: 'host-key-changed' });
  expect(changed?.message).toContain(fingerprint(key));
  expect(changed?.message).toContain(fingerprint(Buffer.from(other, 'base64')));
  expect(judgeKnown(at, key, [known, { ...known, revoked: true }], file)).toMatchObject({
    code: 'host-key-changed',
    message: expect.stringContaining('@revoked'),
  });
});

test('a host that only a certificate authority vouches for is refused, and why is said; its own key beside the authority will do', () => {
  const authority = { type: 'ssh-ed25519', key: Buffer.from(other, 'base64'), revoked: false, authority: true };
  const file = '/etc/bot/known_hosts';
  expect(judgeKnown(at, key, [authority], file)).toMatchObject({
    code: 'host-key-unknown',
    message: expect.stringContaining('@cert-authority only'),
  });
  expect(judgeKnown(at, authority.key, [authority], file)).toMatchObject({ code: 'host-key-unknown' });
  expect(judgeKnown(at, key, [authority, { ...authority, key, authority: false }], file)).toBeUndefined();
  expect(isNew([authority])).toBe(false);
  expect(isNew([])).toBe(true);
});

test('pinned fingerprints are the only ones that will do, unless known_hosts revokes them', () => {
  const file = '/etc/bot/known_hosts';
  const known = { type: 'ssh-ed25519', key, revoked: false, authority: false };
  expect(judgePinned(at, key, [fingerprint(key)], [], file)).toBeUndefined();
  expect(judgePinned(at, key, ['SHA256:AAAA', fingerprint(key)], [], file)).toBeUndefined();
  expect(judgePinned(at, key, ['SHA256:AAAA'], [known], file)).toMatchObject({
    code: 'host-key-changed',
    message: expect.stringContaining('SHA256:AAAA'),
  });
  expect(judgePinned(at, key, [fingerprint(key)], [{ ...known, revoked: true }], file)).toMatchObject({
    code: 'host-key-changed',
    message: expect.stringContaining('@revoked'),
  });
});

test('the key of a host behind a jump host is to be asked for from there', () => {
  const behind = { ...at, jump: { name: 'bastion', address: '192.0.2.7', port: 2200, user: 'ops' } };
  const error = judgeKnown(behind, key, [], '/kh');
  expect(error?.advice).toContain('ssh -p 2200 ops@192.0.2.7 ssh-keyscan -p 2222 10.0.0.5 >> /kh');
  expect(error?.message).toContain('deploy@10.0.0.5 port 2222 (prod-1, by way of ops@bastion)');
});
