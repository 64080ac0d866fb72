import { approversText } from '../calls.ts';
import type { Decision, Of } from '../command.ts';
import { formatDuration } from '../duration.ts';
import { isExpired } from '../expiry.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { notReady, over, whatNow } from './over.ts';

/** Yes to exactly this plan. */
export function approve(state: State, { by, isApprover, digest }: Of<'approve'>, now: number): Decision {
  if (state.approvals.some((approval) => approval.by.id === by.id))
    return refuse('already-approved', `You have approved ${state.id} already.`, whatNow(state));
  const closed = notWaiting(state, now);
  if (closed) return closed;
  const policy = state.outline?.policy;
  if (!policy) return notReady(state);
  const who = approversText(state, now);
  if (!isApprover) return refuse('not-allowed', `${state.id} can be approved by ${who}.`, `Ask one of ${who} to press Approve.`);
  if (by.id === state.requester.id && !policy.requester)
    return refuse('own-request', `You asked for ${state.id}, so someone else of ${who} must approve it.`, `Ask one of ${who}.`);
  if (digest !== state.digest)
    return refuse('superseded', `That button belongs to an older plan of ${state.id}.`, 'Look at the card as it is now and approve that.');
  const enough = state.approvals.length + 1 >= policy.count;
  return [{ type: 'approved', by, digest }, ...(enough ? [{ type: 'started' } as const] : [])];
}

/** No, with a reason. */
export function reject(state: State, { by, isApprover, reason }: Of<'reject'>, now: number): Decision {
  const closed = notWaiting(state, now);
  if (closed) return closed;
  if (!isApprover)
    return refuse(
      'not-allowed',
      `${state.id} can be rejected by ${approversText(state, now)}.`,
      `Ask one of them${by.id === state.requester.id ? ', or press Withdraw' : ''}.`,
    );
  return [{ type: 'rejected', by, reason }];
}

/** Why nobody can say yes or no to it now; undefined when they can. */
export function notWaiting(state: State, now: number): Refusal | undefined {
  if (state.status === 'reading') return notReady(state);
  if (state.status === 'shown')
    return refuse('over', `${state.id} is a dry run: it can never be approved.`, `Ask for it: /rollback ${state.system} ${state.version}`);
  if (state.status !== 'waiting') return over(state);
  if (isExpired(state, now))
    return refuse(
      'expired',
      `${state.id} was not approved within ${formatDuration(state.outline?.policy.standsMs ?? 0)} and has expired.`,
      `Ask again: /rollback ${state.system} ${state.version}`,
    );
  return undefined;
}
