import { details, withdraw } from '../actions.ts';
import { symptoms } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { counted } from '../cut.ts';
import { escaped, joined, md } from '../escape.ts';
import { actor } from '../people.ts';
import type { MessagesView } from '../view.ts';

/** The request, before its hosts are read. */
export function reading({ state, system, mentions }: MessagesView): Said {
  const hosts = Object.values(system?.roles ?? {}).reduce((sum, role) => sum + role.hosts.length, 0);
  return {
    title: `${system?.title ?? state.system}: back to ${state.version}`,
    lines: [
      md`Reading ${hosts > 0 ? counted(hosts, 'host') : md`the hosts of ${escaped(state.system)}`} and the repository. Nothing is changed.`,
      joined([md`Asked by ${actor(state.requester, mentions)}.`, symptoms(state)]),
    ],
    buttons: [details(state), withdraw(state)],
    notes: [escaped(state.id)],
  };
}
