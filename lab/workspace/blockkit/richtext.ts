import { blockId, url } from './objects.ts';
import { boolean, byType, type Check, integer, list, may, must, object, oneOf, string } from './schema.ts';

// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
const style = may(object({ bold: may(boolean), italic: may(boolean), strike: may(boolean), code: may(boolean), underline: may(boolean) }));
const inline = (type: string, fields: Record<string, ReturnType<typeof must>>): Check => object({ type: must(oneOf(type)), style, ...fields });

const run: Check = byType({
  text: inline('text', { text: must(string(40000, 1)) }),
  link: inline('link', { url: must(url), text: may(string(40000)), unsafe: may(boolean) }),
  user: inline('user', { user_id: must(string(255, 1)) }),
  usergroup: inline('usergroup', { usergroup_id: must(string(255, 1)) }),
  channel: inline('channel', { channel_id: must(string(255, 1)) }),
  broadcast: inline('broadcast', { range: must(oneOf('here', 'channel', 'everyone')) }),
  emoji: inline('emoji', { name: must(string(255, 1)), unicode: may(string(255)) }),
  date: inline('date', { timestamp: must(integer(0, 4_102_444_800)), format: must(string(255, 1)), url: may(url), fallback: may(string(255)) }),
});
const runs = must(list(run, 1000));
const section = object({ type: must(oneOf('rich_text_section')), elements: runs });
const border = may(integer(0, 1));
const parts = byType({
  rich_text_section: section,
  rich_text_preformatted: object({ type: must(oneOf('rich_text_preformatted')), elements: runs, border, language: may(string(255)) }),
  rich_text_quote: object({ type: must(oneOf('rich_text_quote')), elements: runs, border }),
  rich_text_list: object({
    type: must(oneOf('rich_text_list')),
    style: must(oneOf('bullet', 'ordered')),
    elements: must(list(section, 1000, 1)),
    indent: may(integer(0, 8)),
    offset: may(integer(0, 1_000_000)),
    border,
  }),
});

/** A rich_text block. */
export const richText: Check = object({ type: must(oneOf('rich_text')), block_id: may(blockId), elements: must(list(parts, 1000)) });
