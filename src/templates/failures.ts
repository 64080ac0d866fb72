import type { StepResult } from '../domain/event.ts';
import { isBad } from '../domain/fold.ts';
import { BOT } from '../domain/plan.ts';
import type { Finding } from '../domain/proof.ts';
import type { State } from '../domain/state.ts';
import { cut, firstOf } from './cut.ts';
import { escaped, joined, type Mrkdwn, md } from './escape.ts';
import { own } from './own.ts';
import { actor, named } from './people.ts';
import { runName } from './progress.ts';
import { isUndoable } from './putback.ts';
import { type PlannedRun, runsOf } from './runs.ts';
import { lasting } from './times.ts';
import type { MessagesView } from './view.ts';

/** The runs that did not end well, in the order of the runbook. */
export const failures = (state: State): PlannedRun[] => runsOf(state).filter(({ run }) => run && isBad(run));

/** What went wrong, one line each: failed runs, or what the proof found. */
export function whatFailed(state: State): Mrkdwn[] {
  if (state.trouble?.where === 'proof') return proofFailures(state);
  const bad = failures(state);
  if (bad.length === 0) return state.trouble ? [escaped(state.trouble.what)] : [];
  return bad
    .slice(0, 10)
    .map(failureLine)
    .concat(more(bad.length - 10));
}

/** The runs that a person passed over, with who and why. */
export const skippedLines = (state: State): Mrkdwn[] =>
  runsOf(state).flatMap((planned) => {
    const { skipped } = planned.run ?? {};
    return skipped ? [md`*${capital(runName(planned))}* was skipped by ${escaped(skipped.by.name)}: ${cut(escaped(skipped.reason), 300)}`] : [];
  });

const more = (count: number): Mrkdwn[] => (count > 0 ? [md`and ${count} more, see Show steps`] : []);

/** One run that did not end well: which, how, exit status, how long. */
export function failureLine(planned: PlannedRun): Mrkdwn {
  const result = planned.run?.result;
  const name = capital(runName(planned));
  if (!result) return md`${name} did not end well.`;
  const why = result.why === undefined ? undefined : md`: ${cut(escaped(result.why), 500)}`;
  if (result.outcome === 'drifted' && why) return md`*${name}* was not run${why}`; // what was found is no guard of the host's
  return md`*${name}* ${outcomes[result.outcome]}${details(result)}${why ?? md``}`;
}

const outcomes: Readonly<Record<StepResult['outcome'], Mrkdwn>> = {
  done: md`is done`,
  failed: md`failed`,
  errored: md`could not be followed to its end`,
  drifted: md`was not run, because the host is no longer as the plan found it`,
  unknown: md`was begun, and nobody can say how it ended`,
  cut: md`was cut`,
};

function details(result: StepResult): Mrkdwn {
  const parts = [
    result.exitCode === undefined || result.outcome === 'drifted' ? undefined : md`exit ${result.exitCode}`,
    result.stage === 'verify' ? md`its command ran, its check failed` : undefined,
    result.timedOut ? md`out of time` : undefined,
    md`after ${lasting(result.durationMs)}`,
  ];
  return md` (${joined(parts, ', ')})`;
}

function proofFailures(state: State): Mrkdwn[] {
  const lines = (state.outline?.hosts ?? []).flatMap((host) => {
    const proof = own(state.proofs, host.name);
    if (!proof || proof.verdict === 'new') return [];
    const bad = proof.findings.filter((finding) => !finding.ok);
    const found = firstOf(bad.map(findingText), 5, '; ');
    return [joined([md`*${escaped(host.name)}*`, proof.trouble === undefined ? undefined : escaped(proof.trouble), found])];
  });
  return lines.length > 0 ? lines : [escaped(state.trouble?.what ?? 'The proof failed.')];
}

const findingText = ({ what, found, expected, ill }: Finding): Mrkdwn =>
  md`${escaped(what)} is ${cut(escaped(found), 200)} instead of ${cut(escaped(expected), 200)}${ill ? md` (${cut(escaped(ill), 200)})` : md``}`;

/** Hosts on which a run did not end well, in the order of the runbook. */
export const badHosts = (state: State): string[] => [...new Set(failures(state).map(({ host }) => host))].filter((host) => host !== BOT);

/** What to do: the steps' own advice, then what the buttons mean. */
export function adviceLines(state: State): Mrkdwn[] {
  const advice = [...new Set(failures(state).flatMap(({ run }) => (run?.result?.advice ? [run.result.advice] : [])))];
  const again = state.trouble?.where === 'proof' ? md`proves all hosts again` : md`runs what did not end well again, then goes on`;
  return [
    ...advice.slice(0, 3).map((text) => md`Advice: ${cut(escaped(text), 500)}`),
    joined([
      md`*Retry* ${again}.`,
      state.outline?.policy.skip !== undefined && failures(state).length > 0
        ? md`*Skip…* passes one over, with a reason, for ${escaped(state.outline.policy.skip)}.`
        : undefined,
      isUndoable(state) ? md`*Put back…* shows a plan that restores what was changed; nothing changes until it is approved.` : undefined,
      md`*Leave as is* ends it here and changes nothing more.`,
    ]),
  ];
}

/** Who may decide: the approvers and the requester. */
export function decidedBy({ state, mentions }: MessagesView): Mrkdwn {
  const by = state.outline?.policy.by;
  return joined([by === undefined ? undefined : named(by, mentions), actor(state.requester, mentions)], ' or ');
}

const capital = (text: Mrkdwn): Mrkdwn => `${text.charAt(0).toUpperCase()}${text.slice(1)}` as Mrkdwn;
