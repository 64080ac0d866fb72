import { type KeptOutput, KeptText } from './domain/output.ts';
import { type Form, formsOf } from './mask-forms.ts';

const shortest = 6;
const dots = '•••';

/**
 * A function that puts dots in the place of these values, wherever they stand in a text and however programs write them ({@link formsOf}). Where values overlap, all that is covered is one place.
 */
export function masker(secrets: readonly (string | undefined)[]): (text: string) => string {
  const streams = streamMasker(secrets);
  return (text) => {
    const mask = streams();
    return mask.add(text) + mask.end();
  };
}

/** The same for texts that come in pieces: each call begins another text. Values of fewer than six characters would hide ordinary words, and stay. */
export function streamMasker(secrets: readonly (string | undefined)[]): () => StreamMask {
  const all = secrets.flatMap((secret) => (secret === undefined || secret.length < shortest ? [] : formsOf(secret)));
  const unique = new Map(all.map((form) => [`${form.digits} ${form.text}`, form]));
  const finder = finderOf([...unique.values()].sort((a, b) => b.text.length - a.text.length));
  return () => new StreamMask(finder);
}

/** What is looked for; `longest`: as many characters as a secret may take, what stands between its signs included. */
interface Finder {
  /** Longest first. */
  readonly forms: readonly string[];
  readonly pattern: RegExp | undefined;
  readonly longest: number;
}

function finderOf(forms: readonly Form[]): Finder {
  const texts = forms.map(({ text }) => text);
  const pattern = forms.length > 0 ? new RegExp(forms.map(sourceOf).join('|'), 'g') : undefined;
  return { forms: texts, pattern, longest: Math.max(1, ...forms.map(lengthOf)) };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function sourceOf({ text, digits }: Form): string {
  if (digits === 'base64') return [...text].map(escaped).join('\n?');
  return digits === 'hex' ? (text.match(/../g) ?? []).join('[ :\n]{0,2}') : escaped(text);
}

/** As long as it can be with all that {@link sourceOf} lets stand in it. */
const lengthOf = ({ text, digits }: Form): number => (digits === undefined ? text.length : 2 * text.length);

/** Puts dots in the place of secrets in one text that comes in pieces. It tells as much less than it was given as a secret might still need. */
export class StreamMask {
  readonly #finder: Finder;
  #rest = '';
  /** So much of the beginning of what is held back is hidden, and its dots are told. */
  #hidden = 0;
  #isAfterCut = false;

  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** What can be told by now. */
  add(text: string): string {
    this.#rest += text;
    return this.#tell(Math.max(0, this.#rest.length - this.#finder.longest + 1), []);
  }

  /** Something was left out here: what may be the beginning of a secret is hidden, and of what comes next what may be its end. */
  cut(): string {
    const told = this.#tell(this.#rest.length, this.#beginnings());
    this.#isAfterCut = true;
    return told;
  }

  /** The rest. */
  end(): string {
    return this.#tell(this.#rest.length, []);
  }

  /** Tells the text up to `until`: where a secret begins before that, it is there as a whole. */
  #tell(until: number, more: readonly Span[]): string {
    if (until === 0) return '';
    const text = this.#rest;
    const spans = [...this.#ends(), ...this.#found(until), ...more].sort((a, b) => a.from - b.from);
    let told = '';
    let at = this.#hidden;
    for (const { from, to } of spans) {
      if (from >= at) told += text.slice(at, from) + dots;
      at = Math.max(at, to);
    }
    told += text.slice(at, until);
    this.#rest = text.slice(until);
    this.#hidden = Math.max(0, at - until);
    return told;
  }

  /** Where secrets are that begin before `until`; those that overlap as one. */
  #found(until: number): Span[] {
    const spans: Span[] = [];
    const { pattern } = this.#finder;
    if (!pattern) return spans;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(this.#rest); match && match.index < until; match = pattern.exec(this.#rest)) {
      const span = { from: match.index, to: match.index + match[0].length };
      const last = spans.at(-1);
      if (last && span.from < last.to) last.to = Math.max(last.to, span.to);
      else spans.push(span);
      pattern.lastIndex = match.index + 1;
    }
    return spans;
  }

  /** Of the text before something that was left out: what may be the beginning of a secret. */
  #beginnings(): Span[] {
    const { length } = this.#rest;
    const longest = this.#longestPart((form, size) => this.#rest.endsWith(form.slice(0, size)));
    return longest > 0 ? [{ from: length - longest, to: length }] : [];
  }

  /** Of the text after something that was left out: what may be the end of a secret. */
  #ends(): Span[] {
    if (!this.#isAfterCut) return [];
    this.#isAfterCut = false;
    const longest = this.#longestPart((form, size) => this.#rest.startsWith(form.slice(-size)));
    return longest > 0 ? [{ from: 0, to: longest }] : [];
  }

  #longestPart(isThere: (form: string, size: number) => boolean): number {
    let longest = 0;
    for (const form of this.#finder.forms) {
      for (let size = form.length - 1; size >= Math.max(shortest, longest + 1); size -= 1) if (isThere(form, size)) longest = size;
    }
    return longest;
  }
}

interface Span {
  readonly from: number;
  to: number;
}

/** A step's output, masked as it streams and kept as {@link KeptText} keeps it: masked first, so that no cut shows a part of a secret. */
export class MaskedOutput {
  readonly #mask: StreamMask;
  readonly #kept = new KeptText();

  constructor(mask: StreamMask) {
    this.#mask = mask;
  }

  /** More of it; `leftOutBytes`: so many bytes are missing before this text. */
  add(text: string, leftOutBytes: number): void {
    if (leftOutBytes > 0) {
      this.#kept.add(this.#mask.cut());
      this.#kept.leaveOut(leftOutBytes);
    }
    this.#kept.add(this.#mask.add(text));
  }

  /** There is no more. */
  end(): KeptOutput {
    this.#kept.add(this.#mask.end());
    return this.#kept.kept;
  }
}
