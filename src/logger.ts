import pino, { type Logger } from 'pino';
import { masker } from './mask.ts';

/** Takes whole lines of the log. */
export interface Lines {
  write(line: string): void;
}

/** The product's log: JSON lines on standard error in which no secret stands, whoever put it into an error's text. */
export function openLogger(level: string, secrets: readonly (string | undefined)[], lines: Lines = pino.destination(2)): Logger {
  const mask = masker(secrets);
  return pino({ level, redact: ['err.original.config', 'err.config'] }, { write: (line: string) => lines.write(mask(line)) });
}
