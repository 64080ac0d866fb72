import { type Refusal, refuse } from '../domain/refusal.ts';
import { holdsLock, isEnded } from '../domain/state.ts';
import { type LockSeen, statusReply } from '../templates/replies.ts';
import { findSystem } from './request.ts';
import type { UnlockContext } from './unlock.ts';

/** How many of a system's rollbacks are looked back at. */
const newestShown = 3;

/** What status works with; `dangers`: what of Redis' settings could lose data, asked now. */
export interface StatusContext extends Pick<UnlockContext, 'systems' | 'log' | 'now' | 'workers'> {
  dangers(): Promise<readonly string[]>;
}

/** What is open and what has just ended, of everything, of one system (`sac`) or of one rollback (`sac-42`); who holds the locks. */
export async function status(context: StatusContext, of: string | undefined): Promise<string | Refusal> {
  const systems = of === undefined ? Object.keys(context.systems) : [of.replace(/-\d+$/, '')];
  const unknown = systems.map((name) => findSystem(context.systems, name)).find((found) => 'code' in found);
  if (unknown && 'code' in unknown) return unknown;
  const locks = (await Promise.all(systems.map((name) => lockOf(context, name)))).filter((lock) => lock !== undefined);
  const beside = { now: context.now(), locks, dangers: await context.dangers() };
  if (of !== undefined && !Object.hasOwn(context.systems, of)) {
    const one = await context.log.load(of);
    return one
      ? statusReply([one], beside)
      : refuse('rollback-unknown', 'There is no rollback of that id.', 'Type /rollback status to see those there are.');
  }
  const newest = (await Promise.all(systems.map((name) => context.log.newest(name, newestShown)))).flat();
  const ids = [...new Set([...(await context.log.open()), ...newest])];
  const found = (await Promise.all(ids.map((id) => context.log.load(id)))).filter((state) => state !== undefined);
  const states = found.filter((state) => systems.includes(state.system) && (!isEnded(state) || newest.includes(state.id)));
  return statusReply(states, beside);
}

async function lockOf(context: StatusContext, system: string): Promise<LockSeen | undefined> {
  const lock = await context.log.lock(system);
  if (!lock) return undefined;
  const state = await context.log.load(lock.rollback);
  const worker = state?.worker === undefined ? {} : { worker: state.worker, isAlive: await context.workers.alive(state.worker) };
  return { system, ...lock, isRightful: state !== undefined && holdsLock(state), waits: state?.status === 'trouble', ...worker };
}
