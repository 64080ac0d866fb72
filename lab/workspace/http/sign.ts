import { createHmac } from 'node:crypto';

/** What proves that a request is Slack's. https://docs.slack.dev/authentication/verifying-requests-from-slack */
export interface Signed {
  'x-slack-signature': string;
  'x-slack-request-timestamp': string;
}

/** Signs a body as Slack does; `atS` in seconds since 1970. */
export function sign(signingSecret: string, body: string, atS: number = Math.floor(Date.now() / 1000)): Signed {
  const hash = createHmac('sha256', signingSecret).update(`v0:${atS}:${body}`).digest('hex');
  return { 'x-slack-signature': `v0=${hash}`, 'x-slack-request-timestamp': String(atS) };
}
