import { PipelineError } from '../domain/pipeline.ts';

/** How long a pipeline's service may take to answer, in milliseconds. */
const answerWithinMs = 15_000;

/** An answer of the service, read whole. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

/**
 * Asks a pipeline's service. Throws a PipelineError when it does not answer or answers with an error; for a request that
 * starts something (`isUncertain`) no answer and 5xx mean that nobody knows whether it started.
 */
export async function ask(method: 'GET' | 'POST', url: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Answer> {
  const isUncertain = method === 'POST';
  const response = await request(method, url, headers, body, isUncertain);
  const text = await response.text().catch(() => '');
  if (response.status >= 500)
    throw new PipelineError(
      `${host(url)} answered ${response.status}: ${text.slice(0, 200)}`,
      'Look whether the run was started there before you press Retry.',
      { isUncertain },
    );
  if (response.status >= 400) throw new PipelineError(`${host(url)} refused with ${response.status}: ${text.slice(0, 200)}`, advice(response.status));
  return { status: response.status, body: parsed(text), text };
}

async function request(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  isUncertain: boolean,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: { 'user-agent': 'rollback-bot', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
  } catch (cause) {
    throw new PipelineError(`${host(url)} does not answer`, `Look whether the run was started there, and whether the bot reaches ${host(url)}.`, {
      cause,
      isUncertain,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // some answers have no body, or plain text
  }
}

const host = (url: string): string => new URL(url).host;

function advice(status: number): string {
  if (status === 401 || status === 403)
    return 'Check the token (its name stands in the system file) and its rights: it must be allowed to run workflows.';
  if (status === 404) return "Check the repository's and the workflow's name in the system file.";
  return 'Check the ref and the inputs of this step in the system file.';
}
