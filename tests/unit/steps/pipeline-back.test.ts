import { describe, expect, it } from 'vitest';
import type { Release } from '../../../src/domain/release.ts';
import type { PipelineWork } from '../../../src/domain/step.ts';
import { pipelineRun } from '../../../src/steps/pipeline-run.ts';
import { whereOf } from '../../integration/steps/planner.ts';

const from: Release = {
  version: 'v0.2.0',
  tag: 'v0.2.0',
  commit: '2'.repeat(40),
  date: '2026-02-02T00:00:00Z',
  subject: 'two',
  packageVersion: '0.2.0',
};
const there = whereOf({ dir: '/srv/app', keep: '/keep', system: { github: { repository: 'acme/trade-agent', token: 'GITHUB_TOKEN' } } });
const where = { ...there, from };
const workOf = (given: unknown, at: typeof there = where) => pipelineRun.plan(pipelineRun.schema.parse(given), [], at).work as PipelineWork;

describe('pipeline.run and its way back', () => {
  it('goes back with the same order on the release that ran before', () => {
    const inputs = { host: 'prod-1', tag: 'v0.1.0', wheel: 'trade_agent-0.1.0-py3.whl', at: '1'.repeat(40), other: '10.1.0 v0.1.0.1 0.1' };
    const work = workOf({ github: 'deploy.yml', inputs, key: 'request' });
    expect([work.from, work.to, work.cannotUndo]).toEqual(['v0.2.0 deployed', 'v0.1.0 deployed', undefined]);
    expect(work.order).toMatchObject({ ref: 'v0.1.0', inputs });
    expect(work.back).toEqual({
      ...work.order,
      ref: 'v0.2.0',
      inputs: { host: 'prod-1', tag: 'v0.2.0', wheel: 'trade_agent-0.2.0-py3.whl', at: '2'.repeat(40), other: '10.1.0 v0.1.0.1 0.1' },
    });
  });

  it('does the same for a service by URL, and keeps a branch as it is', () => {
    expect(workOf({ url: 'https://ci/deploy/v0.1.0?x=1', body: { version: '0.1.0' }, secret: 'CI' }).back).toEqual({
      via: 'url',
      url: 'https://ci/deploy/v0.2.0?x=1',
      body: { version: '0.2.0' },
      secret: 'CI',
    });
    expect(workOf({ github: 'deploy.yml', ref: 'main', inputs: { tag: 'v0.1.0' } }).back).toMatchObject({ ref: 'main', inputs: { tag: 'v0.2.0' } });
  });

  it('says why it cannot go back', () => {
    const { tag: _tag, ...untagged } = from;
    const { packageVersion: _package, ...unpacked } = from;
    const why = (given: unknown, at: typeof there = where) => {
      const { back, cannotUndo } = workOf(given, at);
      expect(back).toBe(undefined);
      return cannotUndo;
    };
    expect(why({ github: 'deploy.yml' }, { ...there, from: untagged })).toBe('the pipeline can only deploy tags: what ran before has none');
    expect(why({ github: 'deploy.yml' }, there)).toContain('is not known');
    expect(why({ github: 'deploy.yml', ref: 'main' })).toContain('not told which release');
    expect(why({ github: 'deploy.yml', inputs: { version: '0.1.0' } }, { ...there, from: unpacked })).toContain('v0.2.0 has not');
    expect(why({ github: 'deploy.yml' }, { ...where, cannotUndo: 'it migrates the database' })).toBe('it migrates the database');
  });

  it('can be repeated where the same release ran before', () => {
    const work = workOf({ github: 'deploy.yml', ref: 'main' }, { ...there, from: there.target });
    expect([work.back, work.from]).toEqual([work.order, work.to]);
  });
});
