import type { State } from '../../domain/state.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { isWithoutVersion, subject, undone, version } from '../goal.ts';

/** What is about to happen, to end a sentence: `it goes from v0.2.0 back to v0.1.0`. */
export function beginning(state: State): Mrkdwn {
  const to = version(state);
  if (to === undefined) return isWithoutVersion(state) ? md`${escaped(subject(state))}` : md`it goes back to the last known good release`;
  return md`it goes from ${escaped(state.outline?.from?.version ?? 'what runs now')} back to ${escaped(to)}`;
}

/** What came of it, to end a sentence: `v0.1.0 runs in place of v0.2.0`. */
export function outcome(state: State): Mrkdwn {
  const [to, from] = [version(state), state.outline?.from?.version];
  const inPlace =
    to === undefined ? md`` : from === to ? md`${escaped(to)} runs again` : md`${escaped(to)} runs in place of ${escaped(from ?? 'what ran before')}`;
  if (!state.undoes) return to === undefined ? md`${escaped(subject(state))} is done and proven` : inPlace;
  const back = md`${escaped(undone(state) ?? '')} is put back`;
  return state.undoes.whole && to !== undefined ? md`${back}, ${inPlace}` : back;
}

/** What did not come to its end, to begin a sentence: `The SAC agent rollback to v0.1.0`. */
export function attempt(state: State): Mrkdwn {
  const title = escaped(state.title);
  if (state.undoes) return md`Putting back ${escaped(undone(state) ?? '')} of ${title}`;
  const to = version(state);
  return to === undefined ? md`${escaped(subject(state))}` : md`The ${title} rollback to ${escaped(to)}`;
}
