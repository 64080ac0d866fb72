import type { Event } from './event.ts';
import type { RunKey } from './plan.ts';
import { isEnded, type Override, type State, type StepRun } from './state.ts';

/** The state after these events of rollback `id`, oldest first; undefined when there are none. Throws on a log that does not start with `requested`. */
export function fold(id: string, events: readonly Event[], from?: State): State | undefined {
  return events.reduce<State | undefined>((state, event) => (state ? apply(state, event) : first(id, event)), from);
}

function first(id: string, event: Event): State {
  if (event.type !== 'requested') throw new Error(`the log of ${id} does not start with a request but with ${event.type}`);
  return {
    id,
    seq: event.seq,
    at: event.at,
    ...(event.mac === undefined ? {} : { head: event.mac }),
    status: 'reading',
    system: event.system,
    title: event.title,
    hosts: event.hosts,
    version: event.version,
    variant: event.variant,
    channel: event.channel,
    requester: event.by,
    requestedAt: event.at,
    askedAt: event.at,
    answers: event.answers,
    dryRun: event.dryRun ?? false,
    drill: event.drill ?? false,
    ...(event.undoes ? { undoes: event.undoes } : {}),
    ...(event.halt ? { halt: event.halt } : {}),
    problems: [],
    approvals: [],
    spent: {},
    overrides: [],
    token: '',
    cause: event.seq,
    phase: 0,
    phases: [],
    runs: {},
    proofs: {},
    serving: {},
    signatures: [],
    announced: {},
    messages: {},
    dropped: {},
  };
}

function apply({ head: _head, ...before }: State, event: Event): State {
  const state: State = { ...before, seq: event.seq, at: event.at, ...(event.mac === undefined ? {} : { head: event.mac }) };
  switch (event.type) {
    case 'requested':
      throw new Error(`${state.id} was requested twice`);
    case 'described':
      return { ...state, answers: { ...state.answers, ...event.answers } };
    case 'changed':
      return readAnew(state, event);
    case 'halt-chosen':
      return { ...state, halted: { way: event.way, by: event.by, at: event.at, seq: event.seq, hosts: {} } };
    case 'halt-ended':
      return haltEnded(state, event);
    case 'planned':
      return {
        ...state,
        status: state.dryRun ? 'shown' : 'waiting',
        ...(state.dryRun ? { endedAt: event.at } : {}),
        digest: event.digest,
        outline: event.outline,
        ...(state.superseded && event.differences ? { superseded: { ...state.superseded, differences: event.differences } } : {}),
        plannedAt: event.at,
        phases: event.outline.phases.map(() => ({})),
      };
    case 'unplannable':
      return { ...state, status: 'unplannable', problems: event.problems, endedAt: event.at };
    case 'approved':
      return { ...state, approvals: [...state.approvals, { by: event.by, at: event.at }] };
    case 'overridden':
      return { ...state, overrides: [...state.overrides, { by: event.by, at: event.at, reason: event.reason, digest: event.digest }] };
    case 'reviewed':
      return reviewed(state, event);
    case 'started':
      return { ...state, status: 'running', startedAt: event.at, cause: event.seq };
    case 'rejected':
      return { ...state, status: 'rejected', closedBy: event.by, reason: event.reason, endedAt: event.at };
    case 'withdrawn':
      return { ...state, status: 'withdrawn', closedBy: event.by, endedAt: event.at };
    case 'expired':
      return { ...state, status: 'expired', endedAt: event.at };
    case 'taken':
      return { ...state, token: event.token, worker: event.worker };
    case 'phase-started':
      return { ...state, phase: event.phase, phases: state.phases.with(event.phase, { startedAt: event.at }) };
    case 'phase-ended':
      return { ...state, cause: event.seq, phases: state.phases.with(event.phase, { ...state.phases[event.phase], endedAt: event.at }) };
    case 'step-intended':
      return withRun(state, event.run, {
        attempt: event.attempt,
        status: typeOf(state, event.run) === 'hand' ? 'asked' : 'running',
        startedAt: event.at,
        bootId: event.bootId,
        storeId: event.storeId,
        ...(event.unguarded ? { unguarded: true } : {}),
        ...(mayHaveActed(state.runs[event.run]) ? { acted: true } : {}),
      });
    case 'pipeline-triggered':
      return withRun(state, event.run, { ...running(state, event.run), status: 'triggered', pipeline: { ref: event.ref, url: event.url } });
    case 'step-finished':
      return stepFinished(state, event);
    case 'signature-asked':
      return { ...state, signatures: [...state.signatures, { run: event.run, numbers: event.numbers, askedAt: event.at }] };
    case 'signed':
      return {
        ...state,
        signatures: state.signatures.map((s) => (s.run === event.run ? { ...s, numbers: event.numbers, by: event.by, signedAt: event.at } : s)),
      };
    case 'proof-started':
      return { ...state, status: 'proving', proofs: {}, cause: event.seq };
    case 'host-proven':
      return { ...state, proofs: { ...state.proofs, [event.host]: proofOf(event) } };
    case 'completed':
      return { ...state, status: 'complete', endedAt: event.at };
    case 'recorded':
      return { ...state, recorded: event.lines };
    case 'trouble':
      return { ...state, status: 'trouble', trouble: { where: event.where, what: event.what, at: event.at } };
    case 'ticked':
      return ticked(state, event);
    case 'retry-chosen':
      return retried(state, event.seq, event.hosts);
    case 'read-again-chosen':
      return readAgain(state, event);
    case 'skip-chosen':
      return skipped(state, event);
    case 'stop-chosen':
      return { ...state, status: 'stopping', stop: { by: event.by, at: event.at }, cause: event.seq };
    case 'stopped':
      return { ...state, status: 'stopped', endedAt: event.at };
    case 'unlocked':
      return {
        ...state,
        token: event.token,
        ...(isEnded(state) ? {} : { status: 'left', closedBy: event.by, reason: event.reason, endedAt: event.at }),
      };
    case 'handed-over':
      return { ...state, status: 'handed-over', handedTo: event.to, endedAt: event.at };
    case 'left':
      return { ...state, status: 'left', closedBy: event.by, endedAt: event.at };
    case 'message-posted':
      return { ...state, messages: { ...state.messages, [event.key]: { channel: event.channel, ts: event.ts, at: event.at } } };
    case 'message-dropped':
      return { ...state, dropped: { ...state.dropped, [event.key]: event.why } };
  }
}

/** Everything that was found and decided for the old request is void; its log keeps it. */
function readAnew(state: State, event: Extract<Event, { type: 'changed' }>): State {
  const { digest: _digest, outline: _outline, plannedAt: _plannedAt, superseded: _superseded, ...rest } = state;
  const { version, variant } = event;
  return { ...rest, status: 'reading', version, variant, approvals: [], problems: [], phases: [], askedAt: event.at, cause: event.seq };
}

/** Whoever reviews closes all that others started. */
function reviewed(state: State, { by, at, note }: Extract<Event, { type: 'reviewed' }>): State {
  const closes = ({ by: starter, review }: Override): boolean => review === undefined && starter.id !== by.id;
  return { ...state, overrides: state.overrides.map((one) => (closes(one) ? { ...one, review: { by, at, note } } : one)) };
}

/** As if it had never been approved; but no attempt is made twice, and what was said stays said. */
function readAgain(state: State, event: Extract<Event, { type: 'read-again-chosen' }>): State {
  const { digest = '', startedAt: _startedAt, trouble: _trouble, worker: _worker, ...rest } = state;
  const { version, variant } = state;
  const spent = { ...state.spent, ...Object.fromEntries(Object.entries(state.runs).map(([run, { attempt }]) => [run, attempt])) };
  const anew = readAnew(rest, { ...event, type: 'changed', version, variant });
  return { ...anew, superseded: { digest, differences: [] }, spent, phase: 0, runs: {}, proofs: {}, signatures: [] };
}

function haltEnded(state: State, event: Extract<Event, { type: 'halt-ended' }>): State {
  if (state.halted?.way !== event.way) return state; // the other way was chosen meanwhile
  const hosts = { ...state.halted.hosts, [event.host]: { ok: event.ok, at: event.at, ...(event.why === undefined ? {} : { why: event.why }) } };
  const after = { ...state, halted: { ...state.halted, hosts } };
  if (!event.ok) return after;
  return { ...after, serving: served(after, event.host, event.way === 'halt' ? 'stopped' : 'running', event.at) };
}

/** A person's word ends the run as a receipt would. */
function ticked(state: State, event: Extract<Event, { type: 'ticked' }>): State {
  const { attempt, startedAt } = running(state, event.run);
  const durationMs = event.at - startedAt;
  const why = `${event.by.name} ran it by hand`;
  const result = { outcome: event.ok ? ('done' as const) : ('failed' as const), durationMs, outputBytes: 0, why };
  return { ...stepFinished(state, { ...event, type: 'step-finished', attempt, result }), cause: event.seq };
}

const typeOf = (state: State, run: RunKey) => stepOf(state, run).step?.type;

function proofOf(event: Extract<Event, { type: 'host-proven' }>) {
  return { verdict: event.verdict, findings: event.findings, at: event.at, ...(event.trouble === undefined ? {} : { trouble: event.trouble }) };
}

function running(state: State, run: RunKey): StepRun {
  const found = state.runs[run];
  if (!found) throw new Error(`${state.id}: ${run} ended without having been intended`);
  return found;
}

const withRun = (state: State, run: RunKey, value: StepRun): State => ({ ...state, runs: { ...state.runs, [run]: value } });

function stepFinished(state: State, event: Extract<Event, { type: 'step-finished' }>): State {
  const before = running(state, event.run);
  if (before.attempt !== event.attempt) return state; // another attempt's end says nothing of this one
  const run = { ...before, status: event.result.outcome, endedAt: event.at, result: event.result };
  const after = withRun(state, event.run, run);
  if (event.result.outcome !== 'done') return after;
  const { step, host } = stepOf(state, event.run);
  const announced = step?.template ? { ...after.announced, [step.template]: event.at } : after.announced;
  return { ...after, announced, serving: step?.serving ? served(after, host, step.serving, event.at) : after.serving };
}

function stepOf(state: State, run: RunKey) {
  const [id, host] = split(run);
  return { step: state.outline?.phases.flatMap((phase) => phase.steps).find((step) => step.id === id), host };
}

function split(run: RunKey): [string, string] {
  const at = run.lastIndexOf('@');
  return [run.slice(0, at), run.slice(at + 1)];
}

function served(state: State, host: string, serving: 'stopped' | 'running', at: number): State['serving'] {
  const before = (Object.hasOwn(state.serving, host) ? state.serving[host] : undefined) ?? {}; // a host may be called `constructor`
  if (serving === 'stopped') return { ...state.serving, [host]: { stoppedAt: before.stoppedAt ?? at } };
  return { ...state.serving, [host]: { ...before, runningAt: at } };
}

/** What did not end well may run again: as a new attempt, or, where we only lost sight of it, as the same one. */
function retried(state: State, seq: number, hosts: readonly string[] | undefined): State {
  const { trouble: _over, ...rest } = state;
  const meant = (key: string) => hosts === undefined || hosts.includes(split(key as RunKey)[1]);
  const runs = Object.fromEntries(Object.entries(state.runs).map(([key, run]) => [key, isBad(run) && meant(key) ? again(run) : run]));
  return { ...rest, status: 'running', runs, proofs: {}, cause: seq };
}

/** The last one that did not end well: it goes on. Else the others are still to be decided. */
function skipped(state: State, event: Extract<Event, { type: 'skip-chosen' }>): State {
  const run = { ...running(state, event.run), status: 'skipped' as const, skipped: { by: event.by, reason: event.reason } };
  const after = withRun(state, event.run, run);
  if (badRuns(after).length > 0) return after;
  const { trouble: _over, ...rest } = after;
  return { ...rest, status: 'running', proofs: {}, cause: event.seq };
}

function again(run: StepRun): StepRun {
  if (run.status === 'errored' && run.pipeline) return { ...run, status: 'triggered' };
  return { ...run, status: 'retry', resume: run.status === 'errored' };
}

/** Whether an attempt may have changed something, or one before it; only one that its guard or its pipeline's tag turned away has surely not. */
const mayHaveActed = (run: StepRun | undefined): boolean => run !== undefined && (run.acted === true || run.result?.outcome !== 'drifted');

/** A run that ended, but not well. */
export const isBad = (run: StepRun): boolean => ['failed', 'errored', 'drifted', 'unknown', 'cut'].includes(run.status);

/** The runs that did not end well, for a trouble's story. */
export const badRuns = (state: State): RunKey[] => (Object.keys(state.runs) as RunKey[]).filter((key) => state.runs[key] && isBad(state.runs[key]));
