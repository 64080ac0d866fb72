import type { Args } from '../args.ts';
import { SlackError } from '../slackerror.ts';

/** One page of a list, as Slack's cursors cut it. @throws SlackError invalid_cursor, invalid_limit */
export function pageOf<T>(all: readonly T[], args: Args, byDefault = 100, max = 999): { items: T[]; nextCursor: string } {
  const limit = args.limit(byDefault, max);
  const start = startOf(args.text('cursor'), all.length);
  const next = start + limit;
  return { items: all.slice(start, next), nextCursor: next < all.length ? Buffer.from(`next:${next}`).toString('base64') : '' };
}

function startOf(cursor: string | undefined, length: number): number {
  if (cursor === undefined || cursor === '') return 0;
  const found = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'));
  const start = Number(found?.[1] ?? Number.NaN);
  if (!Number.isInteger(start) || start > length) throw new SlackError('invalid_cursor');
  return start;
}
