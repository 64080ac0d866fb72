import { entities, type Mrkdwn, unseen, withoutControls, withoutPaging } from './escape.ts';

const tick = '`';

/** The last lines of an output as a code block of at most `max` characters that nothing in it can end; undefined when there is nothing. */
export const tail = (output: string, lines: number, max = 2900): Mrkdwn | undefined =>
  block(linesOf(output).slice(-lines), max, (all) => void all.shift());

/** The same of its first lines. */
export const head = (output: string, lines: number, max = 2900): Mrkdwn | undefined =>
  block(linesOf(output).slice(0, lines), max, (all) => void all.pop());

const linesOf = (output: string): string[] => withoutControls(output.replace(/\r\n?/g, '\n')).trimEnd().split('\n');

function block(wanted: readonly string[], max: number, drop: (lines: string[]) => void): Mrkdwn | undefined {
  const safe = wanted.map((line) => inFence(withoutPaging(shortened(line, 300))));
  while (safe.length > 1 && safe.join('\n').length > max - 8) drop(safe);
  const text = safe.join('\n');
  return text.trim() === '' ? undefined : (`${tick.repeat(3)}\n${text}\n${tick.repeat(3)}` as Mrkdwn);
}

/** A command in code blocks of at most `max` characters each, unabridged and in order. */
export function fenced(text: string, max = 2900): Mrkdwn[] {
  const pieces: string[] = [];
  for (const char of withoutBreakOut(visible(text))) {
    const piece = entities(char);
    const last = pieces.at(-1);
    if (last === undefined || last.length + piece.length > max - 8) pieces.push(piece);
    else pieces[pieces.length - 1] = last + piece;
  }
  return pieces.map((piece) => `${tick.repeat(3)}\n${piece}\n${tick.repeat(3)}` as Mrkdwn);
}

const inFence = (line: string): string => entities(withoutBreakOut(line));

/** Three backticks end a code block, and single ones at its edges might; an invisible sign keeps them apart. */
const withoutBreakOut = (text: string): string => text.replace(/`(?=`)/g, '`\u200b');

/** Signs that cannot be seen or turn the direction of reading, shown by their number, so that what is approved is what is read. */
const visible = (text: string): string =>
  text.replace(/\p{Cs}/gu, '\ufffd').replace(unseen, (sign) => `‹U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`);

const shortened = (line: string, max: number): string => (line.length <= max ? line : `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`);
