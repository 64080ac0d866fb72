import { affectedSince, owed } from '../../domain/owed.ts';
import type { State } from '../../domain/state.ts';
import { showPlan, showSteps, stopHere } from '../actions.ts';
import type { Said } from '../blocks.ts';
import { firstOf } from '../cut.ts';
import { escaped, joined, type Mrkdwn, md } from '../escape.ts';
import { doing, subject } from '../goal.ts';
import { handButtons, handLines } from '../hands.ts';
import { stoppedHosts, truths } from '../hosts.ts';
import { actor } from '../people.ts';
import { bar, current, estimateMs, leftMs, phaseOf, runName, served } from '../progress.ts';
import { counts } from '../runs.ts';
import { signatureLines, signButtons } from '../signing.ts';
import { dateTime, lasting, watched } from '../times.ts';
import type { MessagesView } from '../view.ts';

/** The rollback while it works. */
export function running(view: MessagesView): Said {
  const { state, now } = view;
  return {
    title: headline(state),
    lines: [
      progressLine(state),
      timeLine(state, now),
      ...underWay(state),
      ...handLines(view),
      ...truths(state),
      ...signatureLines(view),
      joined([state.outline?.byHand ? md`Nothing else waits for people.` : md`Nothing needed from you.`, owedNext(state, now)]),
    ],
    buttons: [...handButtons(state), showSteps(state), ...(state.outline?.byHand ? [showPlan(state)] : []), stopHere(state), ...signButtons(state)],
    notes: [approvedBy(view)],
  };
}

function headline(state: State): string {
  const down = stoppedHosts(state).map((host) => host.name);
  return down.length === 0 ? `${state.id}: ${subject(state)}, under way` : `${state.id}: ${down.join(', ')} stopped, ${doing(state)}`;
}

function progressLine(state: State): Mrkdwn {
  const { done, all } = counts(state);
  const phase = state.outline?.phases[state.phase];
  return md`${bar(state)} *${capital(phaseOf(state))}: ${escaped(phase?.name ?? '')}* · ${done} of ${all} steps done`;
}

function timeLine(state: State, now: number): Mrkdwn {
  const since = affectedSince(state);
  const parts = [
    md`${watched(now - (state.startedAt ?? now))} elapsed`,
    estimateMs(state) === 0 ? undefined : md`at most ${lasting(leftMs(state, now))} left by its estimates`,
    since === undefined ? undefined : md`*${served(state).toLowerCase() as Mrkdwn} stopped for ${watched(now - since)}*`,
  ];
  return joined(parts, ' · ');
}

const capital = (text: Mrkdwn): Mrkdwn => `${text.charAt(0).toUpperCase()}${text.slice(1)}` as Mrkdwn;

function underWay(state: State): Mrkdwn[] {
  const runs = current(state).map(runName);
  return runs.length === 0 ? [] : [md`Now: ${firstOf(runs, 6)}.`];
}

/** The next announcement that somebody is owed. */
export function owedNext(state: State, now: number): Mrkdwn | undefined {
  const next = owed(state, now).find((item) => item.dueAt > now);
  return (
    next &&
    md`Owed next: ${firstOf(
      next.audiences.map((audience) => escaped(audience)),
      3,
    )}, ${dateTime(next.dueAt)}.`
  );
}

/** Who asked and who approved, for the small print. */
export function approvedBy({ state, mentions }: MessagesView): Mrkdwn {
  const by = firstOf(
    state.approvals.map((approval) => actor(approval.by, mentions)),
    5,
  );
  return md`${escaped(state.id)} · asked by ${actor(state.requester, mentions)}${state.approvals.length > 0 ? md` · approved by ${by}` : md``}`;
}
