import { randomUUID } from 'node:crypto';
import type { Json } from '../model.ts';

/** What an envelope can carry. https://docs.slack.dev/apis/events-api/using-socket-mode */
export type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api';

/** Why a person's action did not arrive: nobody was connected, nobody acknowledged in time, or the app's server refused it. */
export type DeliveryFailure = 'dispatch_failed' | 'operation_timeout' | 'http_client_error' | 'http_service_error';

/** Thrown to whoever waits for an acknowledgement. */
export class DeliveryError extends Error {
  readonly code: DeliveryFailure;

  constructor(code: DeliveryFailure) {
    super(code);
    this.name = 'DeliveryError';
    this.code = code;
  }
}

/** One envelope on its way, with what tests ask of it. */
export interface Envelope {
  id: string;
  type: EnvelopeType;
  payload: Json;
  sentAtMs: number;
  /** How often it was sent, redeliveries and duplicates included. */
  sends: number;
  /** Time from the first sending to the first acknowledgement; undefined while there is none. */
  ackedAfterMs?: number;
}

/** A new envelope around this payload. */
export const envelope = (type: EnvelopeType, payload: Json): Envelope => ({ id: randomUUID(), type, payload, sentAtMs: Date.now(), sends: 0 });

/** The envelope as it goes over the wire; a redelivery says so. */
export function wire(one: Envelope): string {
  const retry = one.type === 'events_api' ? { retry_attempt: Math.max(0, one.sends - 1), retry_reason: one.sends > 1 ? 'timeout' : '' } : {};
  return JSON.stringify({
    envelope_id: one.id,
    payload: one.payload,
    type: one.type,
    accepts_response_payload: one.type !== 'events_api',
    ...retry,
  });
}
