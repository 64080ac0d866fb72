import type { Fault } from './fault.ts';
import { hostFaults } from './faults-of-hosts.ts';
import { processFaults } from './faults-of-processes.ts';
import { slackFaults } from './faults-of-slack.ts';
import type { Random } from './random.ts';

export type MakeFault = (random: Random) => Fault;

const kill = processFaults['worker-kill'];

/** One slot for each round in turn, so that twenty rounds in a row meet every fault; what matters most has several. */
const slots: readonly MakeFault[] = [kill, ...Object.values(processFaults), kill, ...Object.values(hostFaults), kill, ...Object.values(slackFaults)];

/** The kinds of fault there are. */
export const faultNames: readonly string[] = [processFaults, hostFaults, slackFaults].flatMap((faults) => Object.keys(faults));

/** The faults of the round with this seed: one by turn, and in one round of four a second one. Two of hosts would be in each other's way. */
export function faultsOf(seed: number, random: Random): readonly Fault[] {
  const [first, second] = [slotOf(seed)(random), slotOf(Math.floor(random.next() * slots.length))(random)];
  const isAlone = random.next() < 0.75 || (first.host !== undefined && second.host !== undefined);
  return isAlone ? [first] : [first, second];
}

const slotOf = (number: number): MakeFault => slots[((number % slots.length) + slots.length) % slots.length] ?? kill;
