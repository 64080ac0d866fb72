import { createInterface } from 'node:readline/promises';

/** Where a person reads and types. */
export interface Terminal {
  /** Whether somebody can be asked something. */
  readonly canAsk: boolean;
  /** Whether bold text shows as such. */
  readonly hasStyle: boolean;
  /** To standard output. */
  say(text: string): void;
  /** To standard error: what is not the answer itself. */
  warn(text: string): void;
  /** What was typed, without blanks around it; undefined when the person ended it by Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string | undefined>;
}

/** The terminal of this process. Without one, or with NO_COLOR (no-color.org), nothing but text is written. */
export function processTerminal(env: NodeJS.ProcessEnv): Terminal {
  const { stdin, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined); // whoever read the other end of a pipe has left
  return {
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    hasStyle: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    say: (text) => void stdout.write(`${text}\n`),
    warn: (text) => void stderr.write(`${text}\n`),
    ask: (question) => asked(question),
  };
}

async function asked(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new AbortController();
  lines.on('SIGINT', () => ended.abort());
  lines.on('close', () => ended.abort());
  try {
    return (await lines.question(question, { signal: ended.signal })).trim();
  } catch {
    process.stdout.write('\n');
    return undefined; // only an abort rejects a question
  } finally {
    lines.close();
  }
}
