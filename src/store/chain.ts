import { createHash } from 'node:crypto';
import { type Sealing, unsealed } from './seal.ts';

/** The first entry of a chain that is not as it was sealed. */
export interface Fault {
  /** Its place, from 1. */
  readonly entry: number;
  readonly type?: string;
  /** Milliseconds since 1970, as the entry says. */
  readonly at?: number;
  /** What is wrong, for people. */
  readonly what: string;
}

/** Entries that were there before sealing began: how many, and the SHA-256 of their texts, a line each. */
export interface Adopted {
  readonly entries: number;
  readonly sha256: string;
}

/** What is known of a chain beside its own text. */
export interface Known {
  /** Entries that stood there unsealed when sealing began. */
  readonly adopted?: Adopted | undefined;
  /** Where the chain is not here from its beginning: how many entries are missing, and the seal of the last of them. */
  readonly after?: { readonly entries: number; readonly head: string };
  /** Names of chains with which this one may have been mixed up. */
  readonly others?: readonly string[];
}

/** SHA-256 of texts, a line each. */
export const digestOfTexts = (texts: readonly string[]): string => createHash('sha256').update(texts.join('\n')).digest('hex');

/** The first bad entry of a chain; undefined when it is whole as far as it goes. Pure. */
export function firstFault(seal: Sealing, chain: string, texts: readonly string[], known: Known = {}): Fault | undefined {
  const { adopted, after } = known;
  const from = adopted?.entries ?? 0;
  if (adopted && digestOfTexts(texts.slice(0, from)) !== adopted.sha256) return adoptedFault(texts, adopted);
  const firstNumber = (after?.entries ?? 0) + 1;
  const noJson = texts.findIndex((text) => !isJson(text));
  if (noJson >= 0 && noJson < from) return unreadable(noJson + firstNumber);
  let previous = after?.head ?? seal.begin(chain);
  if (adopted) previous = headOf(texts[from - 1]) ?? seal.begin(chain, texts.slice(0, from));
  for (let i = from; i < texts.length; i++) {
    const { body, mac } = unsealed(texts[i] ?? '');
    if (mac === undefined || seal.mac(previous, body) !== mac)
      return faultAt({ seal, chain, texts, i, number: i + firstNumber, previous, others: known.others ?? [] });
    if (i === noJson) return unreadable(i + firstNumber);
    previous = mac;
  }
  return undefined;
}

const unreadable = (entry: number): Fault => ({ entry, what: 'it is as it was written, and is no JSON: nobody can read it' });

/** The seal of a text; undefined where it has none. */
export const headOf = (text: string | undefined): string | undefined => (text === undefined ? undefined : unsealed(text).mac);

function adoptedFault(texts: readonly string[], { entries }: Adopted): Fault {
  if (texts.length < entries) return { entry: texts.length + 1, what: `it is missing: there were ${entries} entries already when sealing began` };
  return {
    entry: 1,
    ...toldOf(texts[0]),
    what: `of the first ${entries}, which were there when sealing began, at least one was changed, removed or inserted`,
  };
}

/** Where a chain does not go on as it should. */
interface Break {
  readonly seal: Sealing;
  readonly chain: string;
  readonly texts: readonly string[];
  /** Of the text, from 0; its number in the chain, from 1; and the seal before it. */
  readonly i: number;
  readonly number: number;
  readonly previous: string;
  readonly others: readonly string[];
}

function faultAt(at: Break): Fault {
  const { seq, ...told } = toldOf(at.texts[at.i]);
  const isMisplaced = seq !== undefined && seq !== at.number;
  return { entry: at.number, ...told, what: isMisplaced ? misplaced(at, seq) : whyNotSealed(at) };
}

function whyNotSealed({ seal, chain, texts, i, number, previous, others }: Break): string {
  const [{ body, mac }, next] = [unsealed(texts[i] ?? ''), unsealed(texts[i + 1] ?? '')];
  if (mac === undefined) return 'it carries no seal: it was inserted, its seal was removed, or a bot older than sealing wrote it';
  const other = number === 1 ? others.find((name) => name !== chain && seal.mac(seal.begin(name), body) === mac) : undefined;
  if (other !== undefined) return `it is the first entry of ${other}: another log was put in the place of this one`;
  if (next.mac !== undefined && seal.mac(mac, next.body) === next.mac) return 'it was changed after it was sealed';
  if (next.mac !== undefined && seal.mac(previous, next.body) === next.mac) return 'it was inserted: the next one follows on the one before it';
  return 'its seal was not made with this key for this place: it was changed, inserted, or sealed anew by somebody without the key';
}

/** Its number is not its place. */
function misplaced({ texts, i, number }: Break, seq: number): string {
  if (seq < number) return `it was inserted or moved here: it says that it is entry ${seq}`;
  const isLater = texts.slice(i + 1).some((text) => toldOf(text).seq === number);
  if (isLater) return `the entries are not in their order: entry ${seq} stands here`;
  return seq === number + 1
    ? `entry ${number} was removed: entry ${seq} stands in its place`
    : `entries ${number} to ${seq - 1} were removed: entry ${seq} stands in their place`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What an entry says of itself, whoever wrote it. */
function toldOf(text: string | undefined): { seq?: number; type?: string; at?: number } {
  try {
    const { seq, type, at } = JSON.parse(text ?? '') as Record<string, unknown>;
    return {
      ...(typeof seq === 'number' ? { seq } : {}),
      ...(typeof type === 'string' ? { type } : {}),
      ...(typeof at === 'number' ? { at } : {}),
    };
  } catch {
    return {}; // not even JSON
  }
}
