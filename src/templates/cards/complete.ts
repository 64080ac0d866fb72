import type { State } from '../../domain/state.ts';
import { details, showSteps } from '../actions.ts';
import { affected, answer } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { joined, type Mrkdwn, md } from '../escape.ts';
import { truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { afterwards, provenText, tests } from '../results.ts';
import { signatureLines, signButtons } from '../signing.ts';
import { watched } from '../times.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy, owedNext } from './running.ts';

/** The hosts are proven; what is left is for people. */
export function complete(view: MessagesView): Said {
  const { state, now, mentions } = view;
  const lessons = answer(state, 'lessons');
  const next = owedNext(state, now);
  return {
    title: `${state.id} complete: ${provenText(state)}`,
    lines: [
      joined([affected(state, now), took(state), tests(state)]),
      ...truths(state),
      ...signatureLines(view),
      ...(lessons ? [md`Lessons learned: ${lessons}`] : []),
      md`Owed by ${actor(state.requester, mentions)}: ${joined([lessons ? undefined : md`lessons learned`, afterwards(state)], ', ')}.`,
      joined([next, md`The thread has every step, the numbers and the proof.`]),
    ],
    buttons: [showSteps(state), ...(lessons ? [] : [details(state, 'Add lessons learned')]), ...signButtons(state)],
    notes: [approvedBy(view)],
  };
}

const took = ({ startedAt, endedAt }: State): Mrkdwn | undefined =>
  startedAt === undefined || endedAt === undefined ? undefined : md`Proven ${watched(endedAt - startedAt)} after approval.`;
