import { isObject } from '../blockkit/schema.ts';
import type { Json } from '../model.ts';
import type { RequestUrl } from '../options.ts';
import { DeliveryError, type EnvelopeType } from '../socket/envelope.ts';
import { sign } from './sign.ts';

/** Slack waits so long for an answer, in milliseconds. */
const ACK_MS = 3000;
/** An event that was not taken is sent again after so long, in milliseconds: nearly at once, after a minute, after five. */
const RETRY_AFTER_MS = [500, 60_000, 300_000] as const;

/** One request as it went to the app, and how it was answered. */
export interface SlackRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Undefined where there was no answer in time. */
  status?: number;
  ackedAfterMs?: number;
}

/** HTTP instead of Socket Mode: commands, clicks, submissions and events are POSTed to the app's request URL, signed. */
export class HttpDelivery {
  /** Every request so far, the oldest first. */
  readonly requests: SlackRequest[] = [];
  private readonly to: RequestUrl;
  private readonly ackMs: number;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(to: RequestUrl, ackMs: number = ACK_MS) {
    this.to = to;
    this.ackMs = ackMs;
  }

  /** Sends once; events are sent again as Slack does. @throws DeliveryError operation_timeout, dispatch_failed, http_client_error, http_service_error */
  async deliver(type: EnvelopeType, payload: Json): Promise<Json> {
    try {
      return await this.post(type, payload);
    } catch (error) {
      if (type === 'events_api') this.again(payload, 1);
      throw error;
    }
  }

  /** Ends what was to be sent again. */
  stop(): void {
    this.timers.forEach(clearTimeout);
  }

  private again(payload: Json, attempt: number): void {
    const afterMs = RETRY_AFTER_MS[attempt - 1];
    if (afterMs === undefined) return;
    const retry = { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': 'http_error' };
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.post('events_api', payload, retry).catch(() => this.again(payload, attempt + 1));
    }, afterMs);
    this.timers.add(timer);
  }

  private async post(type: EnvelopeType, payload: Json, more: Record<string, string> = {}): Promise<Json> {
    const body = bodyOf(type, payload);
    const headers = {
      'content-type': type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      ...sign(this.to.signingSecret, body),
      ...more,
    };
    const request: SlackRequest = { url: this.to.url, headers, body };
    this.requests.push(request);
    const sentAt = performance.now();
    const { status, text, contentType } = await this.answer(request);
    request.status = status;
    request.ackedAfterMs = performance.now() - sentAt;
    if (status !== 200) throw new DeliveryError(status < 500 ? 'http_client_error' : 'http_service_error');
    return payloadOf(text, contentType);
  }

  private async answer({ url, headers, body }: SlackRequest): Promise<{ status: number; text: string; contentType: string }> {
    try {
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(this.ackMs) });
      return { status: response.status, text: await response.text(), contentType: response.headers.get('content-type') ?? '' };
    } catch (error) {
      throw new DeliveryError((error as Error).name === 'TimeoutError' ? 'operation_timeout' : 'dispatch_failed');
    }
  }
}

/** A command's fields as a form, what is interactive as one field of JSON, an event as JSON. */
function bodyOf(type: EnvelopeType, payload: Json): string {
  if (type === 'events_api') return JSON.stringify(payload);
  if (type === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)])).toString();
}

/** What was acknowledged with: nothing, words, or JSON. */
function payloadOf(text: string, contentType: string): Json {
  if (text === '') return {};
  if (!contentType.includes('json')) return { text };
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : {};
}
