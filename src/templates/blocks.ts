import type { Block } from '../domain/message.ts';
import { chunks, cut } from './cut.ts';
import { escaped, type Mrkdwn, plain, spoken } from './escape.ts';

/** A button: `label` and `confirm` are plain text. */
export interface Button {
  readonly action: string;
  readonly label: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string; readonly no: string };
}

/** A thing said, before it is cut to Slack's limits: a headline in plain text, lines, buttons, small print. */
export interface Said {
  readonly title?: string;
  readonly lines: readonly Mrkdwn[];
  readonly buttons?: readonly Button[];
  readonly notes?: readonly Mrkdwn[];
}

// Limits: https://docs.slack.dev/reference/block-kit/blocks. Slack refuses more than some 13,000 characters in all (msg_blocks_too_long).
const max = { header: 150, section: 3000, total: 12_000, context: 1200, button: 75, value: 2000, spoken: 3000 };

/** The blocks of something said: within Slack's limits whatever it holds. */
export function blocksOf(said: Said): Block[] {
  const title = plain(said.title ?? '');
  return [
    ...(title === '' ? [] : [{ type: 'header', text: plainText(title, max.header) }]),
    ...chunks(said.lines, max.section, max.total - notesLength(said)).map(section),
    ...buttonRow(said.buttons ?? []),
    ...notes(said.notes ?? []),
  ];
}

/** The same for screen readers and notifications, as Slack's `text`: never empty, at most 3,000 characters. */
export function textOf(said: Said): string {
  const title = said.title === undefined ? [] : [escaped(said.title)]; // `text` is read as mrkdwn, a header is not
  const text = [...title, ...said.lines.filter(isSpoken).map(spoken)].join('\n').trim();
  return cut(text === '' ? 'rollback' : text, max.spoken);
}

/** Output is not read out, nor the line that announces it. */
const isSpoken = (line: Mrkdwn, i: number, lines: readonly Mrkdwn[]): boolean => !line.startsWith('```') && lines[i + 1]?.startsWith('```') !== true;

/** Mrkdwn in a section. `verbatim`, or Slack would make links and mentions of what only looks like them. */
export const section = (text: Mrkdwn): Block => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, max.section), verbatim: true } });

/** A plain_text object; never empty, since Slack refuses that. */
export const plainText = (text: string, length: number) => ({ type: 'plain_text' as const, text: cut(plain(text) || '–', length), emoji: false });

/** Buttons in a row; nothing for none. A value cannot be cut: one too long costs its button, since it would cost the whole message. */
export function buttonRow(buttons: readonly Button[]): Block[] {
  const fitting = buttons.filter(({ value }) => JSON.stringify(value).length <= max.value).slice(0, 25);
  return fitting.length === 0 ? [] : [{ type: 'actions', elements: fitting.map(button) }];
}

/** Small print, a block each, or Slack sets them side by side. */
const notes = (texts: readonly Mrkdwn[]): Block[] =>
  texts.slice(0, 5).map((text) => ({ type: 'context', elements: [{ type: 'mrkdwn', text: cut(text, max.context), verbatim: true }] }));

const notesLength = ({ notes: texts = [] }: Said): number => texts.slice(0, 5).reduce((sum, text) => sum + Math.min(text.length, max.context), 0);

function button({ action, label, value, style, confirm }: Button) {
  return {
    type: 'button',
    action_id: action,
    text: plainText(label, max.button),
    value: JSON.stringify(value),
    ...(style && { style }),
    ...(confirm && {
      confirm: {
        title: plainText(confirm.title, 100),
        text: plainText(confirm.text, 300),
        confirm: plainText(confirm.yes, 30),
        deny: plainText(confirm.no, 30),
      },
    }),
  };
}
