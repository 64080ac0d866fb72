import type { State } from '../domain/state.ts';
import type { Button } from './blocks.ts';

/** The action ids of all buttons, for the listeners; see {@link listensTo}. */
export const actions = {
  approve: 'approve',
  reject: 'reject',
  /** Opens the question whether somebody starts it alone. */
  override: 'override',
  /** Opens the closing of the review that an override owes. */
  review: 'review',
  readAgain: 'read-again',
  withdraw: 'withdraw',
  plan: 'plan',
  details: 'details',
  steps: 'steps',
  retry: 'retry',
  /** Retries what did not end well on one host: its value has `host`. */
  retryHost: 'retry-host',
  /** Opens the choice of what is passed over. */
  skip: 'skip',
  stop: 'stop',
  leave: 'leave',
  sign: 'sign',
  halt: 'halt',
  haltBack: 'halt-back',
  change: 'change',
  putBack: 'put-back',
  /** Asks for putting back all of a rollback that is complete. */
  undo: 'undo',
  /** A person ran the commands of a step; its value has `run`. */
  tick: 'tick',
  tickFailed: 'tick-failed',
  report: 'report',
  /** In the plan's modal: the next page and the page before. */
  planPage: 'plan-page',
  planPageBack: 'plan-page-back',
} as const;

/** The callback ids of all modals. */
export const views = {
  plan: 'plan',
  steps: 'steps',
  details: 'details',
  reject: 'reject',
  override: 'override',
  review: 'review',
  sign: 'sign',
  skip: 'skip',
  change: 'change',
  putBack: 'put-back',
  report: 'report',
} as const;

/**
 * The action ids to listen to for a button: its own, and `tick-2`, `tick-3` … where a card has it once a host, since a message
 * may hold an action id only once.
 */
export const listensTo = (action: string): RegExp => new RegExp(`^${action}(-\\d+)?$`);

/** The action id of the nth such button of a message, counted from 0. */
export const nth = (action: string, index: number): string => (index === 0 ? action : `${action}-${index + 1}`);

const plainButton = (action: string, label: string, state: State): Button => ({ action, label, value: { rollback: state.id } });

/** Opens the plan: every command on every host. */
export const showPlan = (state: State): Button => plainButton(actions.plan, 'Show plan', state);
/** Opens the steps with how far they are. */
export const showSteps = (state: State): Button => plainButton(actions.steps, 'Show steps', state);
/** Opens what no machine can read: the request's questions. */
export const details = (state: State, label = 'Details'): Button => plainButton(actions.details, label, state);
export const withdraw = (state: State): Button => plainButton(actions.withdraw, 'Withdraw', state);
export const reject = (state: State): Button => plainButton(actions.reject, 'Reject', state);
/** Opens the choice of another version, variant or scenario. */
export const change = (state: State): Button => plainButton(actions.change, 'Change version', state);
/** Opens the choice of what is put back. */
export const putBack = (state: State): Button => plainButton(actions.putBack, 'Put back…', state);
/** Opens the choice of what is passed over, with a reason. */
export const skip = (state: State): Button => plainButton(actions.skip, 'Skip…', state);
/** Ends what runs on the hosts. */
export const stopHere = (state: State): Button => ({
  ...plainButton(actions.stop, 'Stop here', state),
  style: 'danger',
  confirm: {
    title: `Stop ${state.id} here?`,
    text: 'Nothing new is begun, and what runs on the hosts now is ended in its middle. Nothing is put back by it: production may stay stopped. The card then offers Put back.',
    yes: 'Stop here',
    no: 'Go on',
  },
});
/** Opens the report, whole. */
export const report = (state: State): Button => plainButton(actions.report, 'Report', state);
