import type { Block, Message } from '../../src/domain/message.ts';

interface TextObject {
  readonly type: string;
  readonly text: string;
}

interface ButtonBlock {
  readonly text: TextObject;
  readonly action_id: string;
  readonly value: string;
  readonly style?: string;
  readonly confirm?: unknown;
}

const elements = <T>(block: Block): T[] => block.elements as T[];

/** Blocks as a person reads them, one line a line; headlines with `#`, buttons in brackets, small print with `~`. */
export function readable(blocks: readonly Block[]): string {
  return blocks.map(lineOf).join('\n');
}

function lineOf(block: Block): string {
  if (block.type === 'header') return `# ${(block.text as TextObject).text}`;
  if (block.type === 'section') return (block.text as TextObject).text;
  if (block.type === 'context')
    return `~ ${elements<TextObject>(block)
      .map(({ text }) => text)
      .join(' | ')}`;
  if (block.type === 'actions')
    return elements<ButtonBlock>(block)
      .map(({ text }) => `[${text.text}]`)
      .join(' ');
  return `(${block.type})`;
}

/** The buttons of blocks, in order. */
export const buttonsOf = (blocks: readonly Block[]): ButtonBlock[] =>
  blocks.filter((block) => block.type === 'actions').flatMap((block) => elements<ButtonBlock>(block));

/** The message of this key; throws when there is none. */
export function messageOf(all: readonly Message[], key: string): Message {
  const found = all.find((message) => message.key === key);
  if (!found) throw new Error(`no ${key} among ${all.map((message) => message.key).join(', ')}`);
  return found;
}
