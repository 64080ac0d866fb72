import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from './person.ts';
import type { ChaosSystem } from './system.ts';
import type { ChaosWorld } from './world.ts';

const tickMs = 50;
/** When a request has left no trace for so long, it was lost, in milliseconds. */
const lostAfterMs = 12_000;
/** How long after Slack has said that the bot does not answer the request may still come to be, in milliseconds. */
const lateAfterMs = 1000;

/** What a request became: a rollback's id, or that it was not heard, or heard and lost. */
export type Asked = { readonly id: string } | 'not-heard' | 'lost';

/** Types the command once, and waits for a rollback that was not there before. */
export async function ask(world: ChaosWorld, person: Person, system: ChaosSystem, version: string): Promise<Asked> {
  const before = await newest(world, system);
  const isHeard = await person.ask(`${system} ${version}`);
  for (const end = performance.now() + (isHeard ? lostAfterMs : lateAfterMs); performance.now() < end; await delay(tickMs)) {
    const id = await world.journal.newest(system);
    if (id !== undefined && id !== before && (await isFor(world, id, version))) return { id };
  }
  return isHeard ? 'lost' : 'not-heard';
}

/** Waits for Redis, where it is away. */
async function newest({ journal }: ChaosWorld, system: ChaosSystem): Promise<string> {
  for (;;) {
    const found = await journal.newest(system);
    if (found !== undefined) return found;
    await delay(tickMs);
  }
}

/** Slack may deliver a request of an earlier round once more, late. */
async function isFor({ journal }: ChaosWorld, id: string, version: string): Promise<boolean> {
  const [first] = await journal.events(id);
  return first?.type === 'requested' && first.version === version;
}
