import { type Logger as BoltLogger, LogLevel } from '@slack/bolt';
import type { Logger } from 'pino';

/** The longest line that is taken over, in characters. */
const longest = 500;

/** Bolt's words in our own log. Only warnings and errors, and only text: Bolt's lower levels hold payloads, and its objects hold tokens. */
export function boltLogger(logger: Logger): BoltLogger {
  const text = (words: readonly unknown[]): string => words.map(wordOf).join(' ').slice(0, longest);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...words) => logger.warn({ from: 'bolt' }, text(words)),
    error: (...words) => logger.error({ from: 'bolt' }, text(words)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

function wordOf(word: unknown): string {
  if (word instanceof Error) return word.message;
  return typeof word === 'string' ? word : typeof word;
}
