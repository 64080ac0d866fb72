import type { Said } from '../blocks.ts';
import { counted } from '../cut.ts';
import { escaped, joined, md } from '../escape.ts';
import { actor } from '../people.ts';
import type { MessagesView } from '../view.ts';

/** Why it cannot be done: everything that was found, where, and what mends it. */
export function unplannable({ state, mentions }: MessagesView): Said {
  const { problems } = state;
  return {
    title: `${state.id} cannot be done yet: ${state.title} to ${state.version}`,
    lines: [
      md`${counted(problems.length, 'problem')} found, nothing was changed. Asked by ${actor(state.requester, mentions)}.`,
      ...problems.map(({ host, step, what, advice }) =>
        joined([
          md`•`,
          host === undefined ? undefined : md`*${escaped(host)}*`,
          step === undefined ? undefined : md`step ${escaped(step)}`,
          md`${escaped(what)} → ${escaped(advice)}`,
        ]),
      ),
      md`When it is mended, ask again: ${escaped(`/rollback ${state.system} ${state.version}`)}`,
    ],
    notes: [escaped(state.id)],
  };
}
