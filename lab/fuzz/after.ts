import type { State } from '../../src/domain/state.ts';
import { messages } from '../../src/templates/messages.ts';
import { statusReply } from '../../src/templates/replies.ts';
import { reportView, stepsView } from '../../src/templates/views.ts';
import type { Heard } from './bolt.ts';
import type { Outcome } from './part.ts';
import { faultsOfAnswer, faultsOfMessage, faultsOfView, mustBeFine } from './said.ts';
import { now, users, type World } from './world.ts';

/** All that is said of a rollback now must be fine: its card, its thread, its notices, its status, its report. */
export function mustReadWell(state: State, outputs: Parameters<typeof messages>[0]['outputs'] = {}): void {
  for (const message of messages({ state, now, outputs, mentions: {} }))
    mustBeFine(`${state.id}, message ${message.key}`, faultsOfMessage(message, users));
  mustBeFine(`${state.id}, its status`, faultsOfAnswer(statusReply([state], { now, locks: [], dangers: [] }), users));
  mustBeFine(`${state.id}, its report`, faultsOfView(reportView(state), users));
  mustBeFine(`${state.id}, its steps`, faultsOfView(stepsView(state, now), users));
}

/**
 * What must hold after anything that a person did: acknowledged first, nothing thrown, one answer at most and a fine one, and whatever was changed
 * reads well. A refusal changes nothing.
 */
export function mustBeInOrder({ log, errors, refusals }: World, heard: Heard): Outcome {
  if (errors.length > 0) throw new Error(`a listener failed: ${reasonOf(errors[0])}`);
  if (heard.listeners > 1) throw new Error(`${heard.listeners} listeners felt meant`);
  if (heard.listeners === 0) return 'refused';
  if (heard.acks.length !== 1 || heard.acks[0] !== 0) throw new Error('it was not acknowledged first, and once');
  if (heard.said.length > 1) throw new Error(`${heard.said.length} answers`);
  for (const text of heard.said) mustBeFine('the answer', faultsOfAnswer(text, users));
  for (const view of heard.opened) mustBeFine(`modal ${view.callback_id}`, faultsOfView(view, users));
  for (const id of log.changed) mustReadWell(log.states.get(id) as State);
  if (heard.said.length + heard.opened.length + log.changed.size === 0) throw new Error('nothing could be seen of it');
  if (refusals.length > 0 && log.changed.size > 0) throw new Error('it was refused, and something was changed');
  return refusals.length > 0 ? 'refused' : 'accepted';
}

function reasonOf(logged: unknown): string {
  const { err } = logged as { readonly err?: unknown };
  return err instanceof Error ? (err.stack ?? err.message) : String(err);
}
