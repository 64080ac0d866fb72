import { formatDuration } from '../domain/duration.ts';
import type { Actor, Event, FactType, StepResult } from '../domain/event.ts';
import type { RunKey } from '../domain/plan.ts';
import { noRelease } from '../domain/release.ts';
import type { State } from '../domain/state.ts';
import { plain } from '../templates/escape.ts';
import { approved, goalOnHost, headline } from '../templates/goal.ts';
import { productionNow } from '../templates/hosts.ts';
import { runName } from '../templates/progress.ts';
import { provenText } from '../templates/results.ts';
import { runsOf } from '../templates/runs.ts';
import { type Look, plainOf } from './plain.ts';
import { localTime } from './time.ts';

/** What an event says, as lines of plain text; `state` is after it, `before` before it. */
type Tell<T extends FactType> = (event: Extract<Event, { type: T }>, state: State, look: Look, before: State | undefined) => readonly string[];

const nothing = (): readonly string[] => [];

/** One entry for each kind of event, so that a new kind does not compile before it is told. */
const tells: { readonly [T in FactType]: Tell<T> } = {
  requested: ({ by }, state) => [`Asked by ${who(by)}: ${headline(state)}`],
  changed: ({ by, version, variant }) => [`Changed by ${who(by)} to ${version === noRelease.version ? variant : version}; the hosts are read anew.`],
  described: nothing,
  planned: (_, state) => planned(state),
  unplannable: ({ problems }) => [
    'It cannot be done:',
    ...problems.map(({ host, what, advice }) => `  ${host === undefined ? '' : `${host}: `}${what}. ${advice}`),
  ],
  approved: ({ by }, state) => [`Approved by ${who(by)} (${state.approvals.length} of ${state.outline?.policy.count ?? 1}).`],
  overridden: ({ by, reason }) => [`Started without approval by ${who(by)}, who may: ${reason}`],
  reviewed: ({ by, note }) => [`The review of that was closed by ${who(by)}: ${note}`],
  'read-again-chosen': ({ by }) => [`The hosts have drifted; ${who(by)} lets them be read again. Approvals are void.`],
  started: (_, state) => [`Started: ${approved(state)}.`],
  rejected: ({ by, reason }) => [`Rejected by ${who(by)}: ${reason}`],
  withdrawn: ({ by }) => [`Withdrawn by ${who(by)}.`],
  expired: () => ['Nobody approved it in time: it has expired.'],
  taken: ({ worker }, _state, _look, before) =>
    before?.worker === undefined || before.worker === worker ? [] : [`Another worker goes on: ${worker}.`],
  'phase-started': ({ phase }, { outline }) => [`Phase ${phase + 1} of ${outline?.phases.length}: ${outline?.phases[phase]?.name}`],
  'phase-ended': nothing,
  'step-intended': ({ run }, state, look) =>
    state.runs[run]?.status === 'asked' ? [`${nameOf(state, run, look)} waits for a person to run its commands: its card has them.`] : [],
  'pipeline-triggered': ({ run, url }, state, look) => [`${nameOf(state, run, look)} is a pipeline: ${url}`],
  'step-finished': ({ run, result, attempt }, state, look) => [`  ${nameOf(state, run, look)}: ${ended(result, attempt)}`],
  'signature-asked': nothing,
  signed: ({ by }) => [`Numbers signed by ${who(by)}.`],
  'proof-started': () => ['All steps are through. The hosts are being proven.'],
  'host-proven': ({ host, verdict, findings, trouble }, state) => [
    `  ${host}: ${{ new: `${goalOnHost(state)}, proven`, old: 'still as before', unknown: 'cannot be told' }[verdict]}`,
    ...(trouble === undefined ? [] : [`    ${trouble}`]),
    ...findings.flatMap(({ ok, what, found, expected }) => (ok ? [] : [`    ${what} is ${found} instead of ${expected}`])),
  ],
  completed: (_, state) => [`Complete: ${provenText(state)}.`],
  recorded: nothing,
  trouble: ({ what }, state) => [
    `NEEDS A DECISION: ${productionNow(state)}. ${what}`,
    `  Decided on its card by ${state.outline?.policy.by} or ${who(state.requester)}; it can be ended here: rollback stop ${state.id}`,
  ],
  ticked: ({ by, run, ok }, state, look) => [`  ${nameOf(state, run, look)}: ${ok ? 'done' : 'FAILED'} by hand, says ${who(by)}.`],
  'retry-chosen': ({ by, hosts }) => [`Retry, says ${who(by)}${hosts === undefined ? '' : ` (${hosts.join(', ')})`}.`],
  'skip-chosen': ({ by, run, reason }, state, look) => [`${nameOf(state, run, look)} is skipped by ${who(by)}: ${reason}`],
  left: ({ by }) => [`Left as it is by ${who(by)}.`],
  'stop-chosen': ({ by }) => [`Stopped by ${who(by)}: nothing new is begun, what runs on the hosts is being ended.`],
  stopped: (_, state) => [`Stopped: ${productionNow(state)}.`],
  unlocked: ({ by, reason }) => [`Its lock was taken from it by ${who(by)}: ${reason}`],
  'handed-over': ({ to }) => [`Handed over to ${to}, which puts it back.`],
  'halt-chosen': ({ by, way }, { halt }) => [`${way === 'halt' ? halt?.name : halt?.backName}, says ${who(by)}.`],
  'halt-ended': ({ way, host, ok, why }, { halt }) => [
    `  ${host}: ${way === 'halt' ? halt?.name : halt?.backName} ${ok ? 'done' : `FAILED: ${why ?? ''}`}`,
  ],
  'message-posted': nothing,
  'message-dropped': ({ key, why }) => [`Not delivered, tell them yourselves: ${key}: ${why}`],
};

/** The lines that tell an event; none for what people need not follow. Nothing in them does anything to a terminal. */
export function linesOf<T extends FactType>(event: Extract<Event, { type: T }>, state: State, look: Look, before?: State): string[] {
  const tell = tells[event.type as T] as Tell<T> | undefined; // an older program may follow what a newer one writes
  return (tell?.(event, state, look, before) ?? []).map((line) => `${/^ */.exec(line)?.[0] ?? ''}${plain(line)}`);
}

const who = ({ id, name, via }: Actor): string => (id === 'bot' ? name : `@${name}${via === 'cli' ? ' (command line)' : ''}`);

function planned(state: State): string[] {
  const { outline, digest = '' } = state;
  const hosts = outline?.hosts.length ?? 0;
  const read = `${hosts} ${hosts === 1 ? 'host' : 'hosts'} read: ${headline(state)}, digest ${digest.slice(0, 8)}`;
  if (state.status !== 'waiting') return [`${read}.`];
  const until = (state.plannedAt ?? 0) + (outline?.policy.standsMs ?? 0);
  return [`${read}; waits for ${outline?.policy.by} until ${localTime(until)}.`];
}

/** `step 11.2 Deploy on prod-2` */
export function nameOf(state: State, run: RunKey, look: Look): string {
  const found = runsOf(state).find(({ key }) => key === run);
  return found ? plainOf(runName(found), look) : run;
}

const outcomes: Readonly<Record<StepResult['outcome'], string>> = {
  done: 'done',
  failed: 'FAILED',
  errored: 'COULD NOT BE FOLLOWED TO ITS END',
  drifted: 'NOT RUN, the host is no longer as it was read',
  unknown: 'UNKNOWN, nobody can say how it ended',
  cut: 'CUT',
};

function ended({ outcome, exitCode, stage, timedOut, durationMs, why, advice }: StepResult, attempt: number): string {
  const details = [
    ...(outcome === 'failed' && exitCode !== undefined ? [`exit ${exitCode}`] : []),
    ...(outcome === 'failed' && stage === 'verify' ? ['its command ran, its check failed'] : []),
    ...(timedOut ? ['out of time'] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  const more = [why, outcome === 'done' ? undefined : advice].filter((text) => text !== undefined && text !== '').join('; ');
  return `${outcomes[outcome]}${details.length > 0 ? ` (${details.join(', ')})` : ''} after ${formatDuration(durationMs)}${more === '' ? '' : `: ${more}`}`;
}
