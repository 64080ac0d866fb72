import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dispatching } from './dispatch.ts';
import type { Fault } from './faults.ts';
import { github, logContent } from './github.ts';
import { Hook } from './hook.ts';
import { failure, jsonBody, type Reply, send } from './reply.ts';
import { type Deploy, type Run, Runs } from './run.ts';

export type { Fault } from './faults.ts';
export type { Deploy, Deployed, Run } from './run.ts';

export interface PipelineOptions {
  /** 127.0.0.1:port; a free one by default. */
  readonly port?: number;
  /** The bearer token that requests must carry. */
  readonly token: string;
  /** `owner/name` → path of the bare repository. */
  readonly repositories: Readonly<Record<string, string>>;
  readonly deploy: Deploy;
  /** False behaves as an older Enterprise Server: `return_run_details` is refused with 400. */
  readonly knowsRunDetails?: boolean;
}

export interface Pipeline {
  /** The API's address, without a slash at the end: what https://api.github.com is to GitHub. */
  readonly url: string;
  /** Every run that was started, oldest first: its length is the number of dispatches that had an effect. */
  readonly runs: readonly Run[];
  /** What goes wrong with the next dispatches, one each, in this order. Push to it. */
  readonly faults: Fault[];
  /** Cancels running deployments, waits for them, and closes the server. */
  stop(): Promise<void>;
}

const LIMIT = 5000;

/** Starts a local server that speaks GitHub's REST for workflow dispatch, and a plain deployment by URL; runs really deploy. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const runs = new Runs(options.deploy);
  const hook = new Hook(runs);
  const faults: Fault[] = [];
  let url = '';
  let used = 0;
  const server = createServer((request, response) => {
    used = Math.min(LIMIT, used + 1);
    const headers = rateHeaders(used);
    answer(request, { options, runs, hook, faults, url }).then(
      (reply) => send(response, reply, headers),
      (error: Error) => send(response, failure(500, error.message), headers),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return {
    url,
    runs: runs.all,
    faults,
    stop: async () => {
      await runs.stop();
      server.closeAllConnections();
      await close();
    },
  };
}

interface Served {
  readonly options: PipelineOptions;
  readonly runs: Runs;
  readonly hook: Hook;
  readonly faults: Fault[];
  readonly url: string;
}

async function answer(request: IncomingMessage, served: Served): Promise<Reply> {
  const { pathname, searchParams } = new URL(request.url ?? '/', served.url);
  const [first, ...rest] = pathname.slice(1).split('/');
  const method = request.method ?? 'GET';
  if (first === 'logs') return logContent(rest[0] ?? '', served.runs.find(Number(rest[1])));
  if (!allowed(request, served.options.token)) return failure(401, 'Bad credentials');
  const body = method === 'POST' ? await jsonBody(request) : undefined;
  if (first === 'hooks' && rest[0] === 'deploy') return byUrl(request, served, method, rest[1], body);
  const [owner = '', name = '', actions, ...path] = rest;
  const slug = Object.keys(served.options.repositories).find((known) => known.toLowerCase() === `${owner}/${name}`.toLowerCase());
  const bare = slug === undefined ? undefined : served.options.repositories[slug];
  if (first !== 'repos' || actions !== 'actions' || slug === undefined || bare === undefined) return failure(404, 'Not Found');
  return github({ method, path, query: searchParams, body, slug, bare }, dispatching(request, served));
}

function byUrl(request: IncomingMessage, served: Served, method: string, id: string | undefined, body: Record<string, unknown> | undefined): Reply {
  if (method === 'GET' && id !== undefined) return served.hook.status(Number(id));
  if (method !== 'POST' || id !== undefined) return failure(404, 'Not Found');
  const key = request.headers['idempotency-key'];
  return served.hook.post(typeof key === 'string' ? key : undefined, body, served.url, served.faults.shift());
}

const dispatching = (request: IncomingMessage, { runs, url, options, faults }: Served): Dispatching => ({
  runs,
  apiUrl: url,
  knowsRunDetails: options.knowsRunDetails ?? true,
  apiVersion: String(request.headers['x-github-api-version'] ?? '2022-11-28'),
  takeFault: () => faults.shift(),
});

function allowed(request: IncomingMessage, token: string): boolean {
  const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ');
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return /^(bearer|token)$/i.test(scheme) && a.length === b.length && timingSafeEqual(a, b);
}

function rateHeaders(used: number): Record<string, string> {
  const reset = Math.floor(Date.now() / 3_600_000 + 1) * 3600;
  return {
    'x-ratelimit-limit': String(LIMIT),
    'x-ratelimit-remaining': String(LIMIT - used),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-resource': 'core',
  };
}
