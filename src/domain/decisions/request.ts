import type { Decision, Of } from '../command.ts';
import { refuse } from '../refusal.ts';
import { isEnded, type State } from '../state.ts';
import { over, whatNow } from './over.ts';

/** The requester takes it back. */
export function withdraw(state: State, { by }: Of<'withdraw'>): Decision {
  if (by.id !== state.requester.id)
    return refuse('not-allowed', `Only ${state.requester.name}, who asked for ${state.id}, can withdraw it.`, 'An approver can reject it.');
  if (state.status !== 'waiting' && state.status !== 'reading') return over(state);
  return [{ type: 'withdrawn', by }];
}

/** What no machine can read goes out to management: only those who may ask may say it, and after the end only what was learnt. */
export function describe(state: State, { by, mayRequest, answers }: Of<'describe'>): Decision {
  if (!mayRequest && by.id !== state.requester.id)
    return refuse('not-allowed', `Details of ${state.id} are given by those who may ask for a rollback.`, `Tell ${state.requester.name}.`);
  const kept = isEnded(state) ? Object.fromEntries(Object.entries(answers).filter(([name]) => name === 'lessons')) : answers;
  if (Object.keys(kept).length === 0)
    return refuse('over', `${state.id} is over: what it says of itself stays as it is.`, 'Lessons learned can still be added.');
  const described = { type: 'described', by, answers: kept } as const;
  if (kept.scenario === undefined || kept.scenario === state.answers.scenario) return [described];
  if (isBeforeApproval(state)) return [described, { type: 'changed', by, version: state.version, variant: state.variant }];
  const { scenario: _late, ...others } = kept; // it has chosen what runs; it cannot choose again
  return [{ ...described, answers: others }];
}

const isBeforeApproval = (state: State): boolean => state.status === 'reading' || state.status === 'waiting';

/** The same request for another version, variant or scenario: everything is read and approved anew. */
export function change(state: State, { by, mayRequest, version, variant, scenario }: Of<'change'>): Decision {
  if (!mayRequest && by.id !== state.requester.id)
    return refuse('not-allowed', `${state.id} is changed by those who may ask for a rollback.`, `Ask ${state.requester.name}.`);
  if (!isBeforeApproval(state)) return over(state);
  if (state.undoes)
    return refuse(
      'over',
      `${state.id} puts back ${state.undoes.rollback}: its version is what ran before.`,
      'Withdraw it and ask for what you want.',
    );
  const answers = scenario !== '' && scenario !== state.answers.scenario ? [{ type: 'described', by, answers: { scenario } } as const] : [];
  if (answers.length === 0 && version === state.version && variant === state.variant)
    return refuse('nothing-to-do', `${state.id} asks for exactly that already.`, whatNow(state));
  return [...answers, { type: 'changed', by, version, variant }];
}
