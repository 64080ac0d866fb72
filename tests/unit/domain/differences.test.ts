import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../src/domain/differences.ts';
import { digestText, type Plan, type PlanHost } from '../../../src/domain/plan.ts';
import type { Sh } from '../../../src/domain/sh.ts';
import type { ShellWork } from '../../../src/domain/step.ts';
import { storyAt } from '../../helpers/story.ts';
import { leastSystem } from '../../helpers/system.ts';

const { outline } = storyAt('waiting');
const step = (more: Partial<ShellWork> = {}): ShellWork => ({
  type: 'shell',
  guard: 'test a' as Sh,
  command: 'do b' as Sh,
  from: 'v0.2.0',
  to: 'v0.1.0',
  timeoutMs: 1000,
  ...more,
});
const host = (more: Partial<PlanHost> = {}): PlanHost => ({
  address: { name: 'dev-1', address: '10.0.0.1', port: 22, user: 'deploy' },
  role: 'dev',
  identity: { bootId: 'boot', storeId: 'store', hostKey: 'SHA256:abc' },
  before: [
    { what: 'HEAD', found: 'bbbb', expected: 'aaaa', ok: false, identifies: true },
    { what: 'free disk', found: '4 GB', expected: '', ok: true, identifies: false },
  ],
  proof: [],
  ...more,
});
const plan = (more: Partial<Plan> = {}): Plan => ({
  v: 1,
  rollback: 'sac-42',
  outline,
  hosts: { 'dev-1': host(), 'prod-1': host() },
  work: { '4@dev-1': step(), '5@prod-1': step(), '13@bot': { type: 'announce', template: 'completion' } },
  kinds: {},
  system: leastSystem,
  ...more,
});
const found = (head: string): PlanHost['before'] => host().before.map((one) => (one.what === 'HEAD' ? { ...one, found: head } : one));
const differences = (more: Partial<Plan>): string[] => differencesOf(plan(), plan(more));

describe('what differs between two plans', () => {
  it('nothing between the same ones, in whatever order their keys are', () => {
    expect(differencesOf(plan(), plan())).toEqual([]);
    const { from, to, ...rest } = step();
    expect(
      differences({
        hosts: { 'prod-1': host(), 'dev-1': host() },
        work: { '13@bot': plan().work['13@bot'] as ShellWork, '5@prod-1': { to, from, ...rest }, '4@dev-1': step() },
      }),
    ).toEqual([]);
  });

  it('nothing in what is no part of an approval: free disk, boots, words', () => {
    const before = host().before.map((one) => (one.identifies ? one : { ...one, found: '1 GB' }));
    const other = host({ before, identity: { bootId: 'later', storeId: 'other', hostKey: 'SHA256:abc' } });
    expect(differences({ hosts: { 'dev-1': other, 'prod-1': host() }, outline: { ...outline, warnings: ['late'] } })).toEqual([]);
  });

  it.each<[string, Partial<Plan>, string[]]>([
    ['a deploy', { hosts: { 'dev-1': host({ before: found('cccc') }), 'prod-1': host() } }, ['dev-1: HEAD is cccc now, and was bbbb']],
    [
      'a fact that was not there',
      {
        hosts: {
          'dev-1': host({ before: [...host().before, { what: 'image', found: 'sha256:1', expected: '', ok: true, identifies: true }] }),
          'prod-1': host(),
        },
      },
      ['dev-1: image is sha256:1 now, and was not there'],
    ],
    [
      'a fact that is not there any more',
      { hosts: { 'dev-1': host({ before: host().before.slice(1) }), 'prod-1': host() } },
      ['dev-1: HEAD is not found any more, and was bbbb'],
    ],
    [
      'another host key',
      { hosts: { 'dev-1': host({ identity: { ...host().identity, hostKey: 'SHA256:xyz' } }), 'prod-1': host() } },
      ['dev-1 has the host key SHA256:xyz now, and had SHA256:abc'],
    ],
    [
      'another address',
      { hosts: { 'dev-1': host({ address: { ...host().address, address: '10.0.0.9' } }), 'prod-1': host() } },
      ['dev-1 is reached as deploy@10.0.0.9:22 now, and was as deploy@10.0.0.1:22'],
    ],
    ['a new host', { hosts: { ...plan().hosts, 'prod-2': host() } }, ['prod-2 is new']],
    ['a host less', { hosts: { 'dev-1': host() } }, ['prod-1 is no host of it any more']],
    [
      'a moved tag',
      { outline: { ...outline, target: { ...outline.target, commit: 'c'.repeat(40) } } },
      ['v0.1.0 is commit cccccccccccc now, and was aaaaaaaaaaaa'],
    ],
    [
      'an image that was pruned',
      { work: { ...plan().work, '4@dev-1': step({ from: 'sha256:1', to: 'built anew' }) } },
      ['step 4 on dev-1: sha256:1 → built anew now, and was v0.2.0 → v0.1.0'],
    ],
    [
      'where a step begins',
      { work: { ...plan().work, '4@dev-1': step({ from: `${'c'.repeat(40)} (no branch)` }) } },
      ['step 4 on dev-1: begins at cccccccccccc (no branch) now, and was to begin at v0.2.0'],
    ],
    [
      'where a step leads: a backup that changed',
      { work: { ...plan().work, '4@dev-1': step({ to: `sha256:${'e'.repeat(64)}` }) } },
      ['step 4 on dev-1: leads to sha256:eeeeeeeeeeee now, and was to lead to v0.1.0'],
    ],
    [
      'another command for the same',
      { work: { ...plan().work, '4@dev-1': step({ command: 'do c' as Sh }) } },
      ['step 4 on dev-1: its command is another one'],
    ],
    ['another guard', { work: { ...plan().work, '4@dev-1': step({ guard: 'test c' as Sh }) } }, ['step 4 on dev-1: its command is another one']],
    ['a step more', { work: { ...plan().work, '6@dev-1': step() } }, ['step 6 on dev-1: is done now, and was not']],
    [
      'a step less',
      { work: { '5@prod-1': step(), '13@bot': { type: 'announce', template: 'completion' } } },
      ['step 4 on dev-1: is not done any more'],
    ],
    [
      'another kind of step of the bot',
      { work: { ...plan().work, '13@bot': { type: 'sign', by: '@qa', shown: [] } } },
      ['step 13 on bot: sign now, and was announce'],
    ],
    [
      'another policy',
      { outline: { ...outline, policy: { ...outline.policy, requester: true } } },
      ['its policy, who may approve or start it, is another one'],
    ],
    [
      'anything else that an approval is for',
      { kinds: { 'git.restore': 2 } },
      ['the order of its steps, its proofs or the system file are otherwise'],
    ],
    ['a host whose name has an @', { work: { ...plan().work, '7@a@b': step() } }, ['step 7@a on b: is done now, and was not']],
  ])('%s', (_what, more, lines) => {
    expect(differences(more)).toEqual(lines);
  });

  it('never says nothing about plans that need approvals of their own', () => {
    const others: Partial<Plan>[] = [
      { outline: { ...outline, stages: [] } },
      { hosts: { 'dev-1': host({ proof: [{ kind: 'package', params: {} }] }), 'prod-1': host() } },
      { hosts: { 'dev-1': host({ recorded: host().before }), 'prod-1': host() } },
      { hosts: { 'dev-1': host({ role: 'prod' }), 'prod-1': host() } },
      { system: { ...leastSystem, files: { code: { name: 'code', dir: 'src', names: ['*'], ignore: [] } } } },
      { hosts: { 'dev-1': host({ address: { ...host().address, jump: host().address } }), 'prod-1': host() } },
    ];
    for (const other of others) {
      expect(digestText(plan(other))).not.toBe(digestText(plan()));
      expect(differences(other), JSON.stringify(other).slice(0, 80)).toHaveLength(1);
    }
  });

  it('tells twenty, and how many more', () => {
    const work = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i + 20}@dev-1`, step()]));
    const lines = differences({ work: { ...plan().work, ...work } });
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 10 more');
  });
});
