import { z } from 'zod';
import { PipelineError, type PipelineService } from '../domain/pipeline.ts';
import type { PipelineOrder } from '../domain/step.ts';
import { ask } from './http.ts';

type Order = Extract<PipelineOrder, { via: 'github' }>;

const dispatched = z.object({ workflow_run_id: z.number(), html_url: z.string() });
const run = z.object({
  id: z.number(),
  html_url: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  created_at: z.string(),
  display_title: z.string().default(''),
});
const runList = z.object({ workflow_runs: z.array(run) });
const jobList = z.object({ jobs: z.array(z.object({ id: z.number(), name: z.string(), conclusion: z.string().nullable() })) });

/** Slack of clocks between us and the service, in milliseconds. */
const clockSlackMs = 5000;

/** A run may be listed a moment after it was started: so often, and so far apart in milliseconds, it is looked for. */
const looks = 10;
const lookAgainMs = 1000;

const mayBeOurs = (urls: readonly string[]): PipelineError =>
  new PipelineError(
    `the bot did not hear whether it started the workflow; a run that may be ours exists: ${urls.join(' ')}`,
    'Look at that run. Retry starts a new one.',
    { isUncertain: true },
  );

/** The end of a key: `….11.2@prod-1.1`. A run whose name shows such a one, but not ours, is another step's. */
const anyKey = /\S+@\S+\.\d+(\s|$)/;

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data } = schema.safeParse(body);
  if (data === undefined)
    throw new PipelineError('GitHub answered with something else than its API says', 'Check GITHUB_API_URL, and that no proxy answers in its place.');
  return data;
}

function neverNamed(): never {
  throw new PipelineError(
    'the workflow was started, but its run was not named in the answer',
    'Look at the Actions page of the repository; Retry starts it again.',
    { isUncertain: true },
  );
}

/** GitHub Actions: workflow dispatch, then its run. `secret` gives the token's value by name. */
export function github(apiUrl: string, secret: (name: string) => string | undefined): PipelineService {
  const base = (order: Order): string => `${apiUrl}/repos/${order.repository}/actions`;
  const workflow = (order: Order): string => `${base(order)}/workflows/${encodeURIComponent(order.workflow)}`;
  const headers = (order: Order): Record<string, string> => {
    const token = secret(order.secret);
    if (!token)
      throw new PipelineError(`the secret ${order.secret} is not set`, `Set ${order.secret} (or ${order.secret}_FILE) in the bot's environment.`);
    return { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
  };
  const runsSince = async (order: Order, sinceMs: number): Promise<z.infer<typeof run>[]> => {
    const created = encodeURIComponent(`>=${new Date(sinceMs - clockSlackMs).toISOString().replace(/\.\d+Z$/, 'Z')}`);
    const { body } = await ask('GET', `${workflow(order)}/runs?event=workflow_dispatch&created=${created}&per_page=100`, headers(order));
    return read(runList, body).workflow_runs;
  };

  /** The logs of the jobs that failed, or why they cannot be read: the run's end is known without them. */
  const failedLogs = async (order: Order, ref: string): Promise<string> => {
    try {
      const { body } = await ask('GET', `${base(order)}/runs/${encodeURIComponent(ref)}/jobs?per_page=100`, headers(order));
      const failed = jobList
        .parse(body)
        .jobs.filter(({ conclusion }) => conclusion === 'failure')
        .slice(0, 3);
      const logs = failed.map(async ({ id, name }) => `${name}:\n${(await ask('GET', `${base(order)}/jobs/${id}/logs`, headers(order))).text}\n`);
      return (await Promise.all(logs)).join('');
    } catch (error) {
      return `its log cannot be read: ${(error as Error).message}\n`;
    }
  };

  /** Asks for the run's name in the answer; an Enterprise Server that does not know the question refuses it before it starts anything. */
  const dispatch = async (order: Order, body: object): Promise<unknown> => {
    const post = async (asked: object) => (await ask('POST', `${workflow(order)}/dispatches`, headers(order), asked)).body;
    try {
      return await post({ ...body, return_run_details: true });
    } catch (error) {
      if (!(error instanceof PipelineError) || error.isUncertain || !error.message.includes('return_run_details')) throw error;
      return post(body);
    }
  };

  const find: PipelineService['find'] = async (order, key, sinceMs) => {
    const github = order as Order;
    for (let look = 1; ; look++) {
      const found = await runsSince(github, sinceMs);
      const ours = github.keyInput === undefined ? undefined : found.find(({ display_title }) => display_title.split(/\s+/).includes(key));
      if (ours) return { ref: String(ours.id), url: ours.html_url };
      const nameless = found.filter(({ display_title }) => !anyKey.test(display_title));
      if (nameless.length > 0) throw mayBeOurs(nameless.map(({ html_url }) => html_url));
      if (look === looks) return undefined;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  };

  return {
    async trigger(order, key) {
      const github = order as Order;
      const inputs = github.keyInput === undefined ? github.inputs : { ...github.inputs, [github.keyInput]: key };
      const startedAt = Date.now();
      const answer = dispatched.safeParse(await dispatch(github, { ref: github.ref, inputs }));
      if (!answer.success) return (await find(order, key, startedAt)) ?? neverNamed();
      return { ref: String(answer.data.workflow_run_id), url: answer.data.html_url };
    },
    find,
    async status(order, ref) {
      const github = order as Order;
      const { body } = await ask('GET', `${base(github)}/runs/${encodeURIComponent(ref)}`, headers(github));
      const now = read(run, body);
      if (now.status !== 'completed') return { kind: 'running' };
      const ok = now.conclusion === 'success';
      const log = ok ? '' : await failedLogs(github, ref);
      return { kind: 'ended', ok, why: `workflow run ${ref}: ${now.conclusion}`, log: `${log}${now.html_url}\n${now.conclusion}` };
    },
    async cancel(order, ref) {
      const github = order as Order;
      try {
        await ask('POST', `${base(github)}/runs/${encodeURIComponent(ref)}/cancel`, headers(github));
      } catch (error) {
        if (!(error instanceof PipelineError) || !error.message.includes('refused with 409')) throw error; // 409: it has ended already
      }
    },
  };
}
