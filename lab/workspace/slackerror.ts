import type { Json } from './model.ts';

/** A refusal in Slack's shape: `code` becomes `error`, `extra` is laid beside it, `retryAfterS` makes it a 429. */
export class SlackError extends Error {
  readonly code: string;
  readonly extra: Json;
  readonly retryAfterS: number | undefined;

  constructor(code: string, extra: Json = {}, retryAfterS?: number) {
    super(code);
    this.name = 'SlackError';
    this.code = code;
    this.extra = extra;
    this.retryAfterS = retryAfterS;
  }

  /** The body Slack would answer with. */
  body(): Json {
    return { ok: false, error: this.code, ...this.extra };
  }
}

/** `invalid_blocks` as chat methods say it: the findings twice, bare in `errors` and marked in `response_metadata.messages`. */
export const invalidBlocks = (findings: string[]): SlackError =>
  new SlackError('invalid_blocks', { errors: findings, response_metadata: { messages: findings.map((f) => `[ERROR] ${f}`) } });

/** `invalid_arguments` as views methods and missing arguments say it. */
export const invalidArguments = (findings: string[]): SlackError =>
  new SlackError('invalid_arguments', { response_metadata: { messages: findings.map((f) => `[ERROR] ${f}`) } });
