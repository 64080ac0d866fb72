import { type Refusal, refuse } from '../refusal.ts';
import { isEnded, type State } from '../state.ts';

/** Its hosts are not read yet. */
export const notReady = (state: State): Refusal =>
  refuse('not-ready', `The hosts of ${state.id} are still being read.`, 'The card shows Approve as soon as its plan is complete.');

/** It is past that. */
export const over = (state: State): Refusal => refuse('over', `${state.id} ${said[state.status]}.`, whatNow(state));

/** What has become of a rollback, after its id. */
export const said: Readonly<Record<State['status'], string>> = {
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
  shown: 'was a dry run',
  stopping: 'is being stopped',
  stopped: 'was stopped',
  'handed-over': 'was handed over to the rollback that puts it back',
};

/** What a person could do now, in a sentence. */
export function whatNow(state: State): string {
  if (isEnded(state)) return `Ask anew if it is needed: /rollback ${state.system} ${state.version}`;
  if (state.status === 'trouble') return 'The card offers what can be done.';
  return 'Follow it on its card.';
}
