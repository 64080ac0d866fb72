import { formatDuration } from '../domain/duration.ts';
import { escaped, type Mrkdwn } from './escape.ts';

/** A moment (milliseconds since 1970) in each reader's own time zone; in UTC where Slack cannot show dates. */
export function dateTime(at: number): Mrkdwn {
  return slackDate(at, '{date_short_pretty} {time}', `${utc(at)} UTC`);
}

/** The day of a moment, in each reader's own time zone. */
export const day = (at: number): Mrkdwn => slackDate(at, '{date_short_pretty}', utc(at).slice(0, 10));

/** A length of time in milliseconds: `2:10 min`. */
export const lasting = (ms: number): Mrkdwn => escaped(formatDuration(Math.max(0, ms)));

/** A length of time that a person watches: in whole seconds, at least one. */
export const watched = (ms: number): Mrkdwn => lasting(Math.max(1000, ms));

/** A moment in UTC for texts that Slack does not format: `2026-11-03 04:00`. */
export const utc = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
const slackDate = (at: number, format: string, fallback: string): Mrkdwn => `<!date^${Math.floor(at / 1000)}^${format}|${fallback}>` as Mrkdwn;
