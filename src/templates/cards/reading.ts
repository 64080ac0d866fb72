import type { State } from '../../domain/state.ts';
import { change, details, withdraw } from '../actions.ts';
import { symptoms } from '../answers.ts';
import type { Button, Said } from '../blocks.ts';
import { counted } from '../cut.ts';
import { escaped, joined, md } from '../escape.ts';
import { headline, isRecord } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { actor } from '../people.ts';
import type { MessagesView } from '../view.ts';

/** The request, before its hosts are read. */
export function reading(view: MessagesView): Said {
  const { state, mentions } = view;
  return {
    title: headline(state),
    lines: [
      ...haltLines(view),
      md`Reading ${counted(state.hosts, 'host')}… ${state.halted ? md`Nothing else is changed` : md`Nothing is changed`}.`,
      joined([md`Asked by ${actor(state.requester, mentions)}.`, symptoms(state)]),
    ],
    buttons: [...haltButtons(state), ...changing(state), details(state), withdraw(state)],
    notes: [escaped(state.id)],
  };
}

/** Another version means another reading, so whoever mistyped need not wait for this one. */
const changing = (state: State): Button[] => (state.undoes || isRecord(state) || state.drill ? [] : [change(state)]);
