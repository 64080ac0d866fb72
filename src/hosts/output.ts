import { StringDecoder } from 'node:string_decoder';

const tailLength = 64 * 1024;

/**
 * A step's output as it comes in, in pieces that may overlap and may cut a UTF-8 character in two. Each byte is told
 * once, in order. Only the last 64 Ki characters are kept.
 */
export class Output {
  readonly #tell: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;
  #tail = '';

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** How many bytes have been taken: where the next piece should begin. */
  get offset(): number {
    return this.#offset;
  }

  /** The last of it. */
  get tail(): string {
    return this.#tail;
  }

  /** Takes a piece that begins at `at`, a byte offset not beyond {@link offset}. */
  take(at: number, piece: Buffer): void {
    const fresh = piece.subarray(Math.max(0, this.#offset - at));
    this.#offset += fresh.length;
    this.#say(this.#decoder.write(fresh));
  }

  /** Text that is not the command's: it does not count as bytes of its output. */
  note(text: string): void {
    this.#say(this.#decoder.end() + text);
  }

  /** There is no more: tells what was left of a character that was never finished. */
  end(): void {
    this.#say(this.#decoder.end());
  }

  #say(text: string): void {
    if (text === '') return;
    this.#tail = (this.#tail + text).slice(-tailLength).replace(/^[\udc00-\udfff]/, '');
    this.#tell(text);
  }
}
