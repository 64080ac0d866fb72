import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/host.ts';
import type { AnyStepKind, Work } from '../../../src/domain/step.ts';
import { proofKinds } from '../../../src/proofs/index.ts';
import { globbed } from '../../../src/steps/globbed.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { whereOf } from '../../integration/steps/planner.ts';

/** Text that does harm wherever it stands unquoted; `HARM` is what would be run. */
const hostile = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '$(HARM)',
      '`HARM`',
      ';HARM;',
      '|HARM',
      '&',
      '\\',
      '*',
      '?',
      '[a]',
      '-',
      ' ',
      '\t',
      '#',
      '~',
      '$HOME',
      '{a,b}',
      '(',
      ')',
      '<',
      '>',
      '!',
      'x',
      'é',
      '%s',
      '=',
      '--',
      '\n',
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const oneLine = hostile.map((text) => text.replaceAll('\n', ' '));

/** Params of each kind with a hostile text wherever its schema lets one through. */
const paramsOf: Readonly<Record<string, (text: string) => unknown>> = {
  'git.fetch': () => 'tags',
  'git.checkout': (text) => text,
  'git.restore': () => 'odd',
  'backup.restore': (text) => ({ group: 'absolute', from: text }),
  'pip.install': () => ({ requirements: 'requirements.txt' }),
  'pip.remove': () => 'a-name',
  'pip.replace': (text) => `name==${text}`,
  log: (text) => ({ file: text.trim().replaceAll(/\.\.|\/+$/g, '') || 'x', git: 'note' }),
  'systemd.stop': () => 'a-unit@x',
  'systemd.start': () => 'a-unit@x',
  'systemd.restart': () => 'a-unit@x',
  'systemd.status': () => 'a-unit@x',
  'compose.build': (text) => ({ version: text, label: text }),
  'compose.down': () => ({}),
  'compose.up': (text) => ({ version: text }),
  'containers.stop': () => ({ all: true }),
  'container.run': (text) => {
    const word = text.replaceAll(/[\s:]/g, '');
    return { name: 'a_name', image: text, mounts: [`x${word}:/in${word}`], env_file: text, ports: ['127.0.0.1:1:2/udp'] };
  },
  remove: () => ({ groups: ['odd', 'absolute'], keep: '1h' }),
  run: (text) => ({ command: text.trim() === '' ? 'true' : text, undo: 'true', logs: { containers: 'svc', journal: 'u', files: [text] } }),
  http: (text) => ({ url: `http://h/${text.replaceAll(/\s/g, '')}`, contains: text }),
  watch: () => ({ container: 'svc', for: '1s' }),
  collect: (text) => ({ files: [text], journal: 'u', containers: 'svc' }),
  check: (text) => {
    const url = `http://h/${text.replaceAll(/\s/g, '')}`;
    return ['state', 'backups', 'release', 'dependencies', 'disk', 'tools', 'access', 'variables', 'monitoring', { api: url }, { monitoring: url }];
  },
  measure: (text) => [
    { name: 'a', http: `http://h/${text.replaceAll(/\s/g, '')}` },
    { name: 'b', run: text },
    { name: 'c', unit: 'u', of: 'cpu', below: 1 },
    { name: 'd', unit: 'u', of: 'memory' },
    { name: 'e', metric: 'm', at: 'http://h', baseline: 2 },
    { name: 'f', prometheus: text.replaceAll(/[\0\r\n]/g, '') || 'x', at: 'http://h', above: 1 },
  ],
};

/** A place where everything that comes from a system file, a repository or a host is hostile. */
const placeOf = (text: string, testsFromTarget: boolean) =>
  whereOf({
    dir: `/nowhere/${text}`,
    keep: `/nowhere/keep/${text}`,
    verify: text,
    testsFromTarget,
    role: { python: `bin/${text}/python`, compose: { file: `d/${text}/docker-compose.yml`, service: 'svc', envFile: text, envExample: text } },
    recorded: { image: { reference: text, id: text } },
    target: { tag: text, version: text, packageVersion: text },
    targetTree: [{ path: `${text}/${text}`, mode: '100644', blob: '1'.repeat(40) }],
    system: {
      release: { tags: 'v*', commits: 1, image: text, keep: 1, dependencies: [text] },
      files: {
        odd: { name: 'odd', dir: text, names: [text, 'b'], ignore: [text] },
        absolute: { name: 'absolute', dir: `/nowhere/${text}`, names: [`${text}/`, `*${text}`], ignore: [text] },
      },
      backups: { dir: text, manifest: text, staleAfterMs: 1, record: [] },
      runbook: [
        {
          name: 'p',
          estimateMs: 1,
          testsFromTarget,
          steps: Object.keys(paramsOf).map((kind) => ({ id: kind, name: kind, kind, params: { group: 'odd', unit: 'u' }, on: 'prod' })),
        },
      ],
    },
  });

const texts = (work: Work): string[] =>
  work.type === 'shell' ? [work.guard, work.command, work.verify, work.settle, work.restore].filter((text) => text !== undefined) : [];

function allTexts(kind: AnyStepKind, text: string, reading: Reading, testsFromTarget = false): string[] {
  const where = placeOf(text, testsFromTarget);
  const params: unknown = kind.schema.parse(paramsOf[kind.key]?.(text));
  const probes = kind.probes?.(params, where) ?? [];
  // Of a command that its author wrote, a person types every letter.
  const byHand = kind.key === 'run' ? undefined : kind.byHand?.(params, where);
  return [
    ...(byHand === undefined ? [] : [byHand]),
    ...probes,
    ...texts(
      kind.plan(
        params,
        probes.map(() => reading),
        where,
      ).work,
    ),
  ];
}

/** The shell must read it, and no word of it may be HARM outside quotes: the text is run with every command replaced by nothing but HARM. */
function parses(text: string): void {
  const done = spawnSync('/bin/sh', ['-n'], { input: text, encoding: 'utf8' });
  expect(done.status === 0 ? '' : `${done.stderr}\n${text}`).toBe('');
}

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'hostile-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('hostile names', () => {
  it('covers every kind that runs on hosts', () => {
    const onHosts = Object.values(stepKinds).filter((kind) => kind.place !== 'bot' && kind.key !== 'pipeline.run');
    expect(Object.keys(paramsOf).sort()).toEqual(onHosts.map((kind) => kind.key).sort());
  });

  it.each(Object.keys(paramsOf))('%s: sh reads every text that is made', (key) => {
    const kind = stepKinds[key] as AnyStepKind;
    fc.assert(
      fc.property(oneLine, hostile, fc.boolean(), (text, said, ok) => {
        const reading = { exitCode: ok ? 0 : 1, stdout: said, stderr: said };
        parses(
          allTexts(kind, text, reading, ok)
            .map((made) => `(\n${made}\n)`)
            .join('\n'),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('nothing of it is run: with a shell that has only harmless tools, HARM is never called', () => {
    const harmless = [
      'cd',
      'git',
      'docker',
      'docker-compose',
      'systemctl',
      'sudo',
      'curl',
      'cp',
      'mv',
      'rm',
      'mkdir',
      'mktemp',
      'tar',
      'sh',
      'xargs',
      'find',
      'journalctl',
      'sleep',
      'tail',
      'head',
      'awk',
      'cut',
      'stat',
      'df',
      'sha256sum',
      'sort',
      'grep',
      'sed',
      'cat',
      'tr',
      'wc',
      'diff',
      'cmp',
      'id',
      'getconf',
      'dirname',
      'comm',
      'command',
      'date',
    ];
    const stubs = harmless.filter((name) => /^[a-z]+$/.test(name) && name !== 'command').map((name) => `${name}() { return 0; }`);
    const prelude = `PATH=/nowhere; HARM() { echo HARM >&9; }; die() { :; }; ${stubs.join('; ')}`;
    fc.assert(
      fc.property(oneLine, fc.constantFrom(...Object.keys(paramsOf).filter((key) => key !== 'watch' && key !== 'http')), (text, key) => {
        const made = allTexts(stepKinds[key] as AnyStepKind, text, { exitCode: 0, stdout: text, stderr: '' });
        const input = made
          .map(
            (one) =>
              `(\n${prelude}\n${one
                .replaceAll(/^die\(\) .*$/gm, '')
                .replaceAll(/^while :; do$/gm, 'while false; do')
                .replaceAll(/^until .*; do$/gm, 'while false; do')}\n)`,
          )
          .join('\n');
        const done = spawnSync('/bin/sh', [], {
          cwd, // a file that a step writes by its hostile name is rightly written
          input,
          encoding: 'utf8',
          stdio: ['pipe', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
          timeout: 10_000,
        });
        expect(String(done.output[9])).toBe('');
        expect(done.signal).toBe(null);
      }),
      { numRuns: 150 },
    );
  });

  it('patterns keep * and ? and quote the rest', () => {
    expect(globbed('logs/*.log')).toBe('./logs/*.log');
    expect(globbed('/var/log/$(x)/a b?')).toBe("'/var/log/$(x)/a b'?");
    expect(globbed('-rf *')).toBe("'./-rf '*");
  });
});

describe('proof probes', () => {
  it('are read by sh whatever is in them', () => {
    const params: Readonly<Record<string, (text: string) => unknown>> = {
      commit: () => ({ commit: 'head' }),
      tree: (text) => ({ tree: 'odd', at: text }),
      package: () => ({ package: 'a.b' }),
      unit: () => ({ unit: 'u' }),
      gone: () => ({ gone: 'absolute' }),
      stopped: () => ({ stopped: 'u' }),
      http: (text) => ({ http: `http://h/${text.replaceAll(/\s/g, '')}` }),
      container: (text) => ({ container: 'svc', name: 'a_name', label: text, env: text }),
    };
    expect(Object.keys(params).sort()).toEqual(Object.keys(proofKinds).sort());
    fc.assert(
      fc.property(oneLine, fc.constantFrom(...Object.keys(params)), (text, key) => {
        const kind = proofKinds[key];
        const where = placeOf(text, false);
        const given: unknown = kind?.schema.parse(params[key]?.(text));
        for (const probe of kind?.probes?.(given, where) ?? []) parses(probe);
        expect(kind?.judge(given, { readings: [{ exitCode: 0, stdout: `not ${text}`, stderr: '' }], containers: [] }, where).ok).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
