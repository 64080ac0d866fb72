import type { Actor } from '../domain/event.ts';
import { requestOf, undoRequestOf } from '../domain/request.ts';
import { NORMAL } from '../domain/runbook.ts';
import { isEnded, type State } from '../domain/state.ts';
import type { System } from '../domain/system.ts';
import type { Context } from './context.ts';

/** Who asks for a rehearsal that is due. */
const schedule: Actor = { id: 'bot', name: 'the schedule', via: 'bot' };

/** How many of a system's newest rollbacks are searched for the last rehearsal. */
const lookedBack = 20;

/** Asks for the rehearsals that are due. One that is under way, or was asked for within the interval, is enough. */
export async function startDueDrills(context: Pick<Context, 'systems' | 'log' | 'mirror' | 'logger' | 'now'>): Promise<void> {
  for (const system of Object.values(context.systems)) if (await isDue(context, system)) await startDrill(context, system);
}

async function isDue(context: Pick<Context, 'log' | 'now'>, system: System): Promise<boolean> {
  const everyMs = system.drill?.everyMs;
  if (everyMs === undefined) return false;
  const states = await Promise.all((await context.log.newest(system.name, lookedBack)).map((id) => context.log.load(id)));
  return !states.some((state) => state?.drill && (!isEnded(state) || context.now() - state.requestedAt < everyMs));
}

async function startDrill(context: Pick<Context, 'log' | 'mirror' | 'logger' | 'now'>, system: System): Promise<void> {
  const version = system.drill?.to ?? (await context.mirror(system).list()).tags[1]?.tag;
  if (version === undefined)
    return context.logger.warn({ system: system.name }, 'a rehearsal is due, but the repository has no release to go back to');
  const everyMs = system.drill?.everyMs ?? 0;
  const key = `drill:${system.name}:${Math.floor(context.now() / Math.max(1, everyMs))}`;
  await context.log.create({ key, ...requestOf(system, { by: schedule, version, variant: NORMAL, drill: true }) });
}

/** For how long after its end a rehearsal is put back, in milliseconds: less than a repeated request is known as one. */
const putBackWithinMs = 12 * 3_600_000;

/** The second half of a rehearsal: what its rollback changed is put back, and that is proven too. */
export async function putDrillBack(context: Context, state: State): Promise<void> {
  if (context.now() - (state.endedAt ?? 0) > putBackWithinMs) return; // by then nobody remembers whether it was asked for already
  await context.log.create({ key: `drill-back:${state.id}`, ...undoRequestOf(state, state.requester, { of: 'all' }) });
}
