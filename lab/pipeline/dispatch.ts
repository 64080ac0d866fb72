import type { Fault } from './faults.ts';
import { failure, type Reply } from './reply.ts';
import type { Runs } from './run.ts';
import { findRef, readWorkflow, titleOf, type Workflow } from './workflow.ts';

/** What a dispatch needs of the server. */
export interface Dispatching {
  readonly runs: Runs;
  /** Where the API answers, for the URLs in replies. */
  readonly apiUrl: string;
  /** False for an older Enterprise Server, which refuses `return_run_details`. */
  readonly knowsRunDetails: boolean;
  /** `X-GitHub-Api-Version` of the request. */
  readonly apiVersion: string;
  takeFault(): Fault | undefined;
}

/** From this version on, a dispatch always answers with the run; before, only when `return_run_details` asks for it. */
const ALWAYS_DETAILS = '2026-03-10';

/**
 * POST …/actions/workflows/{file}/dispatches, after GitHub's REST reference ("Create a workflow dispatch event"): 204, or
 * 200 with the run's id and URLs; 404 for a workflow that the default branch lacks; 422 for a ref or inputs that do not fit.
 */
export async function dispatch(to: Dispatching, slug: string, bare: string, file: string, body: Record<string, unknown> | undefined): Promise<Reply> {
  const fault = to.takeFault();
  if (fault === 'server-error') return failure(502, 'Server Error');
  if (fault === 'rate-limit') return failure(429, 'You have exceeded a secondary rate limit.', { 'retry-after': '1' });
  if (!body) return failure(400, 'Problems parsing JSON');
  const unknown = Object.keys(body).filter((key) => !known(to).includes(key));
  if (unknown.length > 0) return failure(400, `Invalid request.\n\n"${unknown[0]}" is not a permitted key.`);
  if (!(await readWorkflow(bare, 'HEAD', file))) return failure(404, 'Not Found');
  if (typeof body.ref !== 'string') return failure(422, 'Invalid request.\n\n"ref" wasn\'t supplied.');
  const ref = await findRef(bare, body.ref);
  if (!ref) return failure(422, `No ref found for: ${body.ref}`);
  const workflow = await readWorkflow(bare, ref.sha, file);
  if (!workflow?.dispatchable) return failure(422, "Workflow does not have 'workflow_dispatch' trigger");
  const inputs = inputsOf(workflow, body.inputs ?? {});
  if (typeof inputs === 'string') return failure(422, inputs);
  const path = `.github/workflows/${file}`;
  const request = { repository: slug, path, name: workflow.name, title: titleOf(workflow, ref.name, inputs), ref: ref.name, sha: ref.sha, inputs };
  const run = to.runs.start(request, fault === 'fail-run');
  if (fault === 'lose-reply') return { status: 0, lost: true };
  if (body.return_run_details !== true && to.apiVersion < ALWAYS_DETAILS) return { status: 204 };
  const url = `${to.apiUrl}/repos/${slug}/actions/runs/${run.id}`;
  return { status: 200, json: { workflow_run_id: run.id, run_url: url, html_url: `${to.apiUrl}/${slug}/actions/runs/${run.id}` } };
}

const known = (to: Dispatching): string[] => ['ref', 'inputs', ...(to.knowsRunDetails ? ['return_run_details'] : [])];

/** The inputs with defaults filled in, or what is wrong with them. */
function inputsOf(workflow: Workflow, given: unknown): Record<string, string> | string {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'Invalid value for inputs';
  const values = new Map(Object.entries(given).map(([name, value]) => [name, String(value)]));
  const unexpected = [...values.keys()].filter((name) => !workflow.inputs.has(name));
  if (unexpected.length > 0) return `Unexpected inputs provided: ${JSON.stringify(unexpected)}`;
  for (const [name, input] of workflow.inputs) {
    if (!values.has(name) && input.default !== undefined) values.set(name, input.default);
    if (!values.has(name) && input.required) return `Required input '${name}' not provided`;
  }
  return Object.fromEntries(values);
}
