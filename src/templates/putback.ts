import { isReadable } from '../domain/decisions/trouble.ts';
import type { State } from '../domain/state.ts';
import { runsToUndo } from '../domain/undo.ts';
import { actions } from './actions.ts';
import type { Button } from './blocks.ts';
import { isRecord } from './goal.ts';

/** Whether a rollback has changed anything that can be put back, and is none of those that are not put back themselves. */
export const isUndoable = (state: State): boolean =>
  !state.undoes && !state.dryRun && !state.drill && !isRecord(state) && !isReadable(state) && runsToUndo(state, { of: 'all' }).length > 0;

/** Asks for putting back all that a complete rollback changed. A plan is made, so one click too many changes nothing. */
export function undoButtons(state: State): Button[] {
  if (!isUndoable(state)) return [];
  const { from, target } = state.outline ?? {};
  const what = from && from.version !== target?.version ? from.version : state.id;
  return [
    {
      action: actions.undo,
      label: `Put back ${what}`,
      value: { rollback: state.id },
      confirm: {
        title: `Plan putting ${state.id} back?`,
        text: `The hosts are read and a card of its own shows what would be put back. Nothing changes until that is approved.`,
        yes: 'Make the plan',
        no: 'Not now',
      },
    },
  ];
}
