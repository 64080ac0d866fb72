import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnyStepKind } from '../../../src/domain/step.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { describeFiles } from '../../../src/steps/listing.ts';
import { whereOf } from '../../integration/steps/planner.ts';

const kind = (key: string): AnyStepKind => stepKinds[key] as AnyStepKind;
const where = whereOf({ dir: '/srv/app', keep: '/keep', system: { github: { repository: 'acme/trade-agent', token: 'GITHUB_TOKEN' } } });
const planOf = (key: string, given: unknown, at = where) => kind(key).plan(kind(key).schema.parse(given), [], at);

describe('step kinds', () => {
  it.each([
    ['git.fetch', 'tags', { what: 'tags' }],
    ['git.checkout', '{{release.tag}}', { ref: '{{release.tag}}' }],
    ['git.restore', 'code', { group: 'code' }],
    ['backup.restore', 'config', { group: 'config' }],
    ['pip.replace', 'a=={{release.package_version}}', { requirement: 'a=={{release.package_version}}' }],
    ['pip.remove', 'trade-agent-sac', { name: 'trade-agent-sac' }],
    ['pip.install', { requirements: 'requirements.txt' }, { requirements: 'requirements.txt' }],
    ['log', { file: 'logs/rollback.log', git: 'note' }, { file: 'logs/rollback.log', git: 'note' }],
    ['systemd.stop', 'sac-agent-service', { unit: 'sac-agent-service' }],
    ['run', 'pytest -v', { command: 'pytest -v' }],
    ['announce', 'initial', { template: 'initial' }],
    ['watch', { unit: 'u', for: '2m' }, { unit: 'u', for: 120_000 }],
    ['compose.build', { version: '{{release.version}}' }, { version: '{{release.version}}' }],
    ['http', 'http://localhost:8080/health', { url: 'http://localhost:8080/health' }],
  ])('%s reads %j', (key, given, params) => expect(kind(key).schema.parse(given)).toEqual(params));

  it.each([
    ['systemd.stop', '--now'],
    ['systemd.stop', 'a*'],
    ['git.fetch', 'heads'],
    ['run', ' '],
    ['watch', { unit: 'u', for: 120 }],
    ['watch', { unit: 'u', container: 'c', for: '1m' }],
    ['check', ['everything']],
    ['collect', {}],
    ['measure', [{ name: 'a b', run: 'x' }]],
    ['measure', [{ name: 'a', prometheus: 'up' }]],
    ['measure', [{ name: 'a', run: 'x', baseline: 0 }]],
    ['pip.remove', '-r'],
    ['pip.install', { requirements: '../requirements.txt' }],
    ['pip.install', { requirements: '/etc/passwd' }],
    ['pip.install', { requirements: '--pre' }],
    ['log', { file: 'a/../../b' }],
    ['compose.down', { volumes: true }],
    ['pipeline.run', { github: '../deploy.yml' }],
    ['pipeline.run', { url: 'http://ci', secret: 'xoxb-literal' }],
    ['http', 'file:///etc/passwd'],
  ])('%s refuses %j', (key, given) => expect(kind(key).schema.safeParse(given).success).toBe(false));

  it('every kind can be written as JSON Schema, with a description of every field', () => {
    for (const each of Object.values(stepKinds))
      expect(JSON.stringify(z.toJSONSchema(each.schema, { io: 'input' }))).toContain(each.key === 'compose.down' ? 'object' : 'description');
  });

  it('pipeline.run orders the workflow on the tag, and refuses a bare commit or a missing repository', () => {
    expect(planOf('pipeline.run', { github: 'deploy.yml', inputs: { host: 'prod-1' }, wait: '20m' })).toEqual({
      work: {
        type: 'pipeline',
        order: {
          via: 'github',
          repository: 'acme/trade-agent',
          workflow: 'deploy.yml',
          ref: 'v0.1.0',
          inputs: { host: 'prod-1' },
          secret: 'GITHUB_TOKEN',
        },
        cannotUndo: 'the pipeline can only deploy a release, and what ran before is not known',
        from: 'unknown deployed',
        to: 'v0.1.0 deployed',
        timeoutMs: 1_200_000,
      },
      problems: [],
    });
    const { tag: _tag, ...bare } = where.target;
    expect(planOf('pipeline.run', { github: 'deploy.yml' }, { ...where, target: bare }).problems).toHaveLength(1);
    expect(planOf('pipeline.run', { github: 'deploy.yml' }, whereOf({ dir: '/', keep: '/k' })).problems?.[0]?.what).toContain('has no github');
    expect(planOf('pipeline.run', { url: 'https://ci/deploy', secret: 'CI_TOKEN' }).work).toMatchObject({
      order: { via: 'url', url: 'https://ci/deploy', body: {}, secret: 'CI_TOKEN' },
      timeoutMs: where.timeoutMs,
    });
  });

  it('announce and sign are work of the bot', () => {
    expect(planOf('announce', 'progress').work).toEqual({ type: 'announce', template: 'progress' });
    expect(planOf('sign', { by: '@sac-oncall', shown: ['sac_pnl_1h'] }).work).toEqual({ type: 'sign', by: '@sac-oncall', shown: ['sac_pnl_1h'] });
  });

  it('says serving only where the role is production', () => {
    const dev = whereOf({ dir: '/srv/app', keep: '/keep', role: { production: false } });
    expect(planOf('systemd.stop', 'u').work).toMatchObject({ serving: 'stopped' });
    expect(planOf('systemd.stop', 'u', dev).work).not.toHaveProperty('serving');
  });

  it('the same params and facts give the same text: it is in the digest', () => {
    for (const [key, given] of [
      ['git.restore', 'code'],
      ['check', ['disk', 'tools']],
      ['compose.up', {}],
      ['collect', { journal: 'u' }],
    ] as const)
      expect(planOf(key, given)).toEqual(planOf(key, given));
  });

  it('measure gives its values by name', () => {
    expect(kind('measure').values?.('measure cpu 12.5\nnoise\nFAIL x: no value\nmeasure sac_pnl_1h -3 \n')).toEqual({
      cpu: '12.5',
      sac_pnl_1h: '-3',
    });
  });
});

describe('describeFiles', () => {
  const file = (path: string, blob: string, mode = '100644') => ({ path, blob: blob.repeat(40), mode });
  it('names what is not as the target has it', () => {
    const target = [file('a', '1'), file('b', '2'), file('c', '3')];
    expect(describeFiles(target)).toMatch(/^[0-9a-f]{12} \(3 files\)$/);
    const found = describeFiles([file('a', '1', '100755'), file('b', '2'), file('d', '4'), { path: 'e', blob: '-', mode: 'unreadable' }], target);
    expect(found).toMatch(/\(4 files\); differ: a; not in the target: d, e; missing: c; cannot be read: e$/);
  });
});

describe('by hand', () => {
  const place = whereOf({
    dir: '/home/ubuntu/app',
    keep: '/keep',
    role: { python: '.venv/bin/python', compose: { file: 'docker/docker-compose.yml', service: 'app' } },
    system: {
      release: { tags: 'v*', commits: 1, image: 'app', keep: 5, dependencies: [] },
      files: {
        code: { name: 'code', dir: 'src/rl/sac', names: ['*.py'], ignore: [] },
        models: { name: 'models', dir: 'models', names: ['sac_*.pkl'], ignore: [] },
      },
      backups: { dir: 'backups', manifest: 'MANIFEST.sha256', staleAfterMs: 1, record: [] },
    },
  });
  const typed = (key: string, given: unknown, at = place) => kind(key).byHand?.(kind(key).schema.parse(given), at);

  it.each([
    ['git.fetch', 'tags', 'git fetch --all --tags --force'],
    ['git.checkout', 'v0.1.0', 'git status --short\ngit checkout v0.1.0'],
    ['git.restore', 'code', 'git restore --source=v0.1.0 --no-overlay --staged --worktree -- src/rl/sac/\ngit status'],
    ['compose.build', {}, "docker image inspect --format '{{.Id}}' app:v0.1.0 || (cd docker && VERSION=v0.1.0 docker-compose build --no-cache)"],
    ['compose.down', {}, '(cd docker && docker-compose down)'],
    ['compose.up', {}, '(cd docker && VERSION=v0.1.0 docker-compose up -d)'],
    ['run', 'pytest -v', 'export PATH=/home/ubuntu/app/.venv/bin:"$PATH"\npytest -v'],
    ['systemd.stop', 'app', 'sudo systemctl stop app'],
    ['systemd.status', 'app', 'systemctl status --no-pager app'],
    [
      'pip.replace',
      'app==0.1.0',
      './.venv/bin/python -m pip download --no-deps -d "$(mktemp -d)" app==0.1.0\n./.venv/bin/python -m pip uninstall -y app\n./.venv/bin/python -m pip install app==0.1.0',
    ],
    ['backup.restore', 'models', '(cd -- backups/v0.1.0 && sha256sum -c -- MANIFEST.sha256)\ncp -r -- ./backups/v0.1.0/models/sac_*.pkl models/'],
    ['check', ['release'], 'git tag -l\ngit log --oneline -n 10\ngit rev-parse v0.1.0'],
  ])('%s %j is what a person types', (key, given, text) => expect(typed(key, given)).toBe(text));

  it('commits without a tag by their commit, and tests in a work tree of the target', () => {
    const { tag: _tag, ...bare } = place.target;
    expect(typed('git.checkout', '1'.repeat(40), { ...place, target: bare })).toContain(`git checkout ${'1'.repeat(40)}`);
    expect(typed('run', 'pytest', { ...place, testsFromTarget: true })).toContain('git worktree add --detach "$tree"');
  });
});

describe('containers.stop', () => {
  it('enters no directory, so that it works when the clone is gone; only the author’s own check does', () => {
    const { work } = planOf('containers.stop', { all: true });
    const texts =
      work.type === 'shell' ? [work.guard, work.command, work.verify, work.restore, ...(kind('containers.stop').probes?.({}, where) ?? [])] : [];
    expect(texts).toHaveLength(5);
    for (const text of texts) expect(text).not.toMatch(/\bcd\b|\/srv\/app/);
  });
});

describe('cannot be undone', () => {
  it('is what the author says, before what the kind says', () => {
    const at = whereOf({ dir: '/srv/app', keep: '/keep', cannotUndo: 'orders that went out' });
    expect(planOf('systemd.restart', 'u').work).toMatchObject({ cannotUndo: expect.stringContaining('the restart of u') });
    expect(planOf('systemd.restart', 'u', at).work).toMatchObject({ cannotUndo: 'orders that went out' });
    expect(planOf('run', 'true', at).work).toMatchObject({ cannotUndo: 'orders that went out' });
  });
});
