import { showSteps } from '../actions.ts';
import { affected } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { firstOf } from '../cut.ts';
import { escaped, md } from '../escape.ts';
import { productionNow, stoppedHosts, truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { current, runName } from '../progress.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy } from './running.ts';

/** What runs on the hosts is being ended. */
export function stopping(view: MessagesView): Said {
  const { state, now, mentions } = view;
  const runs = current(state).map(runName);
  const by = state.stop ? md` by ${actor(state.stop.by, mentions)}` : md``;
  return {
    title: `${state.id} is being stopped: ${productionNow(state)}`,
    lines: [
      md`Stopped${by}: nothing new is begun${runs.length > 0 ? md`, and what runs is ended: ${firstOf(runs, 6)}` : md``}.`,
      ...(stoppedHosts(state).length > 0 ? [affected(state, now)] : []),
      ...truths(state),
      md`${escaped(state.id)} then says what is done and what was cut.`,
    ],
    buttons: [showSteps(state)],
    notes: [approvedBy(view)],
  };
}
