import { BOT } from '../domain/plan.ts';
import type { State } from '../domain/state.ts';
import { actions, nth } from './actions.ts';
import type { Button } from './blocks.ts';
import { firstOf } from './cut.ts';
import { type Mrkdwn, md } from './escape.ts';
import { decidedBy } from './failures.ts';
import { fenced } from './fence.ts';
import { own } from './own.ts';
import { runName } from './progress.ts';
import { type PlannedRun, runsOf } from './runs.ts';
import type { MessagesView } from './view.ts';

// So much of a card is for commands at most, in characters; the rest of it must stay readable.
const maxChars = 6000;
/** So many hosts are ticked off at a time; the rest follow as these are done. */
const maxRuns = 6;

const asked = (state: State): PlannedRun[] => runsOf(state).filter(({ run }) => run?.status === 'asked');

/** What people are to run now, with the exact commands; hosts with the same commands share a block. Nothing when nobody is asked. */
export function handLines(view: MessagesView): Mrkdwn[] {
  const runs = asked(view.state);
  if (runs.length === 0) return [];
  let room = maxChars;
  const commands = grouped(view, runs).flatMap(([text, some]) => {
    const pieces = fenced(text);
    const length = pieces.join('').length;
    if (text === '' || length > room) return [md`The commands of ${runNames(some)} are under *Show plan*.`];
    room -= length;
    return [md`Run this for ${runNames(some)}:`, ...pieces];
  });
  const more = runs.length > maxRuns ? md` ${runs.length - maxRuns} more follow once these are ticked off.` : md``;
  return [md`*Waits for a person:* ${runNames(runs)}.`, ...commands, md`${decidedBy(view)} can tick it off.${more}`];
}

const runNames = (runs: readonly PlannedRun[]): Mrkdwn => firstOf(runs.map(runName), maxRuns);

function grouped({ hands = {} }: MessagesView, runs: readonly PlannedRun[]): [string, PlannedRun[]][] {
  const groups = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    const text = own(hands, run.key) ?? '';
    groups.set(text, [...(groups.get(text) ?? []), run]);
  }
  return [...groups];
}

/** Two buttons for each run that a person is asked for, of the first six. */
export function handButtons(state: State): Button[] {
  const runs = asked(state).slice(0, maxRuns);
  return runs.flatMap(({ key, host }, index) => {
    const value = { rollback: state.id, run: key };
    const where = host === BOT ? '' : ` on ${host}`;
    return [
      { action: nth(actions.tick, index), label: `Done${where}`, value, style: 'primary' as const },
      { action: nth(actions.tickFailed, index), label: runs.length === 1 ? 'It failed' : `Failed${where}`, value },
    ];
  });
}
