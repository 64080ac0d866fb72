import { expiresAt } from './expiry.ts';
import { next } from './next.ts';
import { owed, wakeAt } from './owed.ts';
import { isEnded, isReviewOwed, type State } from './state.ts';

/** The queues, named for what their jobs do. */
export const queueNames = ['plan', 'halt', 'stop', 'phase', 'announce', 'record', 'close', 'reconcile'] as const;
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
  if (isHaltOpen(state)) orders.push({ queue: 'halt', id: `${state.id}.halt.${state.halted?.seq}`, rollback: state.id });
  if (state.undoes && state.startedAt === state.at)
    orders.push({ queue: 'reconcile', id: `${state.id}.hand-over.${state.cause}`, rollback: state.id });
  if (isRecordDue(state)) orders.push({ queue: 'record', id: `${state.id}.record.${state.cause}`, rollback: state.id });
  if (isClosable(state, now)) orders.push({ queue: 'close', id: `${state.id}.close.${state.seq}`, rollback: state.id });
  const work = next(state);
  if (work.do === 'stop') orders.push({ queue: 'stop', id: `${state.id}.stop.${state.cause}`, rollback: state.id });
  else if (work.do === 'poll') orders.push(pollOrder(state, now));
  else if (work.do !== 'nothing') orders.push(phaseOrder(state));
  const wake = wakeAt(state, now, expiresAt(state));
  if (wake !== undefined) orders.push({ queue: 'reconcile', id: `${state.id}.wake.${wake}`, rollback: state.id, at: wake });
  return orders;
}

/** For how long an ended rollback stays on the list after nothing is owed any more, in milliseconds: late updates of its messages. */
const closedAfterMs = 60 * 60_000;

/** Nothing is owed any more, and nobody looks at its card: it can be exported and taken off the list. */
export const isClosable = (state: State, now: number): boolean =>
  isEnded(state) && !isReviewOwed(state) && owed(state, now).length === 0 && now - (state.endedAt ?? now) > closedAfterMs;

/** The release is proven, and what it is made of is not kept yet. */
export const isRecordDue = (state: State): boolean => state.status === 'complete' && state.outline?.records === true && state.recorded === undefined;

/** A halt was chosen and has not been tried on every host. */
export const isHaltOpen = ({ halt, halted }: State): boolean =>
  halt !== undefined && halted !== undefined && halt.hosts.some((host) => !Object.hasOwn(halted.hosts, host));

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
