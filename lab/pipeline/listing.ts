import type { Run } from './run.ts';

/** GitHub tells times to the second. */
const stamp = (date: Date | null): string | null => (date ? `${date.toISOString().slice(0, 19)}Z` : null);

/** A run as GitHub's REST shows it; `repo` is the API address of the repository. */
export function runJson(run: Run, repo: string): Record<string, unknown> {
  const url = `${repo}/actions/runs/${run.id}`;
  const updated = run.completedAt ?? run.startedAt ?? run.createdAt;
  return {
    id: run.id,
    name: run.name,
    display_title: run.title,
    head_branch: run.ref,
    head_sha: run.sha,
    path: run.path,
    run_number: run.number,
    run_attempt: 1,
    event: 'workflow_dispatch',
    status: run.status,
    conclusion: run.conclusion,
    url,
    html_url: url.replace('/repos/', '/'),
    created_at: stamp(run.createdAt),
    run_started_at: stamp(run.startedAt ?? run.createdAt),
    updated_at: stamp(updated),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    cancel_url: `${url}/cancel`,
  };
}

/** The one job of a run. */
export function jobsJson(run: Run, repo: string): Record<string, unknown> {
  const { status, conclusion } = run;
  const times = { started_at: stamp(run.startedAt ?? run.createdAt), completed_at: stamp(run.completedAt) };
  const steps = [{ name: 'Deploy', number: 1, status, conclusion, ...times }];
  const url = `${repo}/actions/jobs/${run.id}`;
  return { total_count: 1, jobs: [{ id: run.id, run_id: run.id, name: 'deploy', url, head_sha: run.sha, status, conclusion, ...times, steps }] };
}

/** Whether a run passes the filters of "List workflow runs": event, status, branch, head_sha, created. */
export function listed(run: Run, query: URLSearchParams): boolean {
  const is = (name: string, ...values: (string | null)[]) => !query.get(name) || values.includes(query.get(name));
  return (
    is('event', 'workflow_dispatch') &&
    is('status', run.status, run.conclusion) &&
    is('branch', run.ref) &&
    is('head_sha', run.sha) &&
    within(stamp(run.createdAt) ?? '', query.get('created'))
  );
}

/** GitHub's date syntax: `>=T`, `>T`, `<=T`, `<T`, `T..U` with `*` for open, or a day. */
function within(created: string, text: string | null): boolean {
  if (!text) return true;
  const [from, to] = text.split('..');
  if (to !== undefined) return (from === '*' || created >= second(from ?? '')) && (to === '*' || created <= second(to));
  const value = second(text.replace(/^[<>]=?/, ''));
  if (text.startsWith('>=')) return created >= value;
  if (text.startsWith('<=')) return created <= value;
  if (text.startsWith('>')) return created > value;
  if (text.startsWith('<')) return created < value;
  return created.startsWith(text);
}

/** Any ISO 8601 time, as GitHub would write it. */
const second = (text: string): string => stamp(Number.isNaN(Date.parse(text)) ? null : new Date(text)) ?? text;
