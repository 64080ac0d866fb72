import type { Outline } from '../../domain/plan.ts';
import { noRelease } from '../../domain/release.ts';
import type { State } from '../../domain/state.ts';
import { symptoms } from '../answers.ts';
import { counted, cut, firstOf } from '../cut.ts';
import { code, escaped, joined, type Mrkdwn, md } from '../escape.ts';
import { isRecord, isWithoutVersion } from '../goal.ts';
import { befores } from '../hosts.ts';
import { actor } from '../people.ts';
import { affectedBefore, estimateMs, served } from '../progress.ts';
import { day, lasting } from '../times.ts';
import type { MessagesView } from '../view.ts';
import { checkLines, lostLine } from './lost.ts';
import { productionLine } from './production.ts';
import { undoLines } from './undo.ts';

/** What is needed to decide, short enough for a telephone: what is lost, what runs, what will run, what it costs, what the checks found. */
export function askedLines({ state, mentions }: MessagesView, outline: Outline): Mrkdwn[] {
  const lines = [
    lostLine(outline),
    ...befores(state),
    joined([md`Asked by ${actor(state.requester, mentions)}.`, symptoms(state)]),
    ...undoLines(state),
    outline.about === undefined ? undefined : cut(escaped(outline.about), 600),
    outline.selected === undefined ? undefined : md`*Scenario* ${cut(escaped(outline.selected), 600)}.`,
    outline.byHand ? md`*By hand:* people run the commands and tick them off; the bot proves the end.` : undefined,
    joined([undoneCommits(state, outline), md`${counted(outline.hosts.length, 'host')} read.`, proven(outline)]),
    productionLine(outline),
    times(state),
    ...checkLines(outline),
  ];
  return lines.filter((line) => line !== undefined);
}

const hasCommits = (state: State): boolean => !state.undoes && !isRecord(state) && !isWithoutVersion(state);

const undoneCommits = (state: State, { commits }: Outline): Mrkdwn | undefined =>
  hasCommits(state) ? md`Undoes ${commits.length === 0 ? md`no commits` : counted(commits.length, 'commit')}.` : undefined;

function proven({ lastProvenAt, target, undoes }: Outline): Mrkdwn | undefined {
  if (target.commit === noRelease.commit || undoes?.whole === false) return undefined;
  const version = escaped(target.version);
  return lastProvenAt === undefined ? md`${version} has not been proven on these hosts before.` : md`${version} last proven on ${day(lastProvenAt)}.`;
}

function times(state: State): Mrkdwn {
  const affected = md`*${served(state)} affected for* ${affectedBefore(state) ?? md`a time nobody has estimated`}.`;
  return estimateMs(state) === 0 ? affected : md`${affected} *Whole runbook* ${lasting(estimateMs(state))} (its estimates).`;
}

/** Phases and commits, as small print. */
export function askedNotes(state: State, outline: Outline): Mrkdwn[] {
  const phases = outline.phases.map(({ name, estimateMs: ms }) => (ms === 0 ? escaped(name) : md`${escaped(name)} ${lasting(ms)}`));
  return [...(phases.length > 0 ? [md`*Phases* ${firstOf(phases, 12, ' · ')}`] : []), ...(hasCommits(state) ? commits(outline) : [])];
}

function commits(outline: Outline): Mrkdwn[] {
  const all = outline.commits.map(({ commit, subject }) => md`• ${code(commit.slice(0, 7))} ${cut(escaped(subject), 120)}`);
  const more = all.length - 5;
  return all.length === 0 ? [] : [joined([md`*Commits undone*`, ...all.slice(0, 5), more > 0 ? md`• and ${more} more` : undefined], '\n')];
}
