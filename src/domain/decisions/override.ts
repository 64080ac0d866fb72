import { overridableAt } from '../calls.ts';
import type { Decision, Of } from '../command.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { notWaiting } from './approval.ts';
import { notReady, whatNow } from './over.ts';

/** One allowed person starts it alone, because nobody answered: the system's name and a reason are typed, so that it is no slip of the hand. */
export function override(state: State, { by, mayOverride, typed, reason, digest }: Of<'override'>, now: number): Decision {
  const closed = notWaiting(state, now);
  if (closed) return closed;
  const policy = state.outline?.policy;
  if (!policy) return notReady(state);
  if (policy.override === undefined)
    return refuse('not-allowed', `The policy of ${state.system} lets nobody start a rollback alone.`, `Ask one of ${policy.by}.`);
  if (!mayOverride)
    return refuse('not-allowed', `${state.id} is started alone by ${policy.override} only.`, `Ask ${policy.override}, or ${policy.by}.`);
  const from = overridableAt(state);
  if (from === undefined || now < from)
    return refuse('not-ready', `The approvers of ${state.id} still have time to answer.`, 'Override… appears on the card when their time is up.');
  if (digest !== state.digest)
    return refuse('superseded', `That was about an older plan of ${state.id}.`, 'Look at the card as it is now and open Override… again.');
  if (typed.trim().toLowerCase() !== state.system)
    return refuse(
      'malformed',
      `You typed “${typed.trim().slice(0, 60)}”, and the system is called ${state.system}.`,
      'Open Override… again and type its name.',
    );
  if (reason.trim() === '') return refuse('malformed', 'Starting alone needs a reason.', 'Say in a few words why it cannot wait.');
  return [{ type: 'overridden', by, digest, reason: reason.trim() }, { type: 'started' }];
}

/** Another of those who approve has looked at it. */
export function review(state: State, { by, isApprover, note }: Of<'review'>): Decision {
  const { overrides } = state;
  if (overrides.length === 0) return refuse('nothing-to-do', `${state.id} was not started alone: it owes no review.`, whatNow(state));
  const open = overrides.filter((one) => one.review === undefined);
  if (open.length === 0)
    return refuse('nothing-to-do', `${overrides.at(-1)?.review?.by.name} has closed the review of ${state.id} already.`, whatNow(state));
  const who = state.outline?.policy.by ?? 'the approvers';
  if (!isApprover) return refuse('not-allowed', `The review of ${state.id} is closed by ${who}.`, `Ask one of ${who}.`);
  if (open.every((one) => one.by.id === by.id))
    return refuse('own-request', `You started ${state.id} alone, so someone else of ${who} closes its review.`, `Ask one of ${who}.`);
  if (note.trim() === '') return refuse('malformed', 'A review needs a sentence on what came of it.', 'Say whether it was right to start alone.');
  return [{ type: 'reviewed', by, note: note.trim() }];
}
