import { setTimeout as delay } from 'node:timers/promises';

/** The answer of `work`, or a rejection when it takes longer than this, in milliseconds; the work itself goes on. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  work.catch(() => undefined); // late, nobody is there to hear of its failure
  try {
    return await Promise.race([
      work,
      delay(ms, undefined, { signal: done.signal }).then(() => Promise.reject(new Error(`not done within ${ms} ms`))),
    ]);
  } finally {
    done.abort();
  }
}
