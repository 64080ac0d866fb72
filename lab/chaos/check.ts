import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../src/domain/event.ts';
import { checkHost, type Seen } from './check-host.ts';
import { checkMessages } from './check-messages.ts';
import type { Fault } from './fault.ts';
import { type ChaosHost, hostNames } from './hosts.ts';
import type { Version } from './repository.ts';
import type { ChaosSystem } from './system.ts';
import type { ChaosWorld } from './world.ts';

/** How long after the end what holds locks may take to let go of them, in milliseconds: a lease of a process that died runs out. */
const letsGoWithinMs = 15_000;

export interface Ended {
  readonly id: string;
  readonly system: ChaosSystem;
  readonly version: Version;
  readonly events: readonly Event[];
  readonly faults: readonly Fault[];
  readonly seen: Readonly<Record<ChaosHost, Seen>>;
}

/** Everything that is wrong after a rollback that says it is complete, seen from outside. */
export async function check(world: ChaosWorld, ended: Ended): Promise<string[]> {
  const { id, system, version, events, faults, seen } = ended;
  const messages = await checkMessages(world, id, version);
  const isRebooted = (name: ChaosHost): boolean => faults.some(({ host, excuses }) => host === name && excuses.includes('rebooted'));
  const wanted = { commit: world.commits[version], events };
  const hosts = await Promise.all(hostNames.map((host) => checkHost(world, host, { ...wanted, isRebooted: isRebooted(host) }, seen[host])));
  return [
    ...logOf(events),
    ...messages,
    ...takenBack(world, id, faults),
    ...hosts.flat(),
    ...(await leftInRedis(world, system, id, events)),
    ...(await leftHere(world)),
  ];
}

/** The log tells of one start and one end, and time does not run backwards in it. */
function logOf(events: readonly Event[]): string[] {
  const count = (type: Event['type']): number => events.filter((event) => event.type === type).length;
  const once = (['requested', 'approved', 'started', 'completed'] as const).filter((type) => count(type) !== 1);
  const back = events.find((event, i) => i > 0 && event.at < (events[i - 1]?.at ?? 0));
  const gap = events.find((event, i) => event.seq !== i + 1);
  return [
    ...once.map((type) => `the log has ${count(type)} events ${type}`),
    ...(back ? [`the log's time runs backwards at ${back.seq}`] : []),
    ...(gap ? [`the log has a gap at ${gap.seq}`] : []),
  ];
}

function takenBack({ board }: ChaosWorld, id: string, faults: readonly Fault[]): string[] {
  if (faults.some(({ excuses }) => excuses.includes('deliverer-stale'))) return [];
  return board.takenBack(id).map((key) => `the message ${key} was posted and deleted`);
}

async function leftInRedis({ journal }: ChaosWorld, system: string, id: string, known: readonly Event[]): Promise<string[]> {
  for (const end = performance.now() + letsGoWithinMs; ; await delay(200)) {
    const newestSeq = known.length + (await journal.events(id, known.length)).length;
    const left = await journal.leftovers(system, id, newestSeq).catch((error: Error) => [`Redis cannot be read: ${error.message}`]);
    if (left.length === 0 || performance.now() > end) return left.map((what) => `left in Redis: ${what}`);
  }
}

/** On the bot's own machine: git's locks in the mirrors, and temporary files. tsx keeps what it has compiled there. */
async function leftHere({ dataDir, tmpDir }: ChaosWorld): Promise<string[]> {
  const inTmp = (await readdir(tmpDir)).filter((name) => !/^(tsx-|node-compile-cache)/.test(name));
  const inMirrors = (await readdir(dataDir, { recursive: true })).filter((path) => /\.lock$|\/tmp_/.test(path));
  return [...inTmp, ...inMirrors].map((path) => `left on the bot's machine: ${path}`);
}
