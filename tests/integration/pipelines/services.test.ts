import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Deploy } from '../../../lab/pipeline/run.ts';
import { type Pipeline, startPipeline } from '../../../lab/pipeline/server.ts';
import { buildRepositories } from '../../../lab/samples/repositories.ts';
import { PipelineError, type PipelineRef, type PipelineService, type PipelineStatus } from '../../../src/domain/pipeline.ts';
import type { PipelineOrder } from '../../../src/domain/step.ts';
import { byUrl } from '../../../src/pipelines/by-url.ts';
import { github } from '../../../src/pipelines/github.ts';

const token = 'ghp_lab_of_this_test';
const key = 'sac-1.11.2@prod-1.1';
const deployed = vi.fn<Deploy>();
let dir: string;
let bare: string;
let pipeline: Pipeline;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pipelines-test-'));
  bare = (await buildRepositories(dir))['trade-agent'];
});
afterAll(() => rm(dir, { recursive: true, force: true }));

beforeEach(async () => {
  deployed.mockReset().mockResolvedValue({ ok: true, log: 'deployed v0.1.0\n' });
  pipeline = await startPipeline({ token, repositories: { 'acme/trade-agent': bare }, deploy: deployed });
});
afterEach(() => pipeline.stop());

const secret = (name: string): string | undefined => (name === 'GITHUB_TOKEN' ? token : undefined);

type Github = Extract<PipelineOrder, { via: 'github' }>;
const onGithub = (more: Partial<Github> = {}): Github => ({
  via: 'github',
  repository: 'acme/trade-agent',
  workflow: 'deploy.yml',
  ref: 'v0.1.0',
  inputs: { host: 'prod-1' },
  secret: 'GITHUB_TOKEN',
  ...more,
});
const atUrl = (more: object = {}): PipelineOrder => ({
  via: 'url',
  url: `${pipeline.url}/hooks/deploy`,
  body: { ref: 'v0.1.0', host: 'prod-1' },
  secret: 'GITHUB_TOKEN',
  ...more,
});

/** The run's end, followed as the poll job follows it. */
async function ended(service: PipelineService, order: PipelineOrder, { ref }: PipelineRef): Promise<Extract<PipelineStatus, { kind: 'ended' }>> {
  return vi.waitFor(async () => {
    const status = await service.status(order, ref);
    if (status.kind !== 'ended') throw new Error('it is running');
    return status;
  });
}

const failure = async (work: Promise<unknown>): Promise<PipelineError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PipelineError);
  return error as PipelineError;
};

describe.each([
  ['GitHub, its key in the name of the run', () => github(pipeline.url, secret), () => onGithub({ keyInput: 'request' })],
  ['any service by URL', () => byUrl(secret), () => atUrl()],
])('%s', (_name, open, order) => {
  it('starts a run, follows it, and tells its end', async () => {
    let finish = (): void => undefined;
    deployed.mockReturnValue(
      new Promise((resolve) => {
        finish = () => resolve({ ok: true, log: 'done\n' });
      }),
    );
    const run = await open().trigger(order(), key);
    expect(await open().status(order(), run.ref)).toEqual({ kind: 'running' });
    finish();
    expect(await ended(open(), order(), run)).toMatchObject({ ok: true });
    expect(deployed.mock.calls.map(([inputs, ref]) => [inputs.host, ref])).toEqual([['prod-1', 'v0.1.0']]);
  });

  it('a lost reply is uncertain; the run is found again by its key, and was started once', async () => {
    pipeline.faults.push('lose-reply');
    const since = Date.now();
    expect((await failure(open().trigger(order(), key))).isUncertain).toBe(true);
    const found = await open().find(order(), key, since);
    expect(found && (await ended(open(), order(), found))).toMatchObject({ ok: true });
    expect(pipeline.runs).toHaveLength(1);
  });

  it('an error of the server is uncertain, and started nothing', async () => {
    pipeline.faults.push('server-error');
    const error = await failure(open().trigger(order(), key));
    expect([error.isUncertain, error.message]).toEqual([true, expect.stringContaining('502')]);
    expect(pipeline.runs).toHaveLength(0);
  });

  it('too many requests are refused for sure: nothing was started', async () => {
    pipeline.faults.push('rate-limit');
    expect((await failure(open().trigger(order(), key))).isUncertain).toBe(false);
    expect(pipeline.runs).toHaveLength(0);
  });

  it('a run that fails tells its last lines', async () => {
    pipeline.faults.push('fail-run');
    const run = await open().trigger(order(), key);
    const status = await ended(open(), order(), run);
    expect(status.ok).toBe(false);
    expect(status.log).toContain('Error: the runner lost its connection to the host');
  });

  it('a wrong token is refused in words that name what to mend, never the token', async () => {
    const wrong = 'ghp_something_else';
    const service = order().via === 'url' ? byUrl(() => wrong) : github(pipeline.url, () => wrong);
    const error = await failure(service.trigger(order(), key));
    expect([error.isUncertain, error.advice]).toEqual([false, expect.stringContaining('token')]);
    expect(`${error.message} ${error.advice}`).not.toContain(wrong);
  });

  it('a secret that is not set is named before anything is sent', async () => {
    const service = order().via === 'url' ? byUrl(() => undefined) : github(pipeline.url, () => undefined);
    const error = await failure(service.trigger(order(), key));
    expect(error.message).toContain('GITHUB_TOKEN');
    expect(error.advice).toContain('GITHUB_TOKEN_FILE');
  });

  it('a service that is gone: a start is uncertain, a look is not', async () => {
    const run = await open().trigger(order(), key);
    const asked = order();
    const service = open();
    await pipeline.stop();
    expect((await failure(service.trigger(asked, key))).isUncertain).toBe(true);
    expect((await failure(service.status(asked, run.ref))).isUncertain).toBe(false);
    pipeline = await startPipeline({ token, repositories: {}, deploy: deployed });
  });
});

describe('GitHub alone', () => {
  it('without a key in the name of the run, a run that may be ours is named and none is started', async () => {
    pipeline.faults.push('lose-reply');
    const service = github(pipeline.url, secret);
    const since = Date.now();
    await failure(service.trigger(onGithub(), key));
    const error = await failure(service.find(onGithub(), key, since));
    expect([error.isUncertain, error.message]).toEqual([true, expect.stringContaining(`actions/runs/${pipeline.runs[0]?.id}`)]);
    expect(pipeline.runs).toHaveLength(1);
  });

  it('finds nothing where nothing was started, and not the run of another key', async () => {
    const service = github(pipeline.url, secret);
    const order = onGithub({ keyInput: 'request' });
    await service.trigger(order, `${key}0`);
    expect(await service.find(order, key, Date.now() - 1000)).toBeUndefined();
  });

  it.each([
    ['an unknown workflow', onGithub({ workflow: 'gone.yml' }), 'workflow'],
    ['an unknown repository', onGithub({ repository: 'acme/gone' }), 'repository'],
    ['an unknown ref', onGithub({ ref: 'v9.9.9' }), 'ref'],
    ['an input that the workflow does not have', onGithub({ inputs: { server: 'prod-1' } }), 'inputs'],
  ])('%s is refused with what to mend', async (_what, order, word) => {
    const error = await failure(github(pipeline.url, secret).trigger(order, key));
    expect([error.isUncertain, error.advice]).toEqual([false, expect.stringContaining(word)]);
    expect(pipeline.runs).toHaveLength(0);
  });

  it('an older Enterprise Server, which does not name runs: the run is found by its key, and started once', async () => {
    await pipeline.stop();
    pipeline = await startPipeline({ token, repositories: { 'acme/trade-agent': bare }, deploy: deployed, knowsRunDetails: false });
    const service = github(pipeline.url, secret);
    const order = onGithub({ keyInput: 'request' });
    expect(await ended(service, order, await service.trigger(order, key))).toMatchObject({ ok: true });
    expect(pipeline.runs.map(({ inputs }) => inputs.request)).toEqual([key]);
  });
});

describe('by URL alone', () => {
  it('an answer that points to another machine does not get the secret', async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"status": "succeeded"}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const service = byUrl(secret);
    expect(await service.status(atUrl(), `http://127.0.0.1:${port}/status`)).toMatchObject({ ok: true });
    expect(await service.status(atUrl({ url: `http://127.0.0.1:${port}/start` }), `http://127.0.0.1:${port}/status`)).toMatchObject({ ok: true });
    other.close();
    expect(seen).toEqual([undefined, `Bearer ${token}`]);
  });

  it('the same key again is the same run', async () => {
    const service = byUrl(secret);
    const first = await service.trigger(atUrl(), key);
    expect(await service.trigger(atUrl(), key)).toEqual(first);
    expect(pipeline.runs).toHaveLength(1);
  });
});
