import { removeLeftovers } from './leftovers.ts';

/** Run by set-up at the end: hosts of a run that was killed go away before the engine does. */
const removed = await removeLeftovers().catch(() => []);
if (removed.length > 0) process.stderr.write(`Removed hosts that were still there: ${removed.join(', ')}.\n`);
