import type { Args } from '../args.ts';
import { checkMessageBlocks, isBlockList } from '../blockkit/check.ts';
import type { Json } from '../model.ts';
import { invalidBlocks, SlackError } from '../slackerror.ts';

/** Texts beyond this are refused when posting; https://docs.slack.dev/reference/methods/chat.postMessage truncates there. */
export const MAX_TEXT = 40_000;

/** Texts beyond this are refused when updating. */
export const MAX_UPDATE_TEXT = 4000;

/** The blocks of a call, checked; undefined when none were given. @throws SlackError invalid_blocks_format, invalid_blocks */
export function readBlocks(args: Args): Json[] | undefined {
  const value = args.json('blocks', 'invalid_blocks_format');
  if (value === undefined) return undefined;
  if (!isBlockList(value)) throw new SlackError('invalid_blocks_format');
  const found = checkMessageBlocks(value);
  if (found.length > 0) throw invalidBlocks(found);
  return value;
}

/** The text and blocks of a new message. @throws SlackError no_text, msg_too_long, invalid_blocks… */
export function readContent(args: Args, maxText: number): { text: string; blocks: Json[] } {
  for (const name of ['attachments', 'markdown_text']) {
    if (args.has(name) && args.text(name) !== '')
      throw new SlackError('not_supported_here', { needed: `${name} is not part of the local workspace` });
  }
  const text = args.text('text') ?? '';
  const blocks = readBlocks(args) ?? [];
  if (text.trim() === '' && blocks.length === 0) throw new SlackError('no_text');
  if (text.length > maxText) throw new SlackError('msg_too_long');
  return { text, blocks };
}

/** Whether bare @here in the text counts: parse=full, or link_names. */
export const parsesNames = (args: Args): boolean => args.text('parse') === 'full' || args.flag('link_names');
