import { setTimeout as delay } from 'node:timers/promises';
import { check } from './check.ts';
import type { Seen } from './check-host.ts';
import { Failure, Follow, type Takeover } from './follow.ts';
import type { ChaosHost } from './hosts.ts';
import type { Version } from './repository.ts';
import type { Schedule } from './schedule.ts';
import type { ChaosWorld } from './world.ts';

/** How long processes may take to be up again after a round, in milliseconds. */
const wellWithinMs = 60_000;

/** How a round went. */
export interface Result {
  readonly schedule: Schedule;
  readonly id: string;
  readonly version: Version;
  /** Whether the rollback came to its end, as its log says. */
  readonly isComplete: boolean;
  /** From the request to the end, in milliseconds. */
  readonly rollbackMs: number;
  /** With mending, deliveries and checks. */
  readonly roundMs: number;
  readonly takeovers: readonly Takeover[];
  readonly notes: readonly string[];
  /** Empty when all is as it should be. */
  readonly wrong: readonly string[];
  /** Where it failed: the rollback's log, a line an event. */
  readonly log: readonly string[];
}

/** Plays a round: a rollback to `version`, in which the schedule's faults come and go; `usualMs` is how long one takes when nothing is wrong. */
export async function playRound(
  world: ChaosWorld,
  schedule: Schedule,
  version: Version,
  usualMs: number,
  seen: Readonly<Record<ChaosHost, Seen>>,
): Promise<Result> {
  const startedAtMs = performance.now();
  const { system } = schedule;
  const faults = schedule.faults.map(({ fault }) => fault);
  const follow = new Follow(world, system, version, faults);
  const playing = Promise.all(schedule.faults.map((one) => play(world, one, usualMs, follow)));
  playing.catch(() => undefined); // waited for below, after the rollback
  let rollbackMs = 0;
  const wrong: string[] = [];
  try {
    await follow.toEnd();
    rollbackMs = performance.now() - startedAtMs;
    await playing;
    await allWell(world);
    wrong.push(...(await check(world, { id: follow.id, system, version, events: follow.events, faults, seen })));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    wrong.push(error.message);
    await playing;
  }
  wrong.push(...endedByThemselves(world));
  return {
    schedule,
    id: follow.id,
    version,
    isComplete: rollbackMs > 0,
    rollbackMs,
    roundMs: performance.now() - startedAtMs,
    takeovers: follow.takeovers,
    notes: [...follow.notes, ...world.board.takenBack(follow.id).map((key) => `posted twice by a deliverer that stood still, and deleted: ${key}`)],
    wrong,
    log: wrong.length === 0 ? [] : follow.events.map((event) => JSON.stringify(event).slice(0, 400)),
  };
}

/** One fault at its moment, and its mending. */
async function play(world: ChaosWorld, { moment, fault }: Schedule['faults'][number], usualMs: number, follow: Follow): Promise<void> {
  await delay(moment * usualMs);
  await fault.inject(world, { holderPid: follow.holderPid, killed: (pid) => follow.killed(pid) });
  await delay(fault.lastsMs);
  await fault.heal?.(world);
}

async function allWell({ bot, workers }: ChaosWorld): Promise<void> {
  const all = [bot, ...workers];
  for (const end = performance.now() + wellWithinMs; ; await delay(50)) {
    const ill = all.filter(({ isWell }) => !isWell);
    if (ill.length === 0) return;
    if (performance.now() > end) throw new Failure(`not up again: ${ill.map(({ name }) => name).join(', ')}`);
  }
}

/** Nobody killed them: that is a fault of theirs. */
const endedByThemselves = ({ bot, workers }: ChaosWorld): string[] =>
  [bot, ...workers].flatMap(({ name, ends }) => ends.splice(0).map((words) => `${name} ended by itself: ${words}`));
