import type { Json } from '../model.ts';
import { isObject } from './schema.ts';

/** A text object somewhere in blocks. */
export interface TextPart {
  type: string;
  text: string;
  isVerbatim: boolean;
}

/** Every text a person would read in these blocks, in order: text objects, and the texts of rich_text. */
export function textsOf(value: unknown): TextPart[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (!isObject(value)) return [];
  if (typeof value.text === 'string') return [part(value)];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'confirm' ? [] : textsOf(inner)));
}

const part = (value: Json): TextPart => ({ type: String(value.type), text: String(value.text), isVerbatim: value.verbatim === true });
