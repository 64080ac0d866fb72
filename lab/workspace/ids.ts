import { randomBytes } from 'node:crypto';

/** Makes message timestamps: the time in seconds with six decimals, always newer than the one before, as Slack's are. */
export function timestamps(now: () => number = Date.now): () => string {
  let lastUs = 0;
  return () => {
    lastUs = Math.max(now() * 1000, lastUs + 1);
    return `${Math.floor(lastUs / 1_000_000)}.${String(lastUs % 1_000_000).padStart(6, '0')}`;
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A random id such as `V7Q2…`, capitals and digits after the prefix. */
export function newId(prefix: string, length = 10): string {
  const tail = Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('');
  return prefix + tail;
}

/** A random secret in hex, `bytes` long. */
export const newSecret = (bytes = 16): string => randomBytes(bytes).toString('hex');

/** A short random block_id or action_id, where the app gave none. */
export const newBlockId = (): string => randomBytes(3).toString('base64url');
