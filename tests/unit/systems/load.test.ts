import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSystems } from '../../../src/systems/load.ts';
import { formatProblem } from '../../../src/systems/problem.ts';
import { kinds } from './kinds.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'systems-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const good = `
system: sac
title: SAC agent
channel: "#inc-trading"
repository: git@github.com:acme/trade-agent.git
roles:
  dev: { hosts: [deploy@dev-1], dir: /srv/app, python: .venv/bin/python }
  prod: { hosts: ["deploy@prod-1:2222", { name: prod-2, address: 10.0.0.2, user: deploy }], dir: /opt/app, serial: 1, production: true }
people: { approvers: "@sac-leads", lead: "@sac-oncall" }
policy: { approve: { by: approvers } }
files:
  code: { dir: src, names: [a.py] }
backups: { dir: backups }
runbook:
  - phase: One
    estimate: 1h
    on: dev
    steps:
      - { id: 7.10, name: Code, git.restore: code, timeout: 90s, verify: test -e src }
      - { id: 7.1, name: Run, on: prod, run: "deploy {{release.tag}}" }
      - { id: 8, name: Tell, announce: initial }
  - phase: Two
    estimate: 30m
    tests_from: target
    steps:
      - { id: 9, name: Look, check: [state] }
      - { id: 10, name: Sign, sign: { by: lead, shown: [pnl] } }
proof:
  dev: [{ tree: code, at: sac }]
  prod: [{ http: "http://localhost/health", version: version }]
announcements: a/plan.yaml
`;
const plan = `
- { audience: All, to: "#status", template: progress, every: 4h }
- { audience: Boss, to: lead, template: completion, within: 24h }
- { audience: Clients, to: "#clients", template: progress, affected_over: 2h }
`;

function write(text: string, name = 'sac.yaml', announcements: string | undefined = plan): void {
  writeFileSync(join(dir, name), text);
  mkdirSync(join(dir, 'a'), { recursive: true });
  if (announcements !== undefined) writeFileSync(join(dir, 'a', 'plan.yaml'), announcements);
}

async function problemsOf(text: string): Promise<string[]> {
  write(text);
  const { problems, systems } = await loadSystems(dir, kinds);
  if (problems.length > 0) expect(systems).toEqual({});
  return problems.map((problem) => formatProblem(problem).slice(dir.length + 1));
}

/** `good` with one text replaced by another; fails when the text is not there. */
function changed(from: string, to: string): string {
  expect(good).toContain(from);
  return good.replace(from, to);
}

const lineOf = (text: string, piece: string): string => {
  const before = text.slice(0, text.indexOf(piece));
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
};

describe('a system file without mistakes', () => {
  test('is a system with everything resolved', async () => {
    write(good);
    const { systems, problems } = await loadSystems(dir, kinds);
    expect(problems).toEqual([]);
    const { digest, file, ...sac } = systems.sac ?? expect.fail('no system');
    expect(file).toBe(join(dir, 'sac.yaml'));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(sac).toEqual({
      name: 'sac',
      title: 'SAC agent',
      channel: '#inc-trading',
      repository: 'git@github.com:acme/trade-agent.git',
      release: { tags: 'v*', commits: 10, keep: 5, dependencies: [] },
      roles: {
        dev: {
          name: 'dev',
          hosts: [{ name: 'dev-1', address: 'dev-1', port: 22, user: 'deploy' }],
          dir: '/srv/app',
          python: '.venv/bin/python',
          production: false,
        },
        prod: {
          name: 'prod',
          hosts: [
            { name: 'prod-1', address: 'prod-1', port: 2222, user: 'deploy' },
            { name: 'prod-2', address: '10.0.0.2', port: 22, user: 'deploy' },
          ],
          dir: '/opt/app',
          serial: 1,
          production: true,
        },
      },
      people: { approvers: '@sac-leads', lead: '@sac-oncall' },
      policy: {
        request: '#inc-trading',
        putBack: '#inc-trading',
        unlock: '@sac-leads',
        approve: { by: '@sac-leads', count: 1, requester: false, standsMs: 1_800_000, remindMs: 120_000, escalate: { afterMs: 300_000 } },
      },
      ask: [],
      files: { code: { name: 'code', dir: 'src', names: ['a.py'], ignore: [] } },
      backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 86_400_000, record: [] },
      runbook: [
        {
          name: 'One',
          estimateMs: 3_600_000,
          testsFromTarget: false,
          steps: [
            { id: '7.10', name: 'Code', kind: 'git.restore', params: 'code', on: 'dev', timeoutMs: 90_000, verify: 'test -e src' },
            { id: '7.1', name: 'Run', kind: 'run', params: 'deploy {{release.tag}}', on: 'prod' },
            { id: '8', name: 'Tell', kind: 'announce', params: 'initial' },
          ],
        },
        {
          name: 'Two',
          estimateMs: 1_800_000,
          testsFromTarget: true,
          steps: [
            { id: '9', name: 'Look', kind: 'check', params: ['state'] },
            { id: '10', name: 'Sign', kind: 'sign', params: { by: '@sac-oncall', shown: ['pnl'] } },
          ],
        },
      ],
      proof: {
        dev: [{ kind: 'tree', params: { tree: 'code', at: 'sac' } }],
        prod: [{ kind: 'http', params: { http: 'http://localhost/health', version: 'version' } }],
      },
      variants: {},
      scenarios: {},
      resources: [],
      cannotUndo: [],
      announcements: [
        { audience: 'All', to: '#status', template: 'progress', when: { everyMs: 14_400_000 } },
        { audience: 'Boss', to: '@sac-oncall', template: 'completion', when: { withinMs: 86_400_000 } },
        { audience: 'Clients', to: '#clients', template: 'progress', when: { affectedOverMs: 7_200_000 } },
      ],
      afterwards: [],
    });
  });

  test('has another digest when its announcements change', async () => {
    write(good);
    const first = (await loadSystems(dir, kinds)).systems.sac?.digest;
    write(good, 'sac.yaml', `${plan}# more\n`);
    expect((await loadSystems(dir, kinds)).systems.sac?.digest).not.toBe(first);
  });

  test('may use anchors and merge keys', async () => {
    const text = changed('  dev: { hosts', '  dev: &base { hosts').replace(
      / {2}prod: .*\n/,
      '  prod: { <<: *base, hosts: [deploy@prod-1], production: true }\n',
    );
    expect(await problemsOf(text)).toEqual([]);
    expect((await loadSystems(dir, kinds)).systems.sac?.roles.prod).toMatchObject({ dir: '/srv/app', python: '.venv/bin/python', production: true });
  });
});

test('a mistake in what was merged is found at the anchor', async () => {
  const text = changed('  dev: { hosts: [deploy@dev-1], dir: /srv/app', '  dev: &base { hosts: [deploy@dev-1], dir: srv').replace(
    / {2}prod: .*\n/,
    '  prod: { <<: *base, hosts: [deploy@prod-1] }\n',
  );
  expect(await problemsOf(text)).toEqual([
    `sac.yaml:${lineOf(text, 'srv')}: dir cannot be “srv” — an absolute path of letters, digits and . _ @ + - /`,
  ]);
});

test('what a broken file holds is shown without signs that a terminal obeys', async () => {
  const [problem = ''] = await problemsOf(`\u0007\u001b[2J${good}`);
  expect(problem).toMatch(/^sac\.yaml:\d+:\d+: This is not YAML: /);
  expect(problem).not.toMatch(/\p{Cc}/u);
});

describe('one mistake is found where it is', () => {
  const cases: [what: string, from: string, to: string, at: string, message: string][] = [
    ['unknown field', 'title:', 'tittle: x\ntitle:', 'tittle', '“tittle” is not known here — Did you mean title?'],
    ['a field of a later version', 'files:', 'override: lead\nfiles:', 'override', '“override” is not known here'],
    ['unknown field inside', 'serial: 1', 'seriall: 1', 'seriall', '“seriall” is not known here — Did you mean serial?'],
    ['unknown field of a step', 'timeout: 90s', 'timeuot: 90s', 'timeuot', '“timeuot” is not known here — Did you mean timeout?'],
    ['wrong type', 'title: SAC agent', 'title: [x]', '[x]', 'title is a list — Write text'],
    ['wrong type of a number', 'serial: 1', 'serial: one', 'one', 'serial is the text “one” — Write a number'],
    ['missing field', 'repository: git@github.com:acme/trade-agent.git', '', 'system: sac', 'repository is missing — Add it: text'],
    ['missing field inside', 'dir: /srv/app, ', '', '{ hosts: [deploy@dev-1]', 'dir is missing — Add it: text'],
    ['unknown kind', 'git.restore: code', 'git.restor: code', 'git.restor:', '“git.restor” is no kind of step — Did you mean git.restore?'],
    ['no kind', ', check: [state] }', ' }', '{ id: 9', 'This step does nothing — Add what it does.'],
    ['two kinds', 'check: [state]', 'check: [state], announce: initial', 'announce: initial }\n      - { id: 10', 'One step does check and announce'],
    ['params', 'check: [state]', 'check: [stat]', 'stat]', 'check[1] cannot be “stat” — Did you mean state?'],
    ['params inside', 'check: [state]', 'on: dev, watch: { unit: x, fr: 1m }', 'fr: 1m', '“fr” is not known here — Did you mean for?'],
    ['params of a short form', 'git.restore: code', 'git.restore: { grup: code }', '{ grup', 'group is missing'],
    ['bad duration', 'timeout: 90s', 'timeout: 90 seconds', '90 seconds', 'timeout cannot be “90 seconds” — a time is a number and'],
    ['bad duration in params', 'check: [state]', 'on: dev, watch: { unit: x, for: 5 }', '5 } }', 'for is the number “5” — Write text'],
    ['unknown role of a step', 'on: prod, run', 'on: prd, run', 'prd,', 'There is no role “prd” — Did you mean prod?'],
    ['unknown role of a phase', 'on: dev\n', 'on: def\n', 'def', 'There is no role “def” — Did you mean dev?'],
    [
      'no role for a step on a host',
      '    on: dev\n',
      '',
      '{ id: 7.10',
      'git.restore needs a role to run on — Add on: to the step or its phase. There is dev, prod',
    ],
    ['a role for a step of the bot', 'name: Tell', 'name: Tell, on: dev', 'dev, announce', 'announce is done by the bot, on no host — Remove on:'],
    ['unknown file group', 'git.restore: code', 'git.restore: coed', 'coed', 'There is no file group “coed” — Did you mean code?'],
    ['unknown file group in fields', 'git.restore: code', 'git.restore: { group: coed }', 'coed', 'There is no file group “coed”'],
    ['unknown file group of a proof', 'tree: code', 'tree: coed', 'coed', 'There is no file group “coed” — Did you mean code?'],
    ['restoring without backups', 'backups: { dir: backups }\n', '', 'code, timeout', ''],
    ['repeated id', 'id: 7.1,', 'id: 7.10,', '7.10, name: Run', 'Two steps have the id “7.10” — Give each its own'],
    ['bad id', 'id: 8,', 'id: a b,', 'a b', 'id cannot be “a b” — an id is digits, letters'],
    ['host', 'deploy@dev-1', 'dev-1', 'dev-1', 'hosts[1] cannot be “dev-1” — a host is user@name'],
    ['port', 'prod-1:2222', 'prod-1:99999', '"deploy@prod-1:99999"', 'hosts[1] cannot be “deploy@prod-1:99999” — a host is'],
    ['host in fields', 'address: 10.0.0.2', 'addres: 10.0.0.2', 'addres', '“addres” is not known here — Did you mean address?'],
    ['two hosts of one name', 'name: prod-2', 'name: prod-1', '{ name: prod-1', 'There are two hosts “prod-1”'],
    ['no announcements file', 'a/plan.yaml', 'a/plam.yaml', 'a/plam', 'There is no file '],
    ['announcements outside', 'a/plan.yaml', '../plan.yaml', '../plan', 'announcements cannot be “../plan.yaml” — a path inside'],
    ['role without proof', '  dev: [{ tree: code, at: sac }]\n', '', 'dev: { hosts', 'Nothing proves that dev runs the release'],
    ['proof of no role', '  dev: [{ tree', '  def: [{ commit: head }]\n  dev: [{ tree', 'def: [', 'There is no role “def” — Did you mean dev?'],
    ['unknown proof', '{ tree: code, at: sac }', '{ tee: code }', '{ tee', '“tee” is no kind of proof — Did you mean tree?'],
    ['unknown approvers', 'by: approvers', 'by: aprovers', 'aprovers', 'There is no name in people “aprovers” — Did you mean approvers?'],
    ['unknown signer', 'by: lead', 'by: leed', 'leed', 'There is no name in people “leed” — Did you mean lead?'],
    ['unknown name to fill', '{{release.tag}}', '{{release.tg}}', '{{release.tg', '{{release.tg}} is not known — Did you mean release.tag?'],
    ['filling by a helper', '{{release.tag}}', '{{#each release}}x{{/each}}', '{{#each', 'Only a name may stand in {{…}} — There is release.tag'],
    ['braces of something else', '{{release.tag}}', '{{.State}}', '{{.State', '{{…}} cannot be read here'],
    ['filling where nothing fills', 'verify: test -e src', 'verify: "test {{role.dir}}"', '{{role', '{{…}} is not filled in here'],
    ['braces without quotes', 'run: "deploy {{release.tag}}"', 'run: {{release.tag}}', '{{release', 'Put {{…}} in quotes'],
    [
      'a token',
      'verify: test -e src',
      'verify: curl -H token=s3cr3ts3cr3t x',
      'token=',
      'This looks like a secret — Put it in an environment variable',
    ],
    ['a GitHub token in a comment', 'backups:', '# ghp_abcdefghij0123456789\nbackups:', 'ghp_', 'This looks like a GitHub token'],
    [
      'a password in the repository',
      'git@github.com:acme',
      'https://me:hunter22@github.com/acme',
      'https://me',
      'This looks like a password in a URL',
    ],
    ['a channel', '"#inc-trading"', 'inc-trading', 'inc-trading', 'channel cannot be “inc-trading” — a channel is #'],
    ['an option as repository', 'git@github.com:acme/trade-agent.git', '--upload-pack=x', '--upload', 'repository cannot be “--upload-pack=x”'],
    ['a directory that a shell would read', 'dir: /srv/app', 'dir: /srv/$(id)', '/srv/$(id)', 'dir cannot be “/srv/$(id)”'],
    ['a name of a role', '  dev: { hosts', '  d v: { hosts', 'd v', '“d v” cannot be a name here — a name is letters'],
    ['a key twice', 'title: SAC agent', 'title: SAC agent\ntitle: Again', 'title: Again', 'This key is there twice — Keep one of the two'],
    ['no YAML', 'roles:\n', 'roles: [\n', '', 'This is not YAML'],
  ];
  test.each(cases)('%s', async (_, from, to, at, message) => {
    const text = changed(from, to);
    const found = await problemsOf(text);
    if (message === '') return expect(found).toEqual([]);
    const place = at === '' ? 'sac.yaml:' : `sac.yaml:${lineOf(text, at)}: `;
    expect(
      found.some((problem) => problem.startsWith(place) && problem.includes(message)),
      found.join('\n'),
    ).toBe(true);
    expect(found.every((problem) => !/s3cr3t|ghp_|hunter22/.test(problem))).toBe(true);
  });

  test('backups that nobody said where they are', async () => {
    const text = changed('backups: { dir: backups }\n', '').replace('git.restore: code', 'backup.restore: code');
    expect(await problemsOf(text)).toEqual([
      `sac.yaml:${lineOf(text, 'code, timeout')}: The file does not say where backups lie — Add backups: { dir: backups }`,
    ]);
  });

  test('a question whose default cannot be chosen', async () => {
    const text = `${good}ask: [{ name: scope, choices: [one, two], default: three }]\n`;
    expect(await problemsOf(text)).toEqual([`sac.yaml:${lineOf(text, 'three')}: There is no choice “three” — There is one, two`]);
  });

  test('announcements: their own file and line', async () => {
    write(
      good,
      'sac.yaml',
      '- { audience: A, to: "#a", template: progress, within: 1h, every: 2h }\n- { audience: B, to: b, template: progres, within: 1x }\n- { audience: C, to: "#c", template: initial }\n',
    );
    const { problems } = await loadSystems(dir, kinds);
    expect(problems.map((problem) => formatProblem(problem).slice(dir.length + 1))).toEqual([
      'a/plan.yaml:1:3: This is owed within and every — Give one of within, every, affected_over',
      'a/plan.yaml:2:22: There is no name in people “b” — There is approvers, lead',
      'a/plan.yaml:2:35: template cannot be “progres” — Did you mean progress?',
      'a/plan.yaml:2:52: within cannot be “1x” — a time is a number and ms, s, m, h or d: 30m',
      'a/plan.yaml:3:3: It is not said when this is owed — Give one of within, every, affected_over',
    ]);
  });
});

describe('all mistakes of all files at once', () => {
  test('five mistakes in one file, and a second file with its own', async () => {
    const text = good
      .replace('title:', 'tittle:')
      .replace('deploy@dev-1', 'dev-1')
      .replace('timeout: 90s', 'timeout: soon')
      .replace('git.restore: code', 'git.restor: code')
      .replace('on: prod, run', 'on: prd, run');
    write(good.replace('estimate: 1h', 'estimate: long').replace('system: sac', 'system: two'), 'two.yml');
    const found = await problemsOf(text);
    expect(found.map((problem) => problem.replace(/ — .*/, '').replace(/^(\S+?):\d+:\d+/, '$1'))).toEqual([
      'sac.yaml: title is missing',
      'sac.yaml: “tittle” is not known here',
      'sac.yaml: hosts[1] cannot be “dev-1”',
      'sac.yaml: “git.restor” is no kind of step',
      'sac.yaml: timeout cannot be “soon”',
      'sac.yaml: There is no role “prd”',
      'two.yml: estimate cannot be “long”',
    ]);
  });

  test('two files of one name', async () => {
    write(good, 'b.yaml');
    write(good);
    const { problems, systems } = await loadSystems(dir, kinds);
    expect(problems.map((problem) => problem.message)).toEqual([`${join(dir, 'b.yaml')} has a system sac too`]);
    expect(Object.keys(systems)).toEqual(['sac']);
    expect(systems.sac?.file).toBe(join(dir, 'b.yaml'));
  });

  test('a good file beside a bad one is a system', async () => {
    write('nonsense: [', 'bad.yaml');
    write(good);
    const { systems, problems } = await loadSystems(dir, kinds);
    expect(Object.keys(systems)).toEqual(['sac']);
    expect(problems).toHaveLength(1);
  });

  test('files that are nothing at all', async () => {
    for (const text of ['', '[]', 'just text', '- a\n- b', 'null', 'a: &a [*a]', '\u0000']) {
      write(text);
      expect((await loadSystems(dir, kinds)).problems.length, JSON.stringify(text)).toBeGreaterThan(0);
    }
  });

  test('no directory, or nothing in it', async () => {
    expect((await loadSystems(join(dir, 'absent'), kinds)).problems[0]?.message).toBe('This directory cannot be read (ENOENT)');
    expect((await loadSystems(dir, kinds)).problems[0]?.message).toBe('There is no system file (*.yaml) here');
  });
});
