import type { State } from '../domain/state.ts';
import type { Button } from './blocks.ts';

/** The action ids of all buttons, for the listeners. */
export const actions = {
  approve: 'approve',
  reject: 'reject',
  withdraw: 'withdraw',
  plan: 'plan',
  details: 'details',
  steps: 'steps',
  retry: 'retry',
  leave: 'leave',
  sign: 'sign',
  /** In the plan's modal: the next page and the page before. */
  planPage: 'plan-page',
  planPageBack: 'plan-page-back',
} as const;

/** The callback ids of all modals. */
export const views = { plan: 'plan', steps: 'steps', details: 'details', reject: 'reject', sign: 'sign' } as const;

const plainButton = (action: string, label: string, state: State): Button => ({ action, label, value: { rollback: state.id } });

/** Opens the plan: every command on every host. */
export const showPlan = (state: State): Button => plainButton(actions.plan, 'Show plan', state);
/** Opens the steps with how far they are. */
export const showSteps = (state: State): Button => plainButton(actions.steps, 'Show steps', state);
/** Opens what no machine can read: the request's questions. */
export const details = (state: State, label = 'Details'): Button => plainButton(actions.details, label, state);
export const withdraw = (state: State): Button => plainButton(actions.withdraw, 'Withdraw', state);
export const reject = (state: State): Button => plainButton(actions.reject, 'Reject', state);
