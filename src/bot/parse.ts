import { type Refusal, refuse } from '../domain/refusal.ts';

/** What somebody typed after `/rollback`. */
export type Typed =
  | { readonly type: 'help' }
  | { readonly type: 'status'; readonly of?: string }
  | { readonly type: 'versions'; readonly system: string }
  | { readonly type: 'request'; readonly system: string; readonly version: string; readonly symptoms: string };

/** The longest text that is looked at, in characters; Slack itself cuts far later. */
const longest = 1000;
const usage = 'Type /rollback <system> <version>, for example /rollback sac v0.1.0. /rollback help shows everything.';

/** Reads the text of the slash command. Nothing in it is trusted: the version is only a candidate for an exact tag or commit. */
export function parse(text: string): Typed | Refusal {
  if (text.length > longest) return refuse('malformed', `That is ${text.length} characters long; ${longest} are read.`, usage);
  const words = text.split(/\s+/).filter((word) => word !== '');
  const [first, second, ...rest] = words;
  if (first === undefined || first.toLowerCase() === 'help') return { type: 'help' };
  if (first.toLowerCase() === 'status') return { type: 'status', ...(second === undefined ? {} : { of: second }) };
  if (first.toLowerCase() === 'versions')
    return second === undefined
      ? refuse('malformed', 'Of which system?', 'Type /rollback versions <system>.')
      : { type: 'versions', system: second.toLowerCase() };
  if (second === undefined) return { type: 'versions', system: first.toLowerCase() };
  return { type: 'request', system: first.toLowerCase(), version: second, symptoms: rest.join(' ') };
}
