import { details, withdraw } from '../actions.ts';
import { symptoms } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { counted } from '../cut.ts';
import { escaped, joined, md } from '../escape.ts';
import { actor } from '../people.ts';
import type { MessagesView } from '../view.ts';

/** The request, before its hosts are read. */
export function reading({ state, mentions }: MessagesView): Said {
  return {
    title: `${state.title}: back to ${state.version}`,
    lines: [
      md`Reading ${counted(state.hosts, 'host')}… Nothing is changed.`,
      joined([md`Asked by ${actor(state.requester, mentions)}.`, symptoms(state)]),
    ],
    buttons: [details(state), withdraw(state)],
    notes: [escaped(state.id)],
  };
}
