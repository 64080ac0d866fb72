import { type Owed, owed } from '../../domain/owed.ts';
import { isCutShort, isEnded, type State } from '../../domain/state.ts';
import { answer, impact } from '../answers.ts';
import { firstOf } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { whatFailed } from '../failures.ts';
import { version } from '../goal.ts';
import { productionNow, truths } from '../hosts.ts';
import { expected, phaseOf, stepLines } from '../progress.ts';
import { afterwards, measures, provenText, signatureLine, tests } from '../results.ts';
import { counts } from '../runs.ts';
import { dateTime, lasting } from '../times.ts';
import { attempt, beginning, outcome } from './words.ts';

/** All that templates may say; every value is escaped mrkdwn. Empty where a template leaves it out. */
export interface Fields {
  readonly title: Mrkdwn;
  readonly version: Mrkdwn;
  readonly from: Mrkdwn;
  /** Sentences' ends and beginnings that hold for removals and undos too. */
  readonly beginning: Mrkdwn;
  readonly outcome: Mrkdwn;
  readonly attempt: Mrkdwn;
  readonly late: Mrkdwn;
  readonly phase: Mrkdwn;
  readonly status: Mrkdwn;
  readonly expected: Mrkdwn;
  readonly impact: Mrkdwn;
  readonly completedCount: Mrkdwn;
  readonly completed: readonly Mrkdwn[];
  readonly remainingCount: Mrkdwn;
  readonly remaining: readonly Mrkdwn[];
  readonly issues: Mrkdwn;
  readonly nextUpdate: Mrkdwn;
  readonly production: Mrkdwn;
  readonly proven: Mrkdwn;
  readonly hosts: readonly Mrkdwn[];
  readonly verification: readonly Mrkdwn[];
  readonly afterwards: Mrkdwn;
  readonly lessons: Mrkdwn;
  readonly closedBy: Mrkdwn;
  readonly requester: Mrkdwn;
}

// Announcements go out within seconds of being due; a minute is later than any delay of ours that is no outage.
const lateAfterMs = 60_000;

/** The fields of one owed announcement, from the state alone. `now` in milliseconds since 1970. */
export function fieldsOf(state: State, item: Owed, now: number): Fields {
  const steps = counts(state);
  return {
    title: escaped(state.title),
    version: escaped(version(state) ?? 'no release'),
    from: escaped(state.outline?.from?.version ?? 'what ran before'),
    beginning: beginning(state),
    outcome: outcome(state),
    attempt: attempt(state),
    late: now - item.dueAt > lateAfterMs ? md`This comes late: it was owed at ${dateTime(item.dueAt)}.` : md``,
    phase: phase(state),
    status: status(state, now),
    expected: expected(state, now),
    impact: impact(state, now),
    completedCount: md`${steps.done} of ${steps.all}`,
    completed: steps.done === 0 ? [] : stepLines(state, 'completed'),
    remainingCount: md`${steps.all - steps.done} of ${steps.all}`,
    remaining: steps.done === steps.all ? [] : stepLines(state, 'remaining'),
    issues: issues(state),
    nextUpdate: nextUpdate(state, item, now),
    production: escaped(productionNow(state)),
    proven: escaped(provenText(state)),
    hosts: truths(state).map((line) => md`• ${line}`),
    verification: verification(state),
    afterwards: afterwards(state),
    lessons: answer(state, 'lessons') ?? md`owed by ${escaped(state.requester.name)}`,
    closedBy: escaped((state.closedBy ?? state.stop?.by)?.name ?? ''),
    requester: escaped(state.requester.name),
  };
}

/** The phase it is in; what it is beyond its phases. */
function phase(state: State): Mrkdwn {
  if (state.status === 'complete') return md`complete`;
  if (state.status === 'left') return md`left as it is`;
  if (state.status === 'stopped') return md`stopped`;
  if (state.status === 'stopping') return md`being stopped`;
  if (state.status === 'handed-over') return md`handed over to ${escaped(state.handedTo ?? 'its undo')}, which puts it back`;
  if (state.status === 'proving') return md`all steps are done, the hosts are being proven`;
  return md`${escaped(state.outline?.phases[state.phase]?.name ?? 'not started')} (${phaseOf(state)})`;
}

function status(state: State, now: number): Mrkdwn {
  if (state.endedAt !== undefined) return phase(state);
  const waits = state.status === 'trouble' ? md`, waiting for a decision` : md``;
  return md`${phase(state)}${waits}, ${lasting(now - (state.startedAt ?? now))} after the start`;
}

function issues(state: State): Mrkdwn {
  const found = state.status === 'trouble' || isCutShort(state) ? whatFailed(state) : [];
  return found.length === 0 ? md`none` : firstOf(found, 5, '; ');
}

/** When the same audience hears again: of its own schedule, or of the end. */
function nextUpdate(state: State, item: Owed, now: number): Mrkdwn {
  if (isEnded(state)) return md`none, this was the last`;
  const next = owed(state, now).find((other) => other.to === item.to && other.key !== item.key && other.dueAt > now);
  if (next) return dateTime(next.dueAt);
  const isToldOfEnd = state.outline?.announcements.some((rule) => rule.template === 'completion' && rule.to === item.to);
  return isToldOfEnd ? md`when the rollback is complete` : md`none is planned`;
}

function verification(state: State): Mrkdwn[] {
  const lines = [
    tests(state),
    ...measures(state).map((line) => md`Measured on ${line}`),
    md`Proof: ${escaped(provenText(state))}.`,
    ...state.signatures.map((signature) => signatureLine(state, signature, {})),
  ];
  return lines.flatMap((line) => (line ? [md`• ${line}`] : []));
}
