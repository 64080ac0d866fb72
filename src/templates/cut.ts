import type { Mrkdwn } from './escape.ts';

/** Text of at most `max` characters; what was cut ends in `…`, and no character, entity, link or date is cut in half. */
export function cut<T extends string>(text: T, max: number): T {
  if (text.length <= max) return text;
  const short = text
    .slice(0, Math.max(0, max - 1))
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/&[a-z]{0,3}$/, '')
    .replace(/<[^<>]*$/, '');
  return `${short}…` as T;
}

/** The first of many, and how many more there are. */
export function firstOf(items: readonly Mrkdwn[], count: number, by = ', '): Mrkdwn {
  const more = items.length - count;
  return `${items.slice(0, count).join(by)}${more > 0 ? `${by}and ${more} more` : ''}` as Mrkdwn;
}

/** `1 step`, `3 steps`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): Mrkdwn => `${count} ${count === 1 ? noun : plural}` as Mrkdwn;

/** Lines put together into texts of at most `max` characters, at most `total` in all; a last line says how many were left out. */
export function chunks(lines: readonly Mrkdwn[], max: number, total: number): Mrkdwn[] {
  const found: string[] = [];
  let used = 0;
  for (const [i, line] of lines.entries()) {
    const text = cut(line, max);
    // Room is kept for saying what was left out.
    if (used + text.length + 1 > total - 40) {
      append(found, `… and ${counted(lines.length - i, 'more line')}.`, max);
      break;
    }
    append(found, text, max);
    used += text.length + 1;
  }
  return found.map((text) => text.trim()).filter((text) => text !== '') as Mrkdwn[];
}

function append(texts: string[], line: string, max: number): void {
  const last = texts.at(-1);
  if (last === undefined || last.length + 1 + line.length > max) texts.push(line);
  else texts[texts.length - 1] = `${last}\n${line}`;
}
