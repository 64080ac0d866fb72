import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../../lab/samples/git.ts';
import { buildRepositories, type Repositories } from '../../../lab/samples/repositories.ts';

let dir: string;
let built: Repositories;
let again: Repositories;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'samples-test-'));
  built = await buildRepositories(join(dir, 'one'));
  const umask = process.umask(0o077);
  again = await buildRepositories(join(dir, 'two')).finally(() => process.umask(umask));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const refs = (repository: string) => git(repository, ['for-each-ref', '--format=%(refname) %(objecttype) %(objectname) %(*objectname)']);
const files = async (repository: string, ref: string, ...paths: string[]) =>
  (await git(repository, ['ls-tree', '-r', '--name-only', ref, '--', ...paths])).split('\n');
const modes = async (repository: string, ref: string, path: string) => (await git(repository, ['ls-tree', ref, '--', path])).slice(0, 6);

describe.each(['trade-agent', 'agentrader'] as const)('%s', (name) => {
  it('is the same in every build, whatever the umask', async () => {
    expect(await refs(again[name])).toBe(await refs(built[name]));
  });

  it('takes no time from the clock', async () => {
    const times = await git(built[name], ['log', '--format=%at %ct', 'main']);
    for (const line of times.split('\n')) expect(line.split(' ')[0]).toBe(line.split(' ')[1]);
    const tagged = await git(built[name], ['for-each-ref', '--format=%(taggerdate:unix)', 'refs/tags']);
    for (const time of tagged.split('\n')) expect(new Date(Number(time) * 1000).toISOString()).toMatch(/^2026-(09|11)-\d\dT\d\d:00:00/);
  });

  it('has two annotated tags with subjects, and main at v0.2.0', async () => {
    const tags = await git(built[name], ['for-each-ref', '--format=%(refname:short) %(objecttype) %(contents:subject)', 'refs/tags']);
    expect(tags.split('\n')).toEqual(['v0.1.0 tag Beta release', 'v0.2.0 tag Initial stable release']);
    expect(await git(built[name], ['describe', '--tags', '--always', 'main'])).toBe('v0.2.0');
  });

  it('has seven commits between the releases, by several people, in order of time', async () => {
    const log = (await git(built[name], ['log', '--reverse', '--format=%at %an', 'v0.1.0..v0.2.0'])).split('\n').map((line) => line.split(' '));
    const times = log.map(([time]) => Number(time));
    expect(times).toHaveLength(7);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(log.map(([, author]) => author)).size).toBeGreaterThan(1);
  });
});

describe('trade-agent', () => {
  const documents = ['', '_acceptance_tests', '_dag', '_detailed_plan', '_makefile_tasks', '_rollback_plan', '_summary'];

  it('has in v0.1.0 exactly the files that the plan lists for code, configuration, documents and tests', async () => {
    const repository = built['trade-agent'];
    expect(await files(repository, 'v0.1.0', 'src/rl/sac')).toEqual(['__init__.py', 'sac_agent.py', 'sac_features.py'].map((n) => `src/rl/sac/${n}`));
    expect(await files(repository, 'v0.1.0', 'configs')).toEqual(['configs/sac_config.json']);
    const docs = [
      ...documents.map((n) => `docs/agents/sac_agent${n}.md`),
      'docs/agents/sac_configuration.md',
      'docs/agents/sac_file_tree_structure.md',
    ];
    expect((await files(repository, 'v0.1.0', 'docs')).sort()).toEqual(docs.sort());
    const tests = ['acceptance', 'agent', 'environment', 'features', 'integration'].map((n) => `tests/rl/sac/test_sac_${n}.py`);
    expect(await files(repository, 'v0.1.0', 'tests')).toEqual(tests);
  });

  it('has in v0.2.0 files that v0.1.0 lacks, in every restored directory', async () => {
    const added = (await git(built['trade-agent'], ['diff', '--name-only', '--diff-filter=A', 'v0.1.0', 'v0.2.0'])).split('\n');
    expect(added).toEqual(['docs/agents/sac_replay_buffer.md', 'src/rl/sac/sac_replay.py', 'tests/rl/sac/test_sac_replay.py']);
    expect(await git(built['trade-agent'], ['diff', '--name-only', '--diff-filter=D', 'v0.1.0', 'v0.2.0'])).toBe('');
  });

  it('changes modes both ways', async () => {
    const repository = built['trade-agent'];
    const of = async (path: string) => [await modes(repository, 'v0.1.0', path), await modes(repository, 'v0.2.0', path)];
    expect(await of('src/rl/sac/sac_agent.py')).toEqual(['100644', '100755']);
    expect(await of('scripts/train_sac.py')).toEqual(['100755', '100644']);
    expect(await of('deploy/deploy.sh')).toEqual(['100755', '100755']);
  });

  it('keeps the integrity check the same, because it runs beside code of either release', async () => {
    const changed = await git(built['trade-agent'], ['diff', '--name-only', 'v0.1.0', 'v0.2.0', '--', 'scripts']);
    expect(changed).not.toContain('validate_data_integrity');
  });
});

describe('agentrader', () => {
  it('ignores in both releases what lives on the instance only', async () => {
    for (const release of ['v0.1.0', 'v0.2.0']) {
      const ignored = await git(built.agentrader, ['show', `${release}:.gitignore`]);
      expect(ignored.split('\n')).toEqual(expect.arrayContaining(['.env', 'logs/*']));
      expect(await files(built.agentrader, release, 'logs')).toEqual(['logs/.gitkeep']);
    }
  });

  it('has a Dockerfile whose default version lies in v0.1.0', async () => {
    expect(await git(built.agentrader, ['show', 'v0.1.0:docker/Dockerfile'])).toContain('ARG VERSION="v0.2.0"');
  });
});
