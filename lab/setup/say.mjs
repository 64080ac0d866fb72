/** How set-up talks: one plain sentence a line, with the seconds that something took. */

/** Prints one sentence for the person who waits. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Says what is being done, does it, and says how long it took. What it throws is passed on. */
export async function doing(text, work) {
  say(`${text} …`);
  const startedMs = Date.now();
  const result = await work();
  say(`  done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`);
  return result;
}

/** A problem that the person can mend: printed without a stack. `advice` says what to do. */
export class SetupError extends Error {
  constructor(message, advice = '') {
    super(message);
    this.name = 'SetupError';
    this.advice = advice;
  }
}
