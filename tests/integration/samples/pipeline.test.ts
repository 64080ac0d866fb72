import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Deployed } from '../../../lab/pipeline/run.ts';
import { type Pipeline, startPipeline } from '../../../lab/pipeline/server.ts';
import { git } from '../../../lab/samples/git.ts';
import { buildRepositories } from '../../../lab/samples/repositories.ts';

const token = 'ghp_lab';
const base = '/repos/acme/trade-agent/actions';
const dispatches = `${base}/workflows/deploy.yml/dispatches`;
const deployed = vi.fn<(inputs: Readonly<Record<string, string>>, ref: string, signal: AbortSignal) => Promise<Deployed>>();
let dir: string;
let bare: string;
let pipeline: Pipeline;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pipeline-test-'));
  bare = (await buildRepositories(dir))['trade-agent'];
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (knowsRunDetails = true) => startPipeline({ token, repositories: { 'acme/trade-agent': bare }, deploy: deployed, knowsRunDetails });

beforeEach(async () => {
  deployed.mockReset().mockResolvedValue({ ok: true, log: 'deployed v0.1.0\n' });
  pipeline = await start();
});
afterEach(() => pipeline.stop());

interface Asked {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const ask = (path: string, { body, headers }: Asked = {}) =>
  fetch(path.startsWith('http') ? path : `${pipeline.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const json = async (path: string, asked?: Asked) => (await (await ask(path, asked)).json()) as Record<string, unknown>;
const order = { ref: 'v0.1.0', inputs: { host: 'prod-1' } };
const trigger = async (more: object = {}) => json(dispatches, { body: { ...order, return_run_details: true, ...more } });

describe('dispatch', () => {
  it('answers 204 and starts one run with the inputs', async () => {
    const answer = await ask(dispatches, { body: order });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(Number(answer.headers.get('x-ratelimit-remaining'))).toBeLessThan(5000);
    await pipeline.runs[0]?.ended;
    expect(deployed).toHaveBeenCalledOnce();
    expect(deployed.mock.calls[0]?.slice(0, 2)).toEqual([{ host: 'prod-1' }, 'v0.1.0']);
  });

  it('answers the run when asked to, and always from API version 2026-03-10 on', async () => {
    const details = await trigger();
    expect(details).toEqual({ workflow_run_id: expect.any(Number), run_url: expect.any(String), html_url: expect.any(String) });
    expect((await json(String(details.run_url))).id).toBe(details.workflow_run_id);
    const newer = await ask(dispatches, { body: order, headers: { 'x-github-api-version': '2026-03-10' } });
    expect(newer.status).toBe(200);
    expect(pipeline.runs).toHaveLength(2);
  });

  it('refuses return_run_details as an older Enterprise Server does, and starts nothing', async () => {
    await pipeline.stop();
    pipeline = await start(false);
    expect((await ask(dispatches, { body: { ...order, return_run_details: true } })).status).toBe(400);
    expect(pipeline.runs).toHaveLength(0);
    expect((await ask(dispatches, { body: order })).status).toBe(204);
  });

  it.each([
    ['a wrong token', dispatches, { body: order, headers: { authorization: 'Bearer wrong' } }, 401, 'Bad credentials'],
    ['an unknown workflow', `${base}/workflows/other.yml/dispatches`, { body: order }, 404, 'Not Found'],
    ['an unknown repository', dispatches.replace('acme', 'other'), { body: order }, 404, 'Not Found'],
    ['an unknown ref', dispatches, { body: { ...order, ref: 'v9.9.9' } }, 422, 'No ref found for: v9.9.9'],
    ['a hostile ref', dispatches, { body: { ...order, ref: '--upload-pack=x' } }, 422, 'No ref found for: --upload-pack=x'],
    ['a missing input', dispatches, { body: { ref: 'v0.1.0' } }, 422, "Required input 'host' not provided"],
    ['an unknown input', dispatches, { body: { ...order, inputs: { host: 'a', x: 'y' } } }, 422, 'Unexpected inputs provided: ["x"]'],
  ])('refuses %s', async (_, path, asked, status, message) => {
    const answer = await ask(path, asked);
    expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([status, message]);
    expect(pipeline.runs).toHaveLength(0);
  });

  it('refuses a commit id, as GitHub does', async () => {
    const sha = await git(bare, ['rev-parse', 'v0.1.0^{commit}']);
    expect((await ask(dispatches, { body: { ...order, ref: sha } })).status).toBe(422);
  });
});

describe('runs', () => {
  it('go from queued or running to completed, with jobs and logs', async () => {
    let finish: (deployed: Deployed) => void = () => {};
    deployed.mockReturnValue(
      new Promise((resolve) => {
        finish = resolve;
      }),
    );
    const url = String((await trigger()).run_url);
    await vi.waitFor(async () => expect(await json(url)).toMatchObject({ status: 'in_progress', conclusion: null, head_branch: 'v0.1.0' }));
    expect((await ask(`${url}/logs`)).status).toBe(404);
    finish({ ok: true, log: 'all is well\n' });
    await vi.waitFor(async () => expect(await json(url)).toMatchObject({ status: 'completed', conclusion: 'success' }));
    const jobs = (await json(`${url}/jobs`)).jobs as { url: string; conclusion: string }[];
    expect(jobs).toMatchObject([{ name: 'deploy', conclusion: 'success', steps: [{ name: 'Deploy' }] }]);
    const redirect = await ask(`${jobs[0]?.url}/logs`);
    expect(redirect.status).toBe(302);
    expect(await (await fetch(redirect.headers.get('location') ?? '')).text()).toBe('all is well\n');
  });

  it('hand out their logs as a zip that can be read', async () => {
    const url = String((await trigger()).run_url);
    await pipeline.runs[0]?.ended;
    const zip = Buffer.from(await (await fetch((await ask(`${url}/logs`)).headers.get('location') ?? '')).arrayBuffer());
    const [method, size, name] = [zip.readUInt16LE(8), zip.readUInt32LE(18), zip.readUInt16LE(26)];
    const content = zip.subarray(30 + name, 30 + name + size);
    expect((method === 0 ? content : inflateRawSync(content)).toString()).toBe('deployed v0.1.0\n');
  });

  it('are listed newest first and found by event, branch, status and time', async () => {
    await trigger({ inputs: { host: 'prod-1', request: 'sac-42' } });
    await trigger({ ref: 'v0.2.0' });
    await Promise.all(pipeline.runs.map((run) => run.ended));
    const list = async (query: string) => (await json(`${base}/workflows/deploy.yml/runs?${query}`)).workflow_runs as { display_title: string }[];
    const titles = async (query: string) => (await list(query)).map((run) => run.display_title);
    expect(await titles('event=workflow_dispatch')).toEqual(['Deploy v0.2.0 to prod-1', 'Deploy v0.1.0 to prod-1 sac-42']);
    expect(await titles('branch=v0.1.0&status=success')).toEqual(['Deploy v0.1.0 to prod-1 sac-42']);
    expect(await titles('event=push')).toEqual([]);
    const now = new Date().toISOString();
    expect(await titles(`created=${encodeURIComponent(`>=${now.slice(0, 10)}`)}`)).toHaveLength(2);
    expect(await titles('created=%3E2999-01-01')).toEqual([]);
    expect(await titles('created=*..2000-01-01')).toEqual([]);
    expect(await titles('per_page=1&page=2')).toEqual(['Deploy v0.1.0 to prod-1 sac-42']);
  });

  it('fail when the deployment fails or throws', async () => {
    deployed.mockResolvedValueOnce({ ok: false, log: 'no' }).mockRejectedValueOnce(new Error('no runner'));
    await trigger();
    await trigger();
    await Promise.all(pipeline.runs.map((run) => run.ended));
    expect(pipeline.runs.map(({ conclusion, log }) => [conclusion, log])).toEqual([
      ['failure', 'no'],
      ['failure', 'Error: no runner'],
    ]);
  });

  it('can be cancelled once', async () => {
    deployed.mockImplementation(
      (_inputs, _ref, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ok: false, log: 'stopped' }))),
    );
    const url = String((await trigger()).run_url);
    await vi.waitFor(() => expect(deployed).toHaveBeenCalled());
    expect((await ask(`${url}/cancel`, { body: {} })).status).toBe(202);
    await pipeline.runs[0]?.ended;
    expect(await json(url)).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    expect((await ask(`${url}/cancel`, { body: {} })).status).toBe(409);
  });
});

describe('faults', () => {
  it('loses the reply of a run that it did start', async () => {
    pipeline.faults.push('lose-reply');
    await expect(ask(dispatches, { body: order })).rejects.toThrow();
    expect(pipeline.runs).toHaveLength(1);
    await pipeline.runs[0]?.ended;
    expect(deployed).toHaveBeenCalledOnce();
  });

  it('answers 502 or 429 once and starts nothing', async () => {
    pipeline.faults.push('server-error', 'rate-limit');
    expect((await ask(dispatches, { body: order })).status).toBe(502);
    const limited = await ask(dispatches, { body: order });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
    expect(pipeline.runs).toHaveLength(0);
    expect((await ask(dispatches, { body: order })).status).toBe(204);
  });

  it('fails a run without deploying', async () => {
    pipeline.faults.push('fail-run');
    await trigger();
    await pipeline.runs[0]?.ended;
    expect(pipeline.runs[0]?.conclusion).toBe('failure');
    expect(deployed).not.toHaveBeenCalled();
  });
});

describe('deployment by URL', () => {
  const hook = (key: string | undefined, body: unknown = order) => ask('/hooks/deploy', { body, headers: key ? { 'idempotency-key': key } : {} });

  it('starts once for one key and can be followed', async () => {
    pipeline.faults.push('lose-reply');
    await expect(hook('sac-42.11.2')).rejects.toThrow();
    const first = await hook('sac-42.11.2');
    const { status_url } = (await first.json()) as { status_url: string };
    expect(first.status).toBe(202);
    expect(await (await hook('sac-42.11.2')).json()).toEqual({ status_url });
    await vi.waitFor(async () => expect(await json(status_url)).toEqual({ status: 'succeeded', log: 'deployed v0.1.0\n' }));
    expect(deployed).toHaveBeenCalledOnce();
  });

  it('refuses a missing key, a key used for something else, and a missing ref', async () => {
    expect((await hook(undefined)).status).toBe(400);
    expect((await hook('k')).status).toBe(202);
    expect((await hook('k', { ...order, ref: 'v0.2.0' })).status).toBe(422);
    expect((await hook('l', {})).status).toBe(422);
    expect(pipeline.runs).toHaveLength(1);
  });

  it('says failed when the deployment fails', async () => {
    deployed.mockResolvedValue({ ok: false, log: 'disk full' });
    const { status_url } = (await (await hook('m')).json()) as { status_url: string };
    await vi.waitFor(async () => expect(await json(status_url)).toEqual({ status: 'failed', log: 'disk full' }));
  });
});
