import { isBad } from '../domain/fold.ts';
import { isCutShort, type State } from '../domain/state.ts';
import { affected, answer } from './answers.ts';
import { lost } from './before/lost.ts';
import { cut, firstOf } from './cut.ts';
import { bold, escaped, type Mrkdwn, md } from './escape.ts';
import { failureLine, skippedLines, whatFailed } from './failures.ts';
import { headline, isRecord, prefix } from './goal.ts';
import { production, productionNow, truth } from './hosts.ts';
import { overrideLines } from './override.ts';
import { own } from './own.ts';
import { affectedBefore, estimateMs, runName } from './progress.ts';
import { afterwards, measures, provenText, signatureLine, tests } from './results.ts';
import { counts, runsOf } from './runs.ts';
import { dateTime, lasting, watched } from './times.ts';

/** Whether there is a report: a rollback that was begun and is over. What was handed over is told by the rollback that took over. */
export const hasReport = (state: State): boolean => state.status === 'complete' || isCutShort(state);

/**
 * The report of a rollback that is over, for people who were not there: what came of it, how long it took, what went wrong, what
 * was verified, who decided, what is still owed. A pure function of the state alone, so that signatures and lessons show in it.
 */
export function reportLines(state: State): Mrkdwn[] {
  return [
    bold(md`Report of ${escaped(state.id)}: ${escaped(`${prefix(state)}${headline(state)}`)}`),
    ...result(state),
    ...who(state),
    ...section('How long it took', durations(state)),
    ...section('Why', reasons(state)),
    ...section('Issues encountered', issues(state)),
    ...section('Verification', verification(state)),
    ...section('What cannot be brought back', state.outline ? lost(state.outline).map((what) => escaped(what)) : []),
    ...section(
      'Recorded',
      (state.recorded ?? []).map((line) => cut(escaped(line), 300)),
    ),
    ...owed(state),
  ];
}

/** A rehearsal owes nothing. */
function owed(state: State): Mrkdwn[] {
  if (state.drill) return [];
  const lessons = answer(state, 'lessons') ?? md`owed by ${escaped(state.requester.name)}`;
  return [md`*Lessons learned:* ${lessons}`, md`*Next steps owed:* ${afterwards(state)}`];
}

const section = (title: string, lines: readonly Mrkdwn[]): Mrkdwn[] =>
  lines.length === 0 ? [] : [bold(escaped(title)), ...lines.map((line) => md`• ${line}`)];

function result(state: State): Mrkdwn[] {
  if (state.status === 'complete') return [md`*Result:* ${escaped(provenText(state))}.`];
  return [md`*Result:* not completed, ${cutShort(state)}: ${escaped(productionNow(state))}. ${escaped(provenText(state))}.`];
}

function who(state: State): Mrkdwn[] {
  const approvals = state.approvals.map(({ by, at }) => md`${escaped(by.name)} (${dateTime(at)})`);
  return [
    md`*Asked* by ${escaped(state.requester.name)}, ${dateTime(state.requestedAt)}. ${approvals.length > 0 ? md`*Approved* by ${firstOf(approvals, 10)}.` : state.overrides.length > 0 ? md`` : md`Nobody had to approve it.`}`,
    ...overrideLines({ state, mentions: {}, now: state.at, outputs: {} }),
    ...state.signatures.map((signature) => signatureLine(state, signature, {})),
  ];
}

function durations(state: State): Mrkdwn[] {
  const { startedAt, endedAt } = state;
  if (startedAt === undefined || endedAt === undefined) return [];
  const estimate = estimateMs(state) === 0 ? md`` : md` (the runbook estimates ${lasting(estimateMs(state))})`;
  const before = affectedBefore(state);
  const downtime =
    production(state).length === 0 && !state.drill ? [] : [md`${affected(state, endedAt)}${before ? md` Expected was ${before}.` : md``}`];
  return [md`${watched(endedAt - startedAt)} from start to end${estimate}.`, ...downtime, ...phases(state)];
}

function phases(state: State): Mrkdwn[] {
  return (state.outline?.phases ?? []).map(({ name, estimateMs: ms }, i) => {
    const { startedAt, endedAt } = state.phases[i] ?? {};
    const { done, all } = counts(state, (run) => run.phase === i);
    const took = startedAt === undefined ? md`not begun` : endedAt === undefined ? md`not ended` : lasting(endedAt - startedAt);
    return md`Phase ${i + 1}, ${escaped(name)}: ${took}${ms === 0 ? md`` : md` (estimated ${lasting(ms)})`}, ${done} of ${all} steps`;
  });
}

/** What people said of the incident: every question and its answer, the scenario first. */
function reasons(state: State): Mrkdwn[] {
  const names = Object.keys(state.answers).filter((name) => name !== 'lessons' && (state.answers[name] ?? '').trim() !== '');
  const inOrder = names.toSorted((a, b) => Number(b === 'scenario') - Number(a === 'scenario'));
  const said = inOrder.map((name) => md`${escaped(name.replaceAll('_', ' '))}: ${answer(state, name) ?? md``}`);
  const { about, selected } = state.outline ?? {};
  return [...said, ...[about, selected].flatMap((text) => (text === undefined ? [] : [cut(escaped(text), 600)]))];
}

/** Everything that did not go by itself: decisions, further attempts, what ended badly, warnings, halts, messages nobody got. */
function issues(state: State): Mrkdwn[] {
  const troubles = Object.keys(state.messages).filter((key) => key.startsWith('trouble-')).length;
  const found = [
    ...(troubles === 0
      ? []
      : [
          md`It needed a decision ${troubles === 1 ? md`once; the thread has it` : md`${troubles} times; the thread has each`} with the last lines of the output.`,
        ]),
    ...retriedLines(state),
    ...skippedLines(state),
    ...(isCutShort(state)
      ? whatFailed(state)
      : runsOf(state)
          .filter(({ run }) => run && isBad(run))
          .map(failureLine)),
    ...haltedLine(state),
    ...(state.outline?.warnings ?? []).map((warning) => md`Warned beforehand: ${escaped(warning)}`),
    ...Object.values(state.dropped).map((why) => md`Not delivered: ${escaped(why)}`),
  ];
  return found.length === 0 ? [md`none`] : found;
}

/** `left as it is by rileychan: …`, `stopped by adaokafor`. */
function cutShort({ status, stop, closedBy, reason }: State): Mrkdwn {
  const by = status === 'stopped' ? stop?.by : closedBy;
  const how = status === 'stopped' ? md`stopped` : md`left as it is`;
  return md`${how}${by ? md` by ${escaped(by.name)}` : md``}${reason ? md` (${cut(escaped(reason), 300)})` : md``}`;
}

const retriedLines = (state: State): Mrkdwn[] =>
  runsOf(state).flatMap((planned) => (planned.run && planned.run.attempt > 1 ? [md`${runName(planned)} took ${planned.run.attempt} attempts`] : []));

function haltedLine({ halt, halted }: State): Mrkdwn[] {
  if (!halt || !halted) return [];
  const name = halted.way === 'halt' ? halt.name : halt.backName;
  return [md`${escaped(name)}: chosen by ${escaped(halted.by.name)}, ${dateTime(halted.at)}`];
}

function verification(state: State): Mrkdwn[] {
  const hosts = (state.outline?.hosts ?? []).map((host) => {
    const findings = own(state.proofs, host.name)?.findings ?? [];
    const ok = findings.filter((finding) => finding.ok).length;
    const bad = findings.filter((finding) => !finding.ok).map(({ what, found }) => md`${escaped(what)} is ${cut(escaped(found), 100)}`);
    const counted = findings.length === 0 ? md`` : md` (${ok} of ${findings.length} proofs${bad.length > 0 ? md`; ${firstOf(bad, 5, '; ')}` : md``})`;
    return md`${escaped(host.name)}: ${truth(state, host)}${counted}`;
  });
  const others = [isRecord(state) ? undefined : tests(state), ...measures(state).map((line) => md`Measured on ${line}`)];
  return [...hosts, ...others.filter((line) => line !== undefined)];
}
