import { formatDuration } from './duration.ts';
import type { Actor, Fact } from './event.ts';
import type { RunKey } from './plan.ts';
import { type Refusal, refuse } from './refusal.ts';
import { isEnded, type State } from './state.ts';

/** A person's command, with what was looked up about the person: whether the policy's group holds them. */
export type Command =
  | { readonly type: 'approve'; readonly by: Actor; readonly isApprover: boolean; readonly digest: string }
  | { readonly type: 'reject'; readonly by: Actor; readonly isApprover: boolean; readonly reason: string }
  | { readonly type: 'withdraw'; readonly by: Actor }
  | { readonly type: 'describe'; readonly by: Actor; readonly mayRequest: boolean; readonly answers: Readonly<Record<string, string>> }
  | { readonly type: 'retry'; readonly by: Actor; readonly isApprover: boolean }
  | { readonly type: 'leave'; readonly by: Actor; readonly isApprover: boolean }
  | { readonly type: 'sign'; readonly by: Actor; readonly isSigner: boolean; readonly run: RunKey }
  | { readonly type: 'expire' };

export type Decision = readonly Fact[] | Refusal;

/** What a command does to a rollback: the facts to append, or why not. Pure; `now` in milliseconds since 1970. */
export function decide(state: State, command: Command, now: number): Decision {
  switch (command.type) {
    case 'approve':
      return approve(state, command, now);
    case 'reject':
      return reject(state, command, now);
    case 'withdraw':
      return withdraw(state, command);
    case 'describe':
      return describe(state, command);
    case 'retry':
      return retry(state, command);
    case 'leave':
      return leave(state, command);
    case 'sign':
      return sign(state, command);
    case 'expire':
      return isExpired(state, now) ? [{ type: 'expired' }] : refuse('nothing-to-do', `${state.id} has not expired.`, 'Nothing to do.');
  }
}

/** Whether a request has waited longer than its policy lets it stand. */
export const isExpired = (state: State, now: number): boolean => expiresAt(state) !== undefined && now >= (expiresAt(state) ?? 0);

/** A request whose hosts could not be read in this time expires, in milliseconds: its plan would be of another moment. */
const readWithinMs = 10 * 60_000;

/** When the request stops standing; undefined when it does not wait for anybody. */
export function expiresAt(state: State): number | undefined {
  if (state.status === 'reading') return state.requestedAt + readWithinMs;
  if (state.status !== 'waiting' || !state.outline || state.plannedAt === undefined) return undefined;
  return state.plannedAt + state.outline.policy.standsMs;
}

function approve(state: State, { by, isApprover, digest }: Extract<Command, { type: 'approve' }>, now: number): Decision {
  if (state.approvals.some((approval) => approval.by.id === by.id))
    return refuse('already-approved', `You have approved ${state.id} already.`, whatNow(state));
  const closed = notWaiting(state, now);
  if (closed) return closed;
  const policy = state.outline?.policy;
  if (!policy) return notReady(state);
  if (!isApprover) return refuse('not-allowed', `${state.id} can be approved by ${policy.by}.`, `Ask one of ${policy.by} to press Approve.`);
  if (by.id === state.requester.id && !policy.requester)
    return refuse('own-request', `You asked for ${state.id}, so someone else of ${policy.by} must approve it.`, `Ask one of ${policy.by}.`);
  if (digest !== state.digest)
    return refuse('superseded', `That button belongs to an older plan of ${state.id}.`, 'Look at the card as it is now and approve that.');
  const enough = state.approvals.length + 1 >= policy.count;
  return [{ type: 'approved', by, digest }, ...(enough ? [{ type: 'started' } as const] : [])];
}

function reject(state: State, { by, isApprover, reason }: Extract<Command, { type: 'reject' }>, now: number): Decision {
  const closed = notWaiting(state, now);
  if (closed) return closed;
  if (!isApprover)
    return refuse(
      'not-allowed',
      `${state.id} can be rejected by ${state.outline?.policy.by}.`,
      `Ask one of them${by.id === state.requester.id ? ', or press Withdraw' : ''}.`,
    );
  return [{ type: 'rejected', by, reason }];
}

function withdraw(state: State, { by }: Extract<Command, { type: 'withdraw' }>): Decision {
  if (by.id !== state.requester.id)
    return refuse('not-allowed', `Only ${state.requester.name}, who asked for ${state.id}, can withdraw it.`, 'An approver can reject it.');
  if (state.status !== 'waiting' && state.status !== 'reading') return over(state);
  return [{ type: 'withdrawn', by }];
}

/** What no machine can read goes out to management: only those who may ask may say it, and after the end only what was learnt. */
function describe(state: State, { by, mayRequest, answers }: Extract<Command, { type: 'describe' }>): Decision {
  if (!mayRequest && by.id !== state.requester.id)
    return refuse('not-allowed', `Details of ${state.id} are given by those who may ask for a rollback.`, `Tell ${state.requester.name}.`);
  const kept = isEnded(state) ? Object.fromEntries(Object.entries(answers).filter(([name]) => name === 'lessons')) : answers;
  if (Object.keys(kept).length === 0)
    return refuse('over', `${state.id} is over: what it says of itself stays as it is.`, 'Lessons learned can still be added.');
  return [{ type: 'described', by, answers: kept }];
}

function retry(state: State, { by, isApprover }: Extract<Command, { type: 'retry' }>): Decision {
  if (state.status !== 'trouble') return refuse('nothing-to-do', `${state.id} does not wait for a decision.`, whatNow(state));
  if (!mayDecide(state, by, isApprover)) return notYours(state);
  return [{ type: 'retry-chosen', by }];
}

function leave(state: State, { by, isApprover }: Extract<Command, { type: 'leave' }>): Decision {
  if (state.status !== 'trouble') return refuse('nothing-to-do', `${state.id} does not wait for a decision.`, whatNow(state));
  if (!mayDecide(state, by, isApprover)) return notYours(state);
  return [{ type: 'left', by }];
}

/** Once it runs, the requester may decide trouble beside the approvers: both know of it, and nothing new is approved by it. */
const mayDecide = (state: State, by: Actor, isApprover: boolean): boolean => isApprover || by.id === state.requester.id;

const notYours = (state: State): Refusal =>
  refuse('not-allowed', `Trouble of ${state.id} is decided by ${state.outline?.policy.by} or ${state.requester.name}.`, 'Ask one of them.');

function sign(state: State, { by, isSigner, run }: Extract<Command, { type: 'sign' }>): Decision {
  const signature = state.signatures.find((candidate) => candidate.run === run);
  if (!signature) return refuse('nothing-to-do', `${state.id} has no numbers to sign there.`, whatNow(state));
  if (signature.by) return refuse('nothing-to-do', `${signature.by.name} has signed these numbers already.`, whatNow(state));
  if (!isSigner) return refuse('not-allowed', 'These numbers are signed by someone else.', `Ask ${signerOf(state, run)}.`);
  return [{ type: 'signed', by, run, numbers: signature.numbers }];
}

/** Who signs a sign step, as the plan says: `@group` or `@user`. */
export function signerOf(state: State, run: RunKey): string {
  const step = state.outline?.phases.flatMap((phase) => phase.steps).find((candidate) => `${candidate.id}@bot` === run);
  return step?.sign?.by ?? 'nobody';
}

function notWaiting(state: State, now: number): Refusal | undefined {
  if (state.status === 'reading') return notReady(state);
  if (state.status !== 'waiting') return over(state);
  if (isExpired(state, now))
    return refuse(
      'expired',
      `${state.id} was not approved within ${formatDuration(state.outline?.policy.standsMs ?? 0)} and has expired.`,
      `Ask again: /rollback ${state.system} ${state.version}`,
    );
  return undefined;
}

const notReady = (state: State): Refusal =>
  refuse('not-ready', `The hosts of ${state.id} are still being read.`, 'The card shows Approve as soon as its plan is complete.');

const over = (state: State): Refusal => refuse('over', `${state.id} ${said[state.status]}.`, whatNow(state));

const said: Readonly<Record<State['status'], string>> = {
  reading: 'is still being read',
  unplannable: 'could not be planned',
  waiting: 'waits for approval',
  rejected: 'was rejected',
  withdrawn: 'was withdrawn',
  expired: 'has expired',
  running: 'is running already',
  trouble: 'is running and needs a decision',
  proving: 'is being proven',
  complete: 'is complete',
  left: 'was left as it is',
};

/** What a person could do now, in a sentence. */
function whatNow(state: State): string {
  if (isEnded(state)) return `Ask anew if it is needed: /rollback ${state.system} ${state.version}`;
  if (state.status === 'trouble') return 'The card offers what can be done.';
  return 'Follow it on its card.';
}
