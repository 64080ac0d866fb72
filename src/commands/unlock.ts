import { decide } from '../domain/decide.ts';
import type { Actor } from '../domain/event.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { holdsLock, type State } from '../domain/state.ts';
import type { Workers } from '../store/workers.ts';
import type { CommandContext } from './context.ts';
import { findSystem } from './request.ts';

/** What unlocking needs beside: who lives. */
export interface UnlockContext extends CommandContext {
  readonly workers: Workers;
}

/** Takes a system's lock away from a rollback that nobody works on any more; recorded in its log. A sentence on what was done, or why not. */
export async function unlock(context: UnlockContext, by: Actor, name: string, reason: string): Promise<string | Refusal> {
  const system = findSystem(context.systems, name);
  if ('code' in system) return system;
  const mayUnlock = await context.directory.isMember(by.id, system.policy.unlock);
  const lock = await context.log.lock(system.name);
  if (!lock) return refuse('nothing-to-do', `${system.title} is not locked.`, `Ask for a rollback: /rollback ${system.name} <version>`);
  const state = await context.log.load(lock.rollback);
  if (!state) return dropped(context, by, mayUnlock, system.name, lock.rollback, reason);
  for (;;) {
    const now = (await context.log.load(state.id)) ?? state;
    const [token, livesOn] = [await context.log.newToken(), await lives(context, now)];
    const facts = decide(now, { type: 'unlock', by, mayUnlock, livesOn, reason, token }, context.now());
    if (isRefusal(facts)) return facts;
    if ((await context.log.append(now, token, facts)).kind === 'ok') return `${system.title} is unlocked. ${state.id} was left as it is.`;
  }
}

/** What of the holder still lives, in words. */
async function lives({ workers }: UnlockContext, state: State): Promise<string> {
  if (!holdsLock(state)) return '';
  if (state.status === 'trouble') return 'it waits for a decision';
  return state.worker !== undefined && (await workers.alive(state.worker)) ? `its worker ${state.worker} is at work` : '';
}

/** Redis has lost all else of the holder. */
async function dropped(
  context: UnlockContext,
  by: Actor,
  mayUnlock: boolean,
  system: string,
  rollback: string,
  reason: string,
): Promise<string | Refusal> {
  if (!mayUnlock) return refuse('not-allowed', `You may not unlock ${system}: its policy names others.`, 'Ask one of them.');
  if (reason === '') return refuse('malformed', 'Unlocking needs a reason.', `Type /rollback unlock ${system} <why>.`);
  await context.log.dropLock(system, rollback, by, reason);
  return `${system} is unlocked. Redis has no log of ${rollback}, which held the lock: look at the hosts before you ask for another rollback.`;
}
