import { showPlan } from '../actions.ts';
import { askedLines, askedNotes } from '../before/asked.ts';
import type { Said } from '../blocks.ts';
import { escaped, md } from '../escape.ts';
import { askAgain, headline } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import type { MessagesView } from '../view.ts';

/** A dry run: all that a request says, and nothing that could start it. */
export function shown(view: MessagesView): Said {
  const { state } = view;
  const { outline } = state;
  if (!outline) return { title: state.id, lines: [md`Its plan is missing.`] };
  return {
    title: headline(state),
    lines: [
      md`*Nothing was changed and nothing will be:* this is a dry run, and it cannot be approved.`,
      ...haltLines(view),
      ...askedLines(view, outline),
      md`Show plan has each step on each host with its exact commands. To ask for it in earnest: ${escaped(askAgain({ ...state, dryRun: false }))}`,
    ],
    buttons: [showPlan(state), ...haltButtons(state)],
    notes: [...askedNotes(state, outline), escaped(state.id)],
  };
}
