import { decide } from '../domain/decide.ts';
import { isExpired } from '../domain/expiry.ts';
import { refuse } from '../domain/refusal.ts';
import type { Context } from './context.ts';
import { putDrillBack, startDueDrills } from './drills.ts';
import { keepPeople } from './people.ts';
import { recordProven } from './phase/prove.ts';

/** Looks at one rollback, or at all that may still need work: expires what has stood too long, and adds the jobs that should exist. */
export async function reconcile(context: Context, id: string): Promise<void> {
  const ids = id === '' ? await context.log.open() : [id];
  if (id === '') await startDueDrills(context).catch((error: Error) => context.logger.error({ err: error }, 'a rehearsal cannot be asked for'));
  if (id === '')
    void keepPeople(context).catch((error: Error) => context.logger.warn({ err: error.message }, 'who is in the groups could not be kept'));
  for (const one of ids) {
    await look(context, one).catch((error: Error) => context.logger.error({ rollback: one, err: error }, 'cannot be reconciled; the others are'));
  }
  if (id === '') await context.onLookedOver?.();
}

async function look(context: Context, id: string): Promise<void> {
  const state = await context.log.load(id);
  if (!state) return;
  if (isExpired(state, context.now())) {
    await context.log.decide(id, (current, now) => decide(current, { type: 'expire' }, now));
    return;
  }
  if (state.status === 'complete') await recordProven(context, state); // a crash right after the proof must not lose it
  if (state.status === 'complete' && state.drill && !state.undoes) await putDrillBack(context, state);
  if (state.undoes && state.startedAt !== undefined) await handOver(context, state.undoes.rollback, state.id);
  await context.hurry(state);
  await context.react(state);
}

/** The undo holds the lock now: the rollback that it took it from is over. */
async function handOver(context: Context, from: string, to: string): Promise<void> {
  await context.log.decide(from, (state) =>
    state.status === 'trouble' ? [{ type: 'handed-over', to }] : refuse('nothing-to-do', `${from} does not wait for a decision.`, ''),
  );
}
