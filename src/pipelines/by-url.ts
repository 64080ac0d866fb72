import { z } from 'zod';
import { PipelineError, type PipelineService } from '../domain/pipeline.ts';
import type { PipelineOrder } from '../domain/step.ts';
import { ask } from './http.ts';

type Order = Extract<PipelineOrder, { via: 'url' }>;

const accepted = z.object({ status_url: z.string() });
const status = z.object({ status: z.enum(['running', 'succeeded', 'failed']), log: z.string().default('') });

/**
 * Any service by URL: POST with an `Idempotency-Key` answers `{ status_url }`; GET there answers `{ status, log }` with
 * status running, succeeded or failed. The key makes a repeated start the same start, so nothing is ever uncertain.
 */
export function byUrl(secret: (name: string) => string | undefined): PipelineService {
  /** The secret is the order's own service's: an answer that points elsewhere does not get it. */
  const headers = (order: Order, to = order.url): Record<string, string> => {
    if (order.secret === undefined || new URL(to).origin !== new URL(order.url).origin) return {};
    const token = secret(order.secret);
    if (!token)
      throw new PipelineError(`the secret ${order.secret} is not set`, `Set ${order.secret} (or ${order.secret}_FILE) in the bot's environment.`);
    return { authorization: `Bearer ${token}` };
  };
  const trigger: PipelineService['trigger'] = async (order, key) => {
    const named = order as Order;
    const { body } = await ask('POST', named.url, { ...headers(named), 'idempotency-key': key }, named.body);
    const answer = accepted.safeParse(body);
    if (!answer.success)
      throw new PipelineError(`${named.url} did not answer with a status_url`, 'The service must answer { "status_url": "…" }.', {
        isUncertain: true,
      });
    const url = new URL(answer.data.status_url, named.url).href;
    return { ref: url, url };
  };
  return {
    trigger,
    find: (order, key) => trigger(order, key),
    async status(order, ref) {
      const { body } = await ask('GET', ref, headers(order as Order, ref));
      const now = status.safeParse(body);
      if (!now.success)
        throw new PipelineError(`${ref} did not answer with a status`, 'The service must answer { "status": "running" | "succeeded" | "failed" }.');
      if (now.data.status === 'running') return { kind: 'running' };
      return { kind: 'ended', ok: now.data.status === 'succeeded', why: `pipeline ${now.data.status}`, log: now.data.log };
    },
    async cancel(_order, ref) {
      throw new PipelineError('this service has no way to end a run', `Look at ${ref} and end it there.`);
    },
  };
}
