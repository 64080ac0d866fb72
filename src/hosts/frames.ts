/** One answer of a shell: what came before its mark, and the fields after it. */
export interface Frame {
  /** At most `keepBytes` of the payload: its beginning. */
  readonly payload: Buffer;
  /** All of it, kept or not. */
  readonly payloadBytes: number;
  readonly fields: readonly string[];
}

const newline = 0x0a;
/** A trailer is a short line of ours; one longer than this is not a trailer and the stream cannot be trusted any more. */
const longestTrailerBytes = 4096;

/**
 * Cuts a stream of `payload \n mark SPACE fields \n` into frames, however it arrives in chunks. The mark is random and
 * known to nobody else, so the payload may hold any bytes. Memory is bounded by `keepBytes`, whatever is sent.
 */
export class FrameParser {
  readonly #needle: Buffer;
  readonly #keepBytes: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #seenBytes = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(mark: string, keepBytes: number) {
    this.#needle = Buffer.from(`\n${mark} `);
    this.#keepBytes = keepBytes;
  }

  /** The frames that this chunk completes. Throws a RangeError on a trailer that does not end. */
  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const at = this.#rest.indexOf(this.#needle);
    if (at < 0) {
      this.#keep(this.#rest.length - this.#needle.length + 1);
      return undefined;
    }
    this.#keep(at);
    const end = this.#rest.indexOf(newline, this.#needle.length);
    if (end >= 0) return this.#finish(end);
    if (this.#rest.length > longestTrailerBytes) throw new RangeError('an answer of the shell does not end');
    return undefined;
  }

  /** Moves the first `count` bytes from what is undecided to the payload. */
  #keep(count: number): void {
    if (count <= 0) return;
    const part = this.#rest.subarray(0, Math.min(count, this.#keepBytes - this.#keptBytes));
    if (part.length > 0) this.#kept.push(part);
    this.#keptBytes += part.length;
    this.#seenBytes += count;
    this.#rest = this.#rest.subarray(count);
  }

  #finish(end: number): Frame {
    const fields = this.#rest.subarray(this.#needle.length, end).toString('utf8').split(' ');
    const frame = { payload: Buffer.concat(this.#kept), payloadBytes: this.#seenBytes, fields };
    this.#rest = this.#rest.subarray(end + 1);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#seenBytes = 0;
    return frame;
  }
}
