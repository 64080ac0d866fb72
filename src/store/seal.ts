import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** The fewest characters of an audit key. */
export const shortestKey = 32;

/** Seals entries into a chain: each seal depends on the key, on the entry, and on all entries before it. */
export interface Sealing {
  /** Tells one key from another and says nothing of it: 16 hex digits. */
  readonly id: string;
  /** What stands in the place of a seal before the first sealed entry of this chain: of its name, and of the entries that were there unsealed. */
  begin(chain: string, unsealed?: readonly string[]): string;
  /** The seal of an entry, 64 hex digits. `body` is its text without a seal, `previous` the seal before it. */
  mac(previous: string, body: string): string;
}

/** HMAC-SHA256 (RFC 2104) with a key that Redis does not hold. */
export class Seal implements Sealing {
  readonly id: string;
  readonly #key: KeyObject;
  constructor(key: string) {
    this.#key = createSecretKey(Buffer.from(key));
    this.id = this.#hmac('key').slice(0, 16);
  }

  begin(chain: string, unsealed: readonly string[] = []): string {
    return this.#hmac(['begin', chain, ...unsealed].join('\n'));
  }

  mac(previous: string, body: string): string {
    return this.#hmac(`${previous}\n${body}`); // hex digits first: never the text of a beginning
  }

  #hmac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}

/** For a process that has no key: it can look at everything, and whatever it would write throws this error. */
export function noSealing(error: Error): Sealing {
  const refuse = (): never => {
    throw error;
  };
  return { id: '', begin: refuse, mac: refuse };
}

/** An entry's text as it is kept: one JSON object a line, its seal last. */
export const sealedText = (body: string, mac: string): string => `${body.slice(0, -1)},"mac":"${mac}"}`;

const form = /^(\{.*),"mac":"([0-9a-f]{64})"\}$/s;

/** An entry's text without its seal, and the seal; byte for byte, so that no byte can change. No seal where there is none at its end. */
export function unsealed(text: string): { readonly body: string; readonly mac?: string } {
  const [, body, mac] = form.exec(text) ?? [];
  return body === undefined || mac === undefined ? { body: text } : { body: `${body}}`, mac };
}

/** Seals these bodies one after the other; answers their texts, and the last seal. */
export function chained(seal: Sealing, previous: string, bodies: readonly string[]): { readonly texts: readonly string[]; readonly head: string } {
  let head = previous;
  const texts = bodies.map((body) => {
    head = seal.mac(head, body);
    return sealedText(body, head);
  });
  return { texts, head };
}
