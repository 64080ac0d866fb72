import { type Refusal, refuse } from '../domain/refusal.ts';

/** What somebody typed after `/rollback`. */
export type Typed =
  | { readonly type: 'help' }
  | { readonly type: 'status'; readonly of?: string }
  | { readonly type: 'versions'; readonly system: string }
  | { readonly type: 'undo'; readonly rollback: string }
  | { readonly type: 'stop'; readonly rollback: string }
  | { readonly type: 'unlock'; readonly system: string; readonly reason: string }
  | { readonly type: 'drill'; readonly system: string; readonly version?: string }
  /** `words`: version, variant and symptoms, told apart by what the system knows. */
  | { readonly type: 'request'; readonly system: string; readonly words: readonly string[]; readonly dryRun: boolean };

/** The first words that are commands and can never be systems. */
export const commandWords = ['help', 'status', 'versions', 'undo', 'stop', 'unlock', 'drill'];

/** The longest text that is looked at, in characters; Slack itself cuts far later. */
const longest = 1000;
const usage = 'Type /rollback <system> <version>, for example /rollback sac v0.1.0. /rollback help shows everything.';

/** Telephones make one dash of two. */
const dryRunWords = ['--dry-run', '—dry-run', '–dry-run'];

/** Reads the text of the slash command. Nothing in it is trusted: the version is only a candidate for an exact tag or commit. */
export function parse(text: string): Typed | Refusal {
  if (text.length > longest) return refuse('malformed', `That is ${text.length} characters long; ${longest} are read.`, usage);
  const all = text.split(/\s+/).filter((word) => word !== '');
  const words = all.filter((word) => !dryRunWords.includes(word));
  const [first, second, third] = words;
  switch (first?.toLowerCase()) {
    case undefined:
    case 'help':
      return { type: 'help' };
    case 'status':
      return { type: 'status', ...(second === undefined ? {} : { of: second }) };
    case 'versions':
      return second === undefined ? missing('Of which system?', 'versions <system>') : { type: 'versions', system: second.toLowerCase() };
    case 'undo':
      return second === undefined
        ? missing('Which rollback is to be put back?', 'undo <id>, for example undo sac-42')
        : { type: 'undo', rollback: second };
    case 'stop':
      return second === undefined
        ? missing('Which rollback is to be stopped?', 'stop <id>, for example stop sac-42')
        : { type: 'stop', rollback: second.toLowerCase() };
    case 'unlock':
      return second === undefined
        ? missing('Which system is to be unlocked, and why?', 'unlock <system> <why>')
        : { type: 'unlock', system: second.toLowerCase(), reason: words.slice(2).join(' ') };
    case 'drill':
      if (second === undefined) return missing('Which system is to be rehearsed?', 'drill <system>');
      return { type: 'drill', system: second.toLowerCase(), ...(third === undefined ? {} : { version: third }) };
    default:
      return request(words, words.length < all.length);
  }
}

function request([system = '', ...words]: readonly string[], dryRun: boolean): Typed {
  if (words.length === 0 && !dryRun) return { type: 'versions', system: system.toLowerCase() };
  return { type: 'request', system: system.toLowerCase(), words, dryRun };
}

const missing = (what: string, type: string): Refusal => refuse('malformed', what, `Type /rollback ${type}.`);
