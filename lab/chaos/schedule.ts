import type { Fault } from './fault.ts';
import { faultsOf } from './faults.ts';
import { randomOf } from './random.ts';
import { type ChaosSystem, systems } from './system.ts';

/** What the seed says of a round. When the machine does what within it is its own affair: that is not replayed. */
export interface Schedule {
  readonly seed: number;
  readonly system: ChaosSystem;
  /** When each fault comes, as a part of the time that a rollback takes when nothing is wrong. */
  readonly faults: readonly { readonly moment: number; readonly fault: Fault }[];
}

/** The schedule of this seed; without faults when `calm`. */
export function scheduleOf(seed: number, calm = false): Schedule {
  const random = randomOf(seed);
  const system = random.pick(systems);
  if (calm) return { seed, system: systems[seed % 2] ?? system, faults: [] };
  return { seed, system, faults: faultsOf(seed, random).map((fault) => ({ moment: random.next(), fault })) };
}

/** The faults in words: `worker-kill at 43%`. */
export const wordsOf = ({ faults }: Schedule): string =>
  faults.length === 0 ? 'nothing wrong' : faults.map(({ moment, fault }) => `${fault.text} at ${Math.round(moment * 100)}%`).join(' + ');
