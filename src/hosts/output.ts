import { StringDecoder } from 'node:string_decoder';

const tailLength = 64 * 1024;

/** Is told a step's output as it comes; `leftOutBytes`: how many bytes the host did not keep, just before this text. Nearly always 0. */
export type OnOutput = (text: string, leftOutBytes: number) => void;

/**
 * A step's output as it comes in, in pieces that may overlap and may cut a UTF-8 character in two. Each byte is told
 * once, in order. Only the last 64 Ki characters are kept.
 */
export class Output {
  readonly #tell: OnOutput;
  #decoder = new StringDecoder('utf8');
  #offset = 0;
  #tail = '';
  /** The last three bytes: where a character was begun, it is in these. */
  #last: Buffer = Buffer.alloc(0);
  #leftOutBytes = 0;
  /** Left out, and not told yet. */
  #gapBytes = 0;
  #isAfterGap = false;

  constructor(tell: OnOutput) {
    this.#tell = tell;
  }

  /** How many bytes have been taken: where the next piece should begin. */
  get offset(): number {
    return this.#offset;
  }

  /** Taken and left out. */
  get totalBytes(): number {
    return this.#offset + this.#leftOutBytes;
  }

  /** The last of it; nothing from before a gap. */
  get tail(): string {
    return this.#tail;
  }

  /** Takes a piece that begins at `at`, a byte offset not beyond {@link offset}. */
  take(at: number, piece: Buffer): void {
    const fresh = piece.subarray(Math.max(0, this.#offset - at));
    this.#offset += fresh.length;
    this.#last = Buffer.concat([this.#last, fresh.subarray(-3)]).subarray(-3);
    this.#say(this.#decoder.write(this.#isAfterGap ? this.#withoutHalf(fresh) : fresh));
  }

  /** So many bytes are missing here. The halves of characters at the edges count as left out with them: a replacement in their place would be no character of it. */
  leaveOut(bytes: number): void {
    if (bytes <= 0) return;
    this.#leftOutBytes += bytes;
    this.#gapBytes += bytes + unfinished(this.#last);
    this.#isAfterGap = true;
    this.#decoder = new StringDecoder('utf8');
    this.#last = Buffer.alloc(0);
    this.#tail = '';
  }

  /** Text that is not the command's: it does not count as bytes of its output. */
  note(text: string): void {
    this.#say(this.#decoder.end() + text);
  }

  /** There is no more: tells what was left of a character that was never finished. */
  end(): void {
    this.#say(this.#decoder.end());
    if (this.#gapBytes > 0) this.#tellAll('');
  }

  #withoutHalf(piece: Buffer): Buffer {
    let from = 0;
    while (isContinuation(piece[from])) from += 1;
    this.#isAfterGap = from === piece.length;
    this.#gapBytes += from;
    return piece.subarray(from);
  }

  #say(text: string): void {
    if (text === '') return;
    this.#tail = (this.#tail + text).slice(-tailLength).replace(/^[\udc00-\udfff]/, '');
    this.#tellAll(text);
  }

  #tellAll(text: string): void {
    const gapBytes = this.#gapBytes;
    this.#gapBytes = 0;
    this.#tell(text, gapBytes);
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && byte >> 6 === 0b10;

/** How many bytes at the end are the beginning of a character that is not whole. */
function unfinished(last: Buffer): number {
  for (let back = 1; back <= last.length; back += 1) {
    const byte = last[last.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
