import type { Json, Metadata } from '../model.ts';
import { SlackError } from '../slackerror.ts';
import { isObject } from './schema.ts';

// Slack publishes no number; 16 kB is what people report it refuses beyond.
const MAX_PAYLOAD_CHARS = 16_000;

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const isFlat = (value: unknown): boolean => isObject(value) && Object.values(value).every(isScalar);
const isAllowed = (value: unknown): boolean =>
  isScalar(value) || isFlat(value) || (Array.isArray(value) && value.every((one) => isScalar(one) || isFlat(one)));

/**
 * Message metadata as it may be sent: an alphanumeric event_type and a payload of scalars, flat objects and lists of those
 * (https://docs.slack.dev/messaging/message-metadata).
 *
 * @throws SlackError invalid_metadata_format, invalid_metadata_schema or metadata_too_large
 */
export function readMetadata(value: unknown): Metadata {
  if (!isObject(value) || !isObject(value.event_payload)) throw new SlackError('invalid_metadata_format');
  const extra = Object.keys(value).filter((key) => !['event_type', 'event_payload'].includes(key));
  if (typeof value.event_type !== 'string' || !/^[A-Za-z0-9_.-]{1,255}$/.test(value.event_type) || extra.length > 0) {
    throw new SlackError('invalid_metadata_format');
  }
  const payload: Json = value.event_payload;
  if (!Object.values(payload).every(isAllowed)) throw new SlackError('invalid_metadata_schema');
  if (JSON.stringify(payload).length > MAX_PAYLOAD_CHARS) throw new SlackError('metadata_too_large');
  return { event_type: value.event_type, event_payload: payload };
}
