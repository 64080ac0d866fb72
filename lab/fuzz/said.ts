import type { Block, Message, View } from '../../src/domain/message.ts';
import { checkMessageBlocks, checkView } from '../workspace/blockkit/check.ts';
import { textsOf } from '../workspace/blockkit/texts.ts';
import { mentionsIn } from '../workspace/mentions.ts';
import { CANARY, FAKED } from './hostile.ts';

/** Who may be mentioned: those who acted. */
export type Known = readonly string[];

/** The longest answer that Slack takes as a text, in characters. */
const longestText = 4000;
/** Beyond so many characters in all, Slack refuses a message (msg_blocks_too_long). */
const mostInAll = 13_000;
const fences = /```[\s\S]*?```/g;

/** What is wrong with mrkdwn that was said: it holds markup that is not ours, or signs that nobody sees. */
export function faultsOfMrkdwn(text: string, known: Known): string[] {
  const open = text.replace(fences, ' ');
  const bare = open.replace(/<[^<>]*>/g, '');
  const strange = [...open.matchAll(/<[^<>]*>/g)].map(([tag]) => tag).filter((tag) => !isOurs(tag, known));
  return [
    ...strange.map((tag) => `markup that is not ours: ${tag}`),
    ...(/[<>]/.test(bare) ? ['a < or > that is not escaped'] : []),
    ...(/&(?!(amp|lt|gt);)/.test(open) ? ['a & that is not escaped'] : []),
    ...[typed.exec(open), formatted.exec(open.replace(spans, ' '))].flatMap((found) => (found ? [`formatting that was typed: ${found[0]}`] : [])),
    ...(text.split('```').length % 2 === 0 ? ['a code block that does not end'] : []),
    ...(FAKED.test(open) ? ['a line of its own that was typed'] : []),
    ...unseen(text),
  ];
}

const spans = /`[^`\n]*`/g;
const typed = new RegExp(`\`${CANARY}\``);
// An underscore inside a word is none of Slack's marks.
const formatted = new RegExp(`[*~]${CANARY}[*~]|:${CANARY}:|(?<![\\p{L}\\p{N}])_${CANARY}_(?![\\p{L}\\p{N}])`, 'u');

/** Dates, links to the web with our label, and mentions of those who acted. */
function isOurs(tag: string, known: Known): boolean {
  const id = /^<@([^|>]*)>$/.exec(tag)?.[1];
  if (id !== undefined) return known.includes(id);
  return /^<!date\^\d+\^[^<>|]*\|[^<>]*>$/.test(tag) || /^<https?:\/\/[^\s<>|]+\|[^<>|]*>$/i.test(tag);
}

/** Controls that a terminal obeys, signs that turn the direction of reading, halves of characters. Line ends and tabs are none. */
function unseen(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const found = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/u.exec(text);
  return found ? [`a sign that nobody sees: U+${found[0].codePointAt(0)?.toString(16)}`] : [];
}

function paged(text: string, blocks: readonly Block[], known: Known): string[] {
  const found = mentionsIn(text, blocks as unknown as Record<string, unknown>[], true);
  const wide = [...(found.here ? ['@here'] : []), ...(found.channel ? ['@channel'] : []), ...(found.everyone ? ['@everyone'] : [])];
  return [...wide, ...found.groups, ...found.users.filter((id) => !known.includes(id))].map((who) => `it pages ${who}`);
}

/** What is wrong with a private answer. In a text, unlike in our blocks, a bare @here may page too. */
export function faultsOfAnswer(text: string, known: Known): string[] {
  const length = text === '' ? ['nothing is said'] : text.length > longestText ? [`${text.length} characters`] : [];
  return [...length, ...faultsOfMrkdwn(text, known), ...paged(text, [], known)];
}

/** What is wrong with blocks, whoever reads them. */
function faultsOfBlocks(blocks: readonly Block[], known: Known): string[] {
  const texts = textsOf(blocks);
  return [
    ...texts.filter((one) => one.type === 'mrkdwn').flatMap((one) => faultsOfMrkdwn(one.text, known)),
    ...texts.filter((one) => one.type === 'mrkdwn' && !one.isVerbatim).map(() => 'mrkdwn that is not verbatim'),
    ...texts.filter((one) => one.type === 'plain_text').flatMap((one) => unseen(one.text)),
    ...paged('', blocks, known),
  ];
}

/** What is wrong with a message: in the words of Slack, and in ours. */
export const faultsOfMessage = ({ text, blocks }: Pick<Message, 'text' | 'blocks'>, known: Known): string[] => [
  ...checkMessageBlocks(blocks),
  ...faultsOfAnswer(text, known),
  ...faultsOfBlocks(blocks, known),
  ...(textsOf(blocks).reduce((sum, one) => sum + one.text.length, 0) > mostInAll ? ['more than Slack takes in all'] : []),
];

/** What is wrong with a modal. */
export const faultsOfView = (view: View, known: Known): string[] => [...checkView(view, ['modal']), ...faultsOfBlocks(view.blocks, known)];

/** Throws where there is a fault; `what` says where. */
export function mustBeFine(what: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(`${what}: ${[...new Set(faults)].slice(0, 5).join('; ')}`);
}
