import { createHash } from 'node:crypto';
import type { Fault } from './faults.ts';
import { failure, type Reply } from './reply.ts';
import type { Run, Runs } from './run.ts';

interface Known {
  readonly digest: string;
  readonly run: Run;
}

/**
 * A deployment by URL, of no product in particular: POST /hooks/deploy with an Idempotency-Key answers 202 {status_url};
 * the same key again answers the same run, and with another body 422 (after the IETF draft "The Idempotency-Key HTTP Header Field").
 * GET of status_url answers {status: running | succeeded | failed, log}.
 */
export class Hook {
  private readonly runs: Runs;
  private readonly byKey = new Map<string, Known>();

  constructor(runs: Runs) {
    this.runs = runs;
  }

  post(key: string | undefined, body: Record<string, unknown> | undefined, url: string, fault: Fault | undefined): Reply {
    if (fault === 'server-error') return failure(502, 'Server Error');
    if (fault === 'rate-limit') return failure(429, 'Too many requests', { 'retry-after': '1' });
    if (!key) return failure(400, 'Idempotency-Key is missing');
    const { ref, ...rest } = body ?? {};
    if (typeof ref !== 'string' || ref === '') return failure(422, 'ref is missing: the release to deploy, such as v0.1.0');
    const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const known = this.byKey.get(key);
    if (known && known.digest !== digest) return failure(422, 'this Idempotency-Key was used for another request');
    const run = known?.run ?? this.start(ref, rest, fault === 'fail-run');
    this.byKey.set(key, { digest, run });
    if (fault === 'lose-reply') return { status: 0, lost: true };
    return { status: 202, json: { status_url: `${url}/hooks/deploy/${run.id}` } };
  }

  status(id: number): Reply {
    const run = this.runs.find(id);
    if (run?.repository !== 'hook') return failure(404, 'Not Found');
    const status = run.status !== 'completed' ? 'running' : run.conclusion === 'success' ? 'succeeded' : 'failed';
    return { status: 200, json: { status, log: run.log } };
  }

  /** Inputs are the object under `inputs` where there is one, else everything beside `ref`. */
  private start(ref: string, rest: Readonly<Record<string, unknown>>, fails: boolean): Run {
    const given = typeof rest.inputs === 'object' && rest.inputs !== null ? rest.inputs : rest;
    const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
    return this.runs.start({ repository: 'hook', path: '', name: 'deploy', title: `deploy ${ref}`, ref, sha: '', inputs }, fails);
  }
}
