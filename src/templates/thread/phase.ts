import type { Message } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { bold, escaped, type Mrkdwn, md } from '../escape.ts';
import { runLine } from '../marks.ts';
import { counts, runsOf } from '../runs.ts';
import { lasting, watched } from '../times.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

/** A phase's own story in the thread, kept true: a sentence, then a line per step and host. `index` counts from 0, the key from 1. */
export function phase(view: MessagesView, index: number): Message {
  const lines = [phaseLine(view.state, index, view.now), ...runsOf(view.state, index).map(runLine)];
  return inThread(view, `phase-${index + 1}`, { lines }, { live: true });
}

/** How far a phase is, in a sentence: done steps, time taken, its estimate. */
export function phaseLine(state: State, index: number, now: number): Mrkdwn {
  const { name, estimateMs } = state.outline?.phases[index] ?? { name: '', estimateMs: 0 };
  const { startedAt, endedAt } = state.phases[index] ?? {};
  const { done, all } = counts(state, (run) => run.phase === index);
  const head = bold(md`Phase ${index + 1} of ${state.outline?.phases.length ?? 0}: ${escaped(name)}`);
  const steps = md`${done} of ${all} steps done`;
  if (startedAt === undefined) return md`${head} · to come${estimateMs === 0 ? md`` : md` · estimated ${lasting(estimateMs)}`}`;
  const estimate = estimateMs === 0 ? md`` : md` (estimated ${lasting(estimateMs)})`; // an undo's phases have none
  if (endedAt !== undefined) return md`${head} · done in ${lasting(endedAt - startedAt)}${estimate}`;
  return md`${head} · ${steps} · ${word(state, now - startedAt)}${estimate}`;
}

function word({ status }: State, ms: number): Mrkdwn {
  if (status === 'left') return md`left as it is`;
  if (status === 'stopped') return md`stopped`;
  if (status === 'stopping') return md`being stopped`;
  if (status === 'handed-over') return md`handed over`;
  return status === 'trouble' ? md`waiting for a decision, ${watched(ms)} so far` : md`running for ${watched(ms)}`;
}
