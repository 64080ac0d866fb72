import { type Dispatching, dispatch } from './dispatch.ts';
import { jobsJson, listed, runJson } from './listing.ts';
import { failure, type Reply } from './reply.ts';
import type { Run } from './run.ts';
import { readWorkflow } from './workflow.ts';
import { zipOf } from './zip.ts';

/** A request for the GitHub part, its path already known to begin with /repos/{owner}/{repo}/actions/. */
export interface GithubRequest {
  readonly method: string;
  /** What follows `/actions/`, split at `/`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown> | undefined;
  /** `owner/name`. */
  readonly slug: string;
  /** The bare repository. */
  readonly bare: string;
}

/** Answers one request of GitHub's Actions REST, as far as dispatching and following runs needs it; 404 for all else. */
export async function github(request: GithubRequest, to: Dispatching): Promise<Reply> {
  const [area, name = '', what] = request.path;
  if (area === 'workflows') return workflows(request, to, name, what);
  const run = to.runs.find(Number(name));
  if (!run || run.repository !== request.slug) return failure(404, 'Not Found');
  const repo = `${to.apiUrl}/repos/${request.slug}`;
  if (request.method === 'POST') return area === 'runs' && what === 'cancel' ? cancel(run) : failure(404, 'Not Found');
  if (area === 'runs' && what === undefined) return { status: 200, json: runJson(run, repo) };
  if (area === 'runs' && what === 'jobs') return { status: 200, json: jobsJson(run, repo) };
  if ((area === 'runs' || area === 'jobs') && what === 'logs') return logs(run, area, to.apiUrl);
  return failure(404, 'Not Found');
}

async function workflows(request: GithubRequest, to: Dispatching, file: string, what: string | undefined): Promise<Reply> {
  if (request.method === 'POST' && what === 'dispatches') return dispatch(to, request.slug, request.bare, file, request.body);
  const workflow = request.method === 'GET' ? await readWorkflow(request.bare, 'HEAD', file) : undefined;
  const path = `.github/workflows/${file}`;
  if (!workflow) return failure(404, 'Not Found');
  if (what === undefined) return { status: 200, json: { name: workflow.name, path, state: 'active' } };
  if (what !== 'runs') return failure(404, 'Not Found');
  const found = to.runs.all.filter((run) => run.repository === request.slug && run.path === path && listed(run, request.query)).reverse();
  const size = Math.min(100, Number(request.query.get('per_page') ?? 30) || 30);
  const start = (Math.max(1, Number(request.query.get('page') ?? 1) || 1) - 1) * size;
  const page = found.slice(start, start + size).map((run) => runJson(run, `${to.apiUrl}/repos/${request.slug}`));
  return { status: 200, json: { total_count: found.length, workflow_runs: page } };
}

function cancel(run: Run): Reply {
  if (run.status === 'completed') return failure(409, 'Cannot cancel a workflow run that is completed.');
  run.cancel();
  return { status: 202, json: {} };
}

/** Logs are fetched elsewhere, without the token: GitHub redirects to an address that is good for a minute. */
function logs(run: Run, area: string, apiUrl: string): Reply {
  if (run.status !== 'completed') return failure(404, 'Not Found');
  return { status: 302, headers: { location: `${apiUrl}/logs/${area}/${run.id}` } };
}

/** What the redirect of a log leads to: a zip for a run, text for a job. */
export function logContent(area: string, run: Run | undefined): Reply {
  if (!run) return failure(404, 'Not Found');
  return area === 'runs' ? { status: 200, bytes: zipOf('0_deploy.txt', Buffer.from(run.log)) } : { status: 200, text: run.log };
}
