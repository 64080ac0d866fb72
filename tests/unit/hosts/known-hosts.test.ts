import { expect, test } from 'vitest';
import { fingerprint, judgeKnown, judgePinned, keyType, knownName, parseKnownKeys } from '../../../src/hosts/known-hosts.ts';

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
    { type: 'ssh-ed25519', key, revoked: false },
    { type: 'ssh-ed25519', key: Buffer.from(other, 'base64'), revoked: true },
  ]);
});

test('a name carries the port only where it is not 22', () => {
  expect(knownName(at)).toBe('[10.0.0.5]:2222');
  expect(knownName({ ...at, port: 22 })).toBe('10.0.0.5');
});

test('a key is the known one, unknown, another, or revoked', () => {
  const known = { type: 'ssh-ed25519', key, revoked: false };
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

test('a pinned fingerprint is the only one that will do', () => {
  expect(judgePinned(at, key, fingerprint(key))).toBeUndefined();
  expect(judgePinned(at, key, 'SHA256:AAAA')).toMatchObject({ code: 'host-key-changed', message: expect.stringContaining('SHA256:AAAA') });
});
