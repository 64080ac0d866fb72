import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digestText, type Plan } from '../../../src/domain/plan.ts';
import { host, hostNameIn } from '../../../src/systems/fields.ts';

const [a, b] = ['A', 'B'].map((sign) => `SHA256:${sign.repeat(43)}`) as [string, string];

describe('a host in a system file', () => {
  test.each([
    ['deploy@prod-1', { name: 'prod-1', address: 'prod-1', port: 22, user: 'deploy' }],
    ['deploy@prod-1:2222', { name: 'prod-1', address: 'prod-1', port: 2222, user: 'deploy' }],
    [
      { name: 'prod-1', address: '10.0.0.5', user: 'deploy' },
      { name: 'prod-1', address: '10.0.0.5', port: 22, user: 'deploy' },
    ],
    [
      { host: 'deploy@prod-1:2222', key: `${a}=` },
      { name: 'prod-1', address: 'prod-1', port: 2222, user: 'deploy', keys: [a] },
    ],
    [
      { host: 'deploy@prod-1', address: '10.0.0.5', key: [b, a, `${b}=`] },
      { name: 'prod-1', address: '10.0.0.5', port: 22, user: 'deploy', keys: [a, b] },
    ],
    [
      { host: 'deploy@prod-1', jump: 'ops@bastion:2200' },
      { name: 'prod-1', address: 'prod-1', port: 22, user: 'deploy', jump: { name: 'bastion', address: 'bastion', port: 2200, user: 'ops' } },
    ],
    [
      { host: 'deploy@prod-1', jump: { host: 'ops@bastion', address: '192.0.2.7', key: b } },
      {
        name: 'prod-1',
        address: 'prod-1',
        port: 22,
        user: 'deploy',
        jump: { name: 'bastion', address: '192.0.2.7', port: 22, user: 'ops', keys: [b] },
      },
    ],
  ])('%j', (written, read) => {
    expect(host.parse(written)).toStrictEqual(read);
    expect(hostNameIn(written)).toBe('prod-1');
  });

  test.each([
    ['no user', { name: 'prod-1' }],
    ['two users', { host: 'deploy@prod-1', user: 'root' }],
    ['an option as address', { host: 'deploy@prod-1', address: '-oProxyCommand=x' }],
    ['an option as name', '-oProxyCommand=x@prod-1'],
    ['a fingerprint of another sort', { host: 'deploy@prod-1', key: 'MD5:aa:bb' }],
    ['no fingerprint', { host: 'deploy@prod-1', key: [] }],
    ['a jump over a jump', { host: 'deploy@prod-1', jump: { host: 'ops@bastion', jump: 'ops@other' } }],
    ['nothing', {}],
  ])('%s is refused', (_, written) => {
    expect(host.safeParse(written).success).toBe(false);
  });
});

describe('the digest that is approved', () => {
  const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/logs/c46a3eb/${name}`, import.meta.url), 'utf8');
  const plan = JSON.parse(fixture('sac-1.plan.json')) as Plan;
  const digest = (one: Plan): string => createHash('sha256').update(digestText(one)).digest('hex');
  const changed = (more: object): Plan => {
    const [name, first] = Object.entries(plan.hosts)[0] as [string, Plan['hosts'][string]];
    return { ...plan, hosts: { ...plan.hosts, [name]: { ...first, address: { ...first.address, ...more } } } };
  };

  test('of an older plan stays; pins and the way to a host are part of it', () => {
    expect(digest(changed({}))).toBe(digest(plan));
    const jump = { name: 'bastion', address: 'bastion', port: 22, user: 'ops' };
    const all = [plan, changed({ keys: [a] }), changed({ keys: [b] }), changed({ jump }), changed({ jump: { ...jump, keys: [a] } })].map(digest);
    expect(new Set(all).size).toBe(all.length);
    expect(fixture('sac-1.jsonl')).toContain(digest(plan));
  });
});
