import { expiresAt } from './decide.ts';
import { next } from './next.ts';
import { wakeAt } from './owed.ts';
import type { State } from './state.ts';

/** The queues, named for what their jobs do. */
export const queueNames = ['plan', 'phase', 'announce', 'reconcile'] as const;
export type QueueName = (typeof queueNames)[number];

/** A job that should exist. The same state gives the same ids, so adding it twice adds it once. */
export interface WorkOrder {
  readonly queue: QueueName;
  readonly id: string;
  readonly rollback: string;
  /** Milliseconds since 1970 at which it should run; absent for at once. */
  readonly at?: number;
}

/** How often a running pipeline is looked at, in milliseconds. */
export const pollEveryMs = 2000;

/**
 * The jobs that this state calls for: `react` adds them after an append, `reconcile` adds them again from time to time.
 * Ids end in the sequence number of the event that caused them.
 */
export function workOrders(state: State, now: number): WorkOrder[] {
  const orders: WorkOrder[] = [announceOrder(state)];
  if (state.status === 'reading') orders.push({ queue: 'plan', id: `${state.id}.plan.${state.cause}`, rollback: state.id });
  const work = next(state);
  if (work.do === 'poll') orders.push(pollOrder(state, now));
  else if (work.do !== 'nothing') orders.push(phaseOrder(state));
  const wake = wakeAt(state, now, expiresAt(state));
  if (wake !== undefined) orders.push({ queue: 'reconcile', id: `${state.id}.wake.${wake}`, rollback: state.id, at: wake });
  return orders;
}

const announceOrder = (state: State): WorkOrder => ({ queue: 'announce', id: `${state.id}.announce.${state.seq}`, rollback: state.id });

/** Named for the phase that is to be done, or for the proof after the last. */
function phaseOrder(state: State): WorkOrder {
  const open = state.phases.findIndex((phase) => phase.endedAt === undefined);
  return { queue: 'phase', id: `${state.id}.${open < 0 ? 'proof' : `phase-${open + 1}`}.${state.cause}`, rollback: state.id };
}

/** The next look at running pipelines, on a grid of time so that everyone means the same job. */
function pollOrder(state: State, now: number): WorkOrder {
  const at = (Math.floor(now / pollEveryMs) + 1) * pollEveryMs;
  return { queue: 'phase', id: `${state.id}.poll.${at}`, rollback: state.id, at };
}
