import type { State } from '../../domain/state.ts';
import { details, report, showSteps } from '../actions.ts';
import { affected, answer } from '../answers.ts';
import type { Said } from '../blocks.ts';
import { cut } from '../cut.ts';
import { escaped, joined, type Mrkdwn, md } from '../escape.ts';
import { isRecord } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { undoButtons } from '../putback.ts';
import { afterwards, provenText, tests } from '../results.ts';
import { signatureLines, signButtons } from '../signing.ts';
import { watched } from '../times.ts';
import type { MessagesView } from '../view.ts';
import { approvedBy, owedNext } from './running.ts';

/** The hosts are proven; what is left is for people. */
export function complete(view: MessagesView): Said {
  const { state, now } = view;
  return {
    title: `${state.id} complete: ${provenText(state)}`,
    lines: [
      ...haltLines(view),
      isRecord(state) ? md`Nothing was changed: what runs was proven.` : joined([affected(state, now), took(state), tests(state)]),
      ...truths(state),
      ...recordedLines(state),
      ...signatureLines(view),
      ...owedLines(view),
      joined([owedNext(state, now), md`The thread has every step, the numbers, the proof and the report.`]),
    ],
    buttons: [
      report(state),
      ...haltButtons(state),
      ...undoButtons(state),
      showSteps(state),
      ...(isLessonless(state) ? [details(state, 'Add lessons learned')] : []),
      ...signButtons(state),
    ],
    notes: [approvedBy(view)],
  };
}

const took = ({ startedAt, endedAt, approvals }: State): Mrkdwn | undefined =>
  startedAt === undefined || endedAt === undefined
    ? undefined
    : md`Proven ${watched(endedAt - startedAt)} after ${approvals.length > 0 ? md`approval` : md`its start`}.`;

/** What was kept of the proven release, so that it can be gone back to: whole where that was all that was asked for, else the report has it. */
function recordedLines(state: State): Mrkdwn[] {
  const { recorded = [] } = state;
  if (recorded.length === 0) return [];
  if (!isRecord(state)) return [md`*Recorded as last known good*; the report says what was kept of it.`];
  return [
    md`*Recorded as last known good:*`,
    ...recorded.slice(0, 20).map((line) => md`• ${cut(escaped(line), 300)}`),
    ...(recorded.length > 20 ? [md`and ${recorded.length - 20} more`] : []),
  ];
}

/** A rehearsal and a record leave nothing to learn that somebody would owe. */
const isOwing = (state: State): boolean => !state.drill && !isRecord(state);
const isLessonless = (state: State): boolean => isOwing(state) && answer(state, 'lessons') === undefined;

function owedLines({ state, mentions }: MessagesView): Mrkdwn[] {
  const lessons = answer(state, 'lessons');
  const work = state.outline?.afterwards.length ? afterwards(state) : undefined;
  const owed = joined([lessons ? undefined : md`lessons learned`, work], ', ');
  return [
    ...(lessons ? [md`Lessons learned: ${lessons}`] : []),
    ...(isOwing(state) && owed !== '' ? [md`Owed by ${actor(state.requester, mentions)}: ${owed}.`] : []),
  ];
}
