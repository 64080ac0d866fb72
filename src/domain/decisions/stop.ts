import type { Decision, Of } from '../command.ts';
import { refuse } from '../refusal.ts';
import { holdsLock, isEnded, type State } from '../state.ts';
import { whatNow } from './over.ts';
import { mayDecide } from './trouble.ts';

/** What runs on the hosts is ended, and nothing more is begun. */
export function stop(state: State, { by, mayStop }: Of<'stop'>): Decision {
  if (state.status === 'stopping') return refuse('nothing-to-do', `${state.stop?.by.name} has stopped ${state.id} already.`, whatNow(state));
  if (!holdsLock(state)) return refuse('nothing-to-do', `${state.id} does not run.`, isEnded(state) ? whatNow(state) : 'Reject or Withdraw ends it.');
  const { by: approvers, stop: named } = state.outline?.policy ?? {};
  if (named === undefined ? !mayDecide(state, by, mayStop) : !mayStop)
    return refuse('not-allowed', `${state.id} is stopped by ${named ?? `${approvers} or ${state.requester.name}`}.`, 'Ask one of them.');
  return [{ type: 'stop-chosen', by }];
}

/** The lock of a rollback that nobody works on any more is taken away. One that lives is stopped instead, so that nothing of it runs on. */
export function unlock(state: State, { by, mayUnlock, livesOn, reason, token }: Of<'unlock'>): Decision {
  if (!mayUnlock) return refuse('not-allowed', `You may not unlock ${state.title}: its policy names others.`, 'Ask one of them.');
  if (reason.trim() === '') return refuse('malformed', 'Unlocking needs a reason.', `Type /rollback unlock ${state.system} <why>.`);
  if (livesOn !== '')
    return refuse('not-ready', `${state.id} holds the lock, and ${livesOn}.`, `End it in order: /rollback stop ${state.id}, or decide on its card.`);
  return [{ type: 'unlocked', by, reason: reason.trim(), token }];
}
