import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asked } from '../../../src/domain/runbook.ts';
import type { System } from '../../../src/domain/system.ts';
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
repository: /srv/git/sac.git
release: { keep: 3, dependencies: [requirements.txt] }
roles:
  dev: { hosts: [deploy@dev-1], dir: /srv/app }
  prod: { hosts: [deploy@prod-1], dir: /opt/app, production: true, compose: { file: c.yml, service: app, env_file: .env, env_example: .env.example } }
people: { approvers: "@sac-leads", lead: "@sac-oncall" }
policy: { approve: { by: approvers } }
resources: [{ name: Development team, who: approvers, count: 2 }, { name: Operations, who: "@ops" }]
halt: { name: Stop trading, on: prod, systemd.stop: sac, back: { name: Resume trading, systemd.start: sac }, warn: Positions stay. }
ask:
  - { name: scenario, choices: [code, data, all of it], default: code }
scenarios:
  code: { roles: [dev], without: [3, 2.10] }
  data: { variant: remove, without: [2] }
files:
  code: { dir: src, names: [a.py, "sac_*.pkl"] }
  logs: { dir: /var/log/app, names: ["*.log", old/] }
backups: { dir: backups, record: [code] }
runbook:
  - phase: One
    estimate: 1h
    on: dev
    tests_from: target
    steps:
      - { id: 1, name: Code, git.restore: code, cannot_undo: it is gone }
      - { id: 2.1, name: Start, on: prod, systemd.start: sac }
      - { id: 2.10, name: Run, run: "deploy {{release.tag}}" }
  - phase: Two
    estimate: 30m
    steps:
      - { id: 3, name: Sign, sign: { by: lead, shown: [pnl] } }
variants:
  backwards: { about: The other way round., order: [3, 2.10, 2.1, 1] }
  by-hand: { about: By hand., by_hand: true, version: last-proven }
  remove:
    about: Takes it away.
    version: none
    runbook:
      - phase: Away
        estimate: 5m
        on: prod
        steps:
          - { id: 1, name: Away, remove: { groups: [code, logs], keep: 14d } }
          - { id: 2, name: Sign, sign: { by: lead, shown: [pnl] } }
    proof:
      prod: [{ gone: code }, { gone: logs }]
proof:
  dev: [{ tree: code }]
  prod: [{ http: "http://localhost/health" }]
cannot_undo: [trades made meanwhile]
afterwards: [root cause, { review: 3d }]
`;

async function load(text: string): Promise<{ system: System | undefined; problems: string[] }> {
  writeFileSync(join(dir, 'sac.yaml'), text);
  const { systems, problems } = await loadSystems(dir, kinds);
  return { system: systems.sac, problems: problems.map((problem) => formatProblem(problem).slice(dir.length + 1)) };
}

async function loaded(text: string): Promise<System> {
  const { system, problems } = await load(text);
  expect(problems).toEqual([]);
  return system ?? expect.fail('no system');
}

describe('a file with variants, scenarios and a halt', () => {
  test('is read whole', async () => {
    const system = await loaded(good);
    expect(system).toMatchObject({
      release: { keep: 3, dependencies: ['requirements.txt'] },
      roles: { prod: { compose: { file: 'c.yml', service: 'app', envFile: '.env', envExample: '.env.example' } } },
      resources: [
        { name: 'Development team', who: '@sac-leads', count: 2 },
        { name: 'Operations', who: '@ops', count: 1 },
      ],
      scenarios: { code: { roles: ['dev'], without: ['3', '2.10'] }, data: { variant: 'remove', without: ['2'] } },
      files: { logs: { name: 'logs', dir: '/var/log/app', names: ['*.log', 'old/'], ignore: [] } },
      backups: { record: ['code'] },
      cannotUndo: ['trades made meanwhile'],
      afterwards: [{ what: 'root cause' }, { what: 'review', withinMs: 259_200_000 }],
    });
    expect(system.halt).toEqual({
      name: 'Stop trading',
      backName: 'Resume trading',
      on: 'prod',
      by: '@sac-leads',
      step: { kind: 'systemd.stop', params: 'sac' },
      back: { kind: 'systemd.start', params: 'sac' },
      warn: 'Positions stay.',
    });
    expect(system.runbook[0]?.steps[0]).toMatchObject({ id: '1', cannotUndo: 'it is gone' });
    expect(system.drill).toBeUndefined();
  });

  test('a variant has its own runbook and proof, or the normal ones', async () => {
    const { runbook, proof, variants } = await loaded(good);
    expect(variants['by-hand']).toEqual({ name: 'by-hand', about: 'By hand.', target: 'last-proven', byHand: true, runbook, proof });
    expect(variants.remove).toEqual({
      name: 'remove',
      about: 'Takes it away.',
      target: 'none',
      byHand: false,
      runbook: [
        {
          name: 'Away',
          estimateMs: 300_000,
          testsFromTarget: false,
          steps: [
            { id: '1', name: 'Away', kind: 'remove', params: { groups: ['code', 'logs'], keep: '14d' }, on: 'prod' },
            { id: '2', name: 'Sign', kind: 'sign', params: { by: '@sac-oncall', shown: ['pnl'] } },
          ],
        },
      ],
      proof: {
        prod: [
          { kind: 'gone', params: { gone: 'code' } },
          { kind: 'gone', params: { gone: 'logs' } },
        ],
      },
    });
  });

  test('an order is kept, and ids in it are as they are written: 2.10 is not 2.1', async () => {
    const { variants, proof } = await loaded(good);
    const { backwards } = variants;
    expect(backwards?.runbook.map(({ name, estimateMs, steps }) => [name, estimateMs, steps.map(({ id }) => id)])).toEqual([
      ['Two', 1_800_000, ['3']],
      ['One', 3_600_000, ['2.10', '2.1', '1']],
    ]);
    expect(backwards?.runbook[1]).toMatchObject({ testsFromTarget: true, steps: [{ on: 'dev' }, { on: 'prod' }, { on: 'dev' }] });
    expect(backwards).toMatchObject({ target: 'asked', byHand: false, proof });
  });

  test('a scenario selects by what was read', async () => {
    const system = await loaded(good);
    const code = asked(system, { variant: 'normal', answers: { scenario: 'code' } });
    expect(code.system.runbook.flatMap(({ steps }) => steps.map(({ id }) => id))).toEqual(['1']);
    expect(asked(system, { variant: 'normal', answers: { scenario: 'data' } })).toMatchObject({ variant: 'remove', target: 'none' });
  });

  test('an environment for rehearsals', async () => {
    const text = good.replace(', production: true', '').concat('drill: { every: 7d, to: v0.1.0 }\n');
    expect((await loaded(text)).drill).toEqual({ everyMs: 604_800_000, to: 'v0.1.0' });
  });

  test('who may halt can be said', async () => {
    expect((await loaded(good.replace('on: prod, systemd.stop', 'on: prod, by: lead, systemd.stop'))).halt?.by).toBe('@sac-oncall');
  });
});

describe('one mistake is found where it is', () => {
  const cases: [what: string, from: string, to: string, at: string, message: string][] = [
    [
      'a step that an order leaves out',
      '[3, 2.10, 2.1, 1]',
      '[3, 2.10, 1]',
      'order:',
      'The order leaves out 2.1 — Name every step of the runbook once',
    ],
    ['a step of an order that is not there', '[3, 2.10, 2.1, 1]', '[3, 2, 1, 4.5]', '4.5]', 'There is no step “4.5”'],
    [
      'a step twice in an order',
      '[3, 2.10, 2.1, 1]',
      '[3, 2, 1, 2.10]',
      '2.10] }\n  by-hand',
      'Step 2.10 is there before already — Name every step once',
    ],
    [
      'an order beside a runbook',
      'by_hand: true, version',
      'order: [1, 2, 3], runbook: [{ phase: P, estimate: 1h, steps: [{ id: 1, name: N, check: [state] }] }], version',
      'order: [1, 2, 3]',
      'This has an order and a runbook — Keep one of the two',
    ],
    ['a variant named like a command', '  by-hand:', '  status:', 'status:', '“status” means something else in /rollback — Give it another name'],
    ['a system named like a command', 'system: sac', 'system: undo', 'undo', '“undo” means something else in /rollback'],
    ['a variant that is no plain name', '  by-hand:', '  By hand:', 'By hand', '“By hand” cannot be a name here — a name is lower-case'],
    ['a variant without a sentence', 'about: By hand., ', '', '{ by_hand', 'about is missing — Add it: text'],
    ['a version of a variant', 'version: last-proven', 'version: last', 'last }', 'version cannot be “last”'],
    [
      'no proof of its own without a version',
      '    proof:\n      prod: [{ gone: code }, { gone: logs }]\n',
      '',
      'remove:\n    about',
      'remove has no version, and the normal proof asks for one',
    ],
    [
      'a role of a variant that nothing proves',
      'prod: [{ gone: code }, ',
      'dev: [{ gone: code }, ',
      'proof:\n      dev',
      'Nothing proves what remove did on prod',
    ],
    ['a repeated id in a variant', 'id: 2, name: Sign', 'id: 1, name: Sign', '1, name: Sign', 'Two steps have the id “1”'],
    ['an unknown kind in a variant', 'Away, remove: {', 'Away, remov: {', 'remov: {', '“remov” is no kind of step — Did you mean remove?'],
    ['params in a variant', 'keep: 14d', 'keep: 14', '14 }', 'keep is the number “14” — Write text'],
    ['a group that is removed', 'groups: [code, logs]', 'groups: [code, logz]', 'logz]', 'There is no file group “logz” — Did you mean logs?'],
    ['a group that is gone', '{ gone: logs }', '{ gone: logz }', 'logz }', 'There is no file group “logz” — Did you mean logs?'],
    ['a group that is recorded', 'record: [code]', 'record: [coed]', 'coed', 'There is no file group “coed” — Did you mean code?'],
    ['a role in a variant', '        on: prod\n', '        on: prd\n', 'prd', 'There is no role “prd” — Did you mean prod?'],
    ['a signer in a variant', '2, name: Sign, sign: { by: lead', '2, name: Sign, sign: { by: leed', 'leed', 'There is no name in people “leed”'],
    ['a role of a variant’s proof', '      prod: [{ gone', '      prd: [{ gone', 'prd:', 'There is no role “prd”'],
    ['a proof of a variant', '{ gone: logs }', '{ gonn: logs }', '{ gonn', '“gonn” is no kind of proof — Did you mean gone?'],
    [
      'a release where there is none',
      'name: Away, remove: {',
      'name: Away, run: "{{release.tag}}" }\n          - { id: 3, name: B, remove: {',
      '{{release.tag}}" }\n          - { id: 3',
      'remove has no version, so there is no release to name',
    ],
    [
      'filling where nothing fills in a variant',
      'about: Takes it away.',
      'about: "Takes {{role.dir}} away."',
      '{{role.dir',
      '{{…}} is not filled in here',
    ],
    [
      'restoring an absolute directory',
      'git.restore: code',
      'git.restore: logs',
      'logs, cannot_undo',
      'git.restore cannot be used for “logs”, which is the absolute directory /var/log/app',
    ],
    ['restoring one from backups', 'git.restore: code', 'backup.restore: logs', 'logs, cannot_undo', 'backup.restore cannot be used for “logs”'],
    ['proving one against the release', 'tree: code', 'tree: logs', 'logs }]\n  prod: [{ http', 'tree cannot be used for “logs”'],
    ['a directory that is neither', 'dir: /var/log/app', 'dir: ../log', '../log', 'dir'],
    ['scenarios that nobody asks for', 'name: scenario', 'name: scenaryo', 'scenarios:', 'No question with choices asks for the scenario'],
    ['a scenario that cannot be chosen', '  data: { variant', '  dta: { variant', 'dta:', 'There is no choice “dta” — Did you mean data?'],
    [
      'a scenario’s variant',
      'variant: remove, without',
      'variant: remov, without',
      'remov, without',
      'There is no variant “remov” — Did you mean remove?',
    ],
    ['a scenario’s role', 'roles: [dev]', 'roles: [def]', 'def]', 'There is no role “def” — Did you mean dev?'],
    ['a scenario’s step', 'without: [3, 2.10]', 'without: [4]', '4] }', 'There is no step “4”'],
    ['a scenario’s step that only the normal runbook has', 'remove, without: [2]', 'remove, without: [3]', '3] }\nfiles', 'There is no step “3”'],
    ['a halt’s role', 'Stop trading, on: prod', 'Stop trading, on: prd', 'prd', 'There is no role “prd” — Did you mean prod?'],
    ['a halt’s kind', 'systemd.stop: sac', 'systemd.stp: sac', 'systemd.stp', '“systemd.stp” is no kind of step — Did you mean systemd.stop'],
    ['a halt that is no work on a host', 'systemd.stop: sac', 'announce: initial', 'announce', '“announce” is no kind of step'],
    ['a halt without a way back', ', back: { name: Resume trading, systemd.start: sac }', '', 'halt:', 'Nothing takes the halt back — Add back:'],
    ['a way back that does nothing', 'Resume trading, systemd.start: sac', 'Resume trading', '{ name: Resume', 'This step does nothing'],
    ['a halt without a warning', ', warn: Positions stay.', '', '{ name: Stop', 'warn is missing'],
    ['who may halt', 'on: prod, systemd.stop', 'on: prod, by: leed, systemd.stop', 'leed', 'There is no name in people “leed”'],
    ['filling in a halt', 'systemd.stop: sac', 'systemd.stop: "{{release.tag}}"', '{{release', '{{…}} is not filled in here'],
    ['who is needed', 'who: approvers', 'who: aprovers', 'aprovers', 'There is no name in people “aprovers” — Did you mean approvers?'],
    ['drills of production', 'afterwards:', 'drill: { to: v0.1.0 }\nafterwards:', 'drill', 'Drills need no approval, and prod is production'],
    ['two pieces of work in one', '{ review: 3d }', '{ review: 3d, drill: 1d }', '{ review', 'one piece of work and its time'],
    ['a time of work', '{ review: 3d }', '{ review: soon }', 'soon', 'review cannot be “soon” — a time is'],
    ['too few kept', 'keep: 3', 'keep: 0', '0, dep', 'keep cannot be “0”'],
  ];
  test.each(cases)('%s', async (_, from, to, at, message) => {
    expect(good).toContain(from);
    const text = good.replace(from, to);
    const { problems } = await load(text);
    const before = text.slice(0, text.indexOf(at));
    const place = `sac.yaml:${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}: `;
    expect(
      problems.some((problem) => problem.startsWith(place) && problem.includes(message)),
      problems.join('\n'),
    ).toBe(true);
  });
});

test('all mistakes of variants, scenarios and halt at once', async () => {
  const text = good
    .replace('[3, 2.10, 2.1, 1]', '[3, 1]')
    .replace('groups: [code, logs]', 'groups: [coed, logs]')
    .replace('roles: [dev]', 'roles: [def]')
    .replace('systemd.start: sac }, warn', 'systemd.strt: sac }, warn')
    .replace('who: approvers', 'who: nobody');
  const { problems } = await load(text);
  expect(problems.map((problem) => problem.replace(/ — .*/, '').replace(/^(\S+?):\d+:\d+/, '$1'))).toEqual([
    'sac.yaml: There is no name in people “nobody”',
    'sac.yaml: “systemd.strt” is no kind of step',
    'sac.yaml: There is no role “def”',
    'sac.yaml: The order leaves out 2.1, 2.10',
    'sac.yaml: There is no file group “coed”',
  ]);
});
