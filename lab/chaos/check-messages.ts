import { setTimeout as delay } from 'node:timers/promises';
import { wordsOf } from '../workspace/driver.ts';
import type { Message } from '../workspace/model.ts';
import { CHANNELS } from '../workspace/people/channels.ts';
import { keyOf } from './board.ts';
import type { ChaosWorld } from './world.ts';

/** How long after the end, and after everything is mended, the last message may take, in milliseconds. */
const deliveredWithinMs = 30_000;

/** What every rollback is told by; updates by the clock, and what trouble adds, come beside it. */
const owed = [
  'card',
  'phase-1',
  'phase-2',
  'phase-3',
  'proof',
  'initial:#inc-trading',
  'initial:#trading-status',
  'completion:#inc-trading',
  'completion:#trading-status',
];

/** What is wrong with the messages of a rollback that is complete: missing, twice, out of order, or not true. */
export async function checkMessages(world: ChaosWorld, id: string, version: string): Promise<string[]> {
  for (const end = performance.now() + deliveredWithinMs; unsaid(world, id).length > 0 && performance.now() < end; ) await delay(100);
  const posted = world.board.of(id);
  return [...unsaid(world, id), ...twice(posted), ...outOfOrder(posted), ...untrue(world.board.card(id), id, version)];
}

function unsaid({ board }: ChaosWorld, id: string): string[] {
  const keys = board.of(id).map(keyOf);
  const lines = (board.card(id)?.text ?? '').split('\n');
  return [
    ...owed.filter((key) => !keys.includes(key)).map((key) => `the message ${key} never came`),
    ...(lines[0]?.startsWith(`${id} complete`) ? [] : [`its card says: ${lines[0]}`]),
  ];
}

function twice(posted: readonly Message[]): string[] {
  const keys = posted.map(keyOf);
  return [...new Set(keys)].flatMap((key) => {
    const count = keys.filter((one) => one === key).length;
    return count === 1 ? [] : [`the message ${key} came ${count} times`];
  });
}

/** The card comes first. In each place what was told earlier stands earlier: the phases, the notices and their updates, the end. */
function outOfOrder(posted: readonly Message[]): string[] {
  const first = keyOf(posted[0] as Message);
  const inThread = posted.map(keyOf).filter((key) => /^(phase-|proof|report)/.test(key));
  const places = Object.values(CHANNELS).map((channel) =>
    posted.filter((one) => one.channel === channel && /^(initial|progress|completion)/.test(keyOf(one))),
  );
  return [
    ...(first === 'card' ? [] : [`${first} came before the card`]),
    ...[inThread, ...places.map((place) => place.map(keyOf))]
      .filter((keys) => !isSorted(keys.map(rankOf)))
      .map((keys) => `out of order: ${keys.join(', ')}`),
  ];
}

/** Where a message stands among those of its place. */
function rankOf(key: string): number {
  const number = Number(/^(?:phase|progress)-(\d+)/.exec(key)?.[1] ?? 0);
  if (/^(proof|completion)/.test(key)) return 1_000_000;
  return key === 'report' ? 1_000_001 : number;
}

const isSorted = (numbers: readonly number[]): boolean => numbers.every((number, i) => i === 0 || (numbers[i - 1] ?? 0) <= number);

function untrue(card: Message | undefined, id: string, version: string): string[] {
  const words = card ? wordsOf(card) : '';
  return words.includes(version) && /2 of 2 hosts/.test(words)
    ? []
    : [`the card of ${id} does not say that 2 of 2 hosts run ${version}: ${words.slice(0, 300)}`];
}
