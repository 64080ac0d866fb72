import type { Event, FactType } from './event.ts';

/** The version of the events that this bot writes. 2: sealed; a bot that knows only 1 would append events without a seal. */
export const eventVersion = 2;

/** A log was written by a newer bot than this one, and cannot be understood. */
export class NewerBotError extends Error {
  override name = 'NewerBotError';
}

/** Every type of fact of this version: an unknown one comes from a newer bot, and to pass it over could repeat an effect. */
const known: Readonly<Record<FactType, true>> = {
  requested: true,
  changed: true,
  'halt-chosen': true,
  'halt-ended': true,
  described: true,
  planned: true,
  unplannable: true,
  approved: true,
  overridden: true,
  reviewed: true,
  started: true,
  rejected: true,
  withdrawn: true,
  expired: true,
  taken: true,
  'phase-started': true,
  'step-intended': true,
  'step-finished': true,
  'pipeline-triggered': true,
  'signature-asked': true,
  signed: true,
  'phase-ended': true,
  'proof-started': true,
  'host-proven': true,
  completed: true,
  recorded: true,
  trouble: true,
  ticked: true,
  'retry-chosen': true,
  'read-again-chosen': true,
  'skip-chosen': true,
  left: true,
  'stop-chosen': true,
  stopped: true,
  unlocked: true,
  'handed-over': true,
  'message-posted': true,
  'message-dropped': true,
};

/**
 * A stored event as this bot means it. Events are never changed where they are kept; what an older bot wrote otherwise is translated here. Throws a
 * NewerBotError for what a newer bot wrote.
 */
export function upcast(stored: { readonly v: number; readonly type: string }): Event {
  if (stored.v > eventVersion || !Object.hasOwn(known, stored.type))
    throw new NewerBotError(
      `a newer rollback-bot wrote “${stored.type}” (version ${stored.v}), which this one does not know: start the newer one, and stop this one`,
    );
  return stored as Event;
}
