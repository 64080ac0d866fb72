/** What is kept of a step's output, with its secrets masked: its beginning, its end, and how many bytes between them are not. */
export interface KeptOutput {
  readonly head: string;
  /** 0: `head` and `tail` together are all of it. */
  readonly leftOutBytes: number;
  readonly tail: string;
}

/** Lengths in characters as JavaScript counts them. */
const headLength = 8 * 1024;
const tailLength = 16 * 1024;

/** Nothing was printed. */
export const noOutput: KeptOutput = { head: '', leftOutBytes: 0, tail: '' };

/** Beginning and end as one text, and between them how much is missing. */
export function outputText({ head, leftOutBytes, tail }: KeptOutput): string {
  if (leftOutBytes === 0) return head + tail;
  const newline = head === '' || head.endsWith('\n') ? '' : '\n';
  return `${head}${newline}… ${leftOutBytes.toLocaleString('en-US')} bytes left out …\n${tail}`;
}

/** What is kept of a text that is there as a whole. */
export function keptOf(text: string): KeptOutput {
  const kept = new KeptText();
  kept.add(text);
  return kept.kept;
}

/** Keeps the first 8 Ki and the last 16 Ki characters of a text of any length, and counts the bytes (UTF-8) between them. Never cuts a surrogate pair. */
export class KeptText {
  #head = '';
  #isHeadFull = false;
  #leftOutBytes = 0;
  #tail = '';
  /** The first half of a pair, whose second half is still to come. */
  #half = '';

  /** More of the text, cut anywhere. */
  add(text: string): void {
    const all = this.#half + text;
    const whole = isHigh(all.charCodeAt(all.length - 1)) ? all.length - 1 : all.length;
    this.#half = all.slice(whole);
    this.#take(all.slice(0, whole));
  }

  /** Here so many bytes are missing. What was read since the beginning was full is left out with them: there is one gap. */
  leaveOut(bytes: number): void {
    if (bytes <= 0) return;
    this.#take(this.#half);
    this.#half = '';
    this.#isHeadFull = true;
    this.#leftOutBytes += bytes + Buffer.byteLength(this.#tail);
    this.#tail = '';
  }

  /** What is kept by now. */
  get kept(): KeptOutput {
    this.#take(this.#half);
    this.#half = '';
    this.#trim();
    return { head: this.#head, leftOutBytes: this.#leftOutBytes, tail: this.#tail };
  }

  #take(text: string): void {
    const room = this.#isHeadFull ? 0 : pairStart(text, headLength - this.#head.length);
    this.#head += text.slice(0, room);
    if (room === text.length) return;
    this.#isHeadFull = true;
    this.#tail += text.slice(room);
    // Not each time: to cut costs as much as what is kept is long.
    if (this.#tail.length > 4 * tailLength) this.#trim();
  }

  #trim(): void {
    if (this.#tail.length <= tailLength) return;
    const from = this.#tail.length - tailLength;
    const start = isLow(this.#tail.charCodeAt(from)) && isHigh(this.#tail.charCodeAt(from - 1)) ? from + 1 : from;
    this.#leftOutBytes += Buffer.byteLength(this.#tail.slice(0, start));
    this.#tail = this.#tail.slice(start);
  }
}

/** `at`, or one less where a pair would be cut there. */
function pairStart(text: string, at: number): number {
  if (at >= text.length) return text.length;
  return isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at)) ? at - 1 : at;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
