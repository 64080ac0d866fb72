import type { State } from '../domain/state.ts';
import { card } from '../templates/card.ts';
import { localDay, localTime } from './time.ts';

/** How text is shown in this terminal: who the users are, and whether bold shows. */
export interface Look {
  /** What users are called, by their Slack id. */
  readonly names: Readonly<Record<string, string>>;
  readonly hasStyle: boolean;
}

/** Look-alikes that stand in Slack for signs it would obey; a terminal obeys none of them. */
const signs: Readonly<Record<string, string>> = { '∗': '*', '∼': '~', ˋ: '`', ˍ: '_', '∶': ':', '›': '>', '＠': '@' };

/** Fences, code, references (`<@U1>`, `<!date^…>`, `<https://…|…>`), bold: in this order, since nothing is obeyed inside code. */
const marks = /```\n?([\s\S]*?)\n?```|`([^`\n]*)`|<([^<>\n]*)>|(\*)/g;

/**
 * Our mrkdwn as text for a terminal: dates in the local time zone, people by their names, bold only where it shows. It reads what templates write
 * (docs.slack.dev/messaging/formatting-message-text) and is no parser for anything else.
 */
export function plainOf(mrkdwn: string, look: Look): string {
  return mrkdwn
    .split(/\n?(```[\s\S]*?```)\n?|\n/)
    .filter((line) => line !== undefined)
    .map((line) => lineOf(line, look))
    .join('\n');
}

function lineOf(line: string, { names, hasStyle }: Look): string {
  let isBold = false;
  const text = line.replace(marks, (_all, fenced?: string, code?: string, reference?: string) => {
    if (reference !== undefined) return referred(reference, names);
    if (fenced !== undefined || code !== undefined) return fenced ?? code ?? '';
    isBold = !isBold;
    if (!hasStyle) return '';
    return isBold ? '\u001b[1m' : '\u001b[22m';
  });
  return unescaped(text) + (isBold && hasStyle ? '\u001b[22m' : '');
}

function referred(reference: string, names: Look['names']): string {
  const [what = '', label] = reference.split(/\|(.*)/s);
  const [, seconds, format] = /^!date\^(\d+)\^(.*)$/.exec(what) ?? [];
  if (seconds !== undefined) return format?.includes('{time}') ? localTime(Number(seconds) * 1000) : localDay(Number(seconds) * 1000);
  if (what.startsWith('@')) return `@${Object.hasOwn(names, what.slice(1)) ? names[what.slice(1)] : what.slice(1)}`;
  if (/^https?:/.test(what)) return label === undefined ? what : `${label} (${what})`;
  return label ?? what;
}

const unescaped = (text: string): string =>
  text
    .replace(/[∗∼ˋˍ∶›＠]/g, (sign) => signs[sign] ?? sign)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

interface TextBlock {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly { readonly type: string; readonly text?: unknown }[];
}

/** The rollback's card as text: all that it says, without its buttons. */
export function cardText(state: State, now: number, look: Look): string {
  const { blocks } = card({ state, now, outputs: {}, mentions: {} });
  return (blocks as readonly TextBlock[]).flatMap((block) => blockText(block, look)).join('\n');
}

function blockText({ type, text, elements = [] }: TextBlock, look: Look): string[] {
  if (type === 'header') return [look.hasStyle ? `\u001b[1m${text?.text}\u001b[22m` : (text?.text ?? '')];
  if (type === 'section') return [plainOf(text?.text ?? '', look)];
  if (type === 'context') return elements.map((element) => plainOf(String(element.text ?? ''), look));
  return [];
}
