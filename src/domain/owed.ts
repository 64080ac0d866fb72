import { callTimes } from './calls.ts';
import { RECORD } from './runbook.ts';
import type { State } from './state.ts';
import { isCutShort, isEnded } from './state.ts';
import type { AnnouncementRule, TemplateName } from './system.ts';

/** One announcement that is owed: to whom, from which template, and since (or from) when. */
export interface Owed {
  /** Unique in its rollback, the same whoever computes it: `progress-3:#trading-status`. */
  readonly key: string;
  readonly to: string;
  readonly audiences: readonly string[];
  readonly template: TemplateName;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
}

/**
 * Every announcement not delivered yet, past due or still to come, earliest first. Of a schedule that was missed more
 * than once only the latest is owed. Rules for one destination that fall together become one message.
 */
export function owed(state: State, now: number): Owed[] {
  if (state.startedAt === undefined || !state.outline || state.drill || state.variant === RECORD) return []; // a rehearsal alarms nobody
  const all = state.outline.announcements.flatMap((rule) => ofRule(state, rule, now));
  const open = merge(all.filter((one) => !state.messages[one.key] && state.dropped[one.key] === undefined));
  return open.filter((one) => one.template !== 'progress' || !awaitsFirst(state, one.to)).sort((a, b) => a.dueAt - b.dueAt);
}

/** Nobody is brought up to date on what they have not heard of: the first notice goes before. An undo has none. */
function awaitsFirst(state: State, to: string): boolean {
  const isTold = state.messages[`initial:${to}`] !== undefined || state.dropped[`initial:${to}`] !== undefined;
  return !state.undoes && !isTold && (state.outline?.announcements.some((rule) => rule.template === 'initial' && rule.to === to) ?? false);
}

function ofRule(state: State, rule: AnnouncementRule, now: number): Owed[] {
  if (state.status === 'handed-over') return []; // the undo that took over tells how it ends
  if (isCutShort(state)) return rule.template === 'progress' ? [] : [one(rule, 'failed', state.endedAt ?? now)];
  if (rule.template === 'initial') return initial(state, rule);
  if (rule.template === 'completion') return completion(state, rule);
  if (isEnded(state)) return unsentUpdate(state, rule);
  if ('everyMs' in rule.when) return scheduled(state, rule, rule.when.everyMs, now);
  if ('withinMs' in rule.when) return [one(rule, 'progress', (state.startedAt ?? 0) + rule.when.withinMs)];
  const since = affectedSince(state);
  return since === undefined ? [] : [one(rule, 'progress', since + rule.when.affectedOverMs, 'affected')];
}

/** From the runbook's own announcing step on, or from the start where it has none. */
function initial(state: State, rule: AnnouncementRule): Owed[] {
  if (state.undoes) return []; // who was told of the rollback hears of its undo at the end
  const hasStep = state.outline?.phases.some((phase) => phase.steps.some((step) => step.template === 'initial'));
  const since = hasStep ? state.announced.initial : state.startedAt;
  return since === undefined ? [] : [one(rule, 'initial', since)];
}

/** At completion; a report with time to spare waits for the signature, until its time is up. */
function completion(state: State, rule: AnnouncementRule): Owed[] {
  if (state.status !== 'complete' || state.endedAt === undefined) return [];
  if (state.undoes) return [one(rule, 'put-back', state.endedAt)];
  const spareMs = 'withinMs' in rule.when ? rule.when.withinMs : 0;
  const unsigned = state.signatures.filter((signature) => signature.signedAt === undefined);
  if (spareMs === 0 || state.signatures.length === 0) return [one(rule, 'completion', state.endedAt)];
  const signedAt = Math.max(state.endedAt, ...state.signatures.map((signature) => signature.signedAt ?? 0));
  return [one(rule, 'completion', unsigned.length === 0 ? signedAt : state.endedAt + spareMs)];
}

function scheduled(state: State, rule: AnnouncementRule, everyMs: number, now: number): Owed[] {
  const startedAt = state.startedAt ?? now;
  const nth = Math.floor((now - startedAt) / everyMs);
  return [nth, nth + 1].filter((n) => n > 0).map((n) => one(rule, 'progress', startedAt + n * everyMs, `progress-${n}`));
}

/** Who was promised an update that the end overtook is told of the end, unless a completion goes to the same place anyway. */
function unsentUpdate(state: State, rule: AnnouncementRule): Owed[] {
  if (!('withinMs' in rule.when) || state.status !== 'complete' || state.messages[`progress:${rule.to}`]) return [];
  const toldAnyway = state.outline?.announcements.some((other) => other.template === 'completion' && other.to === rule.to);
  return toldAnyway ? [] : [one(rule, state.undoes ? 'put-back' : 'completion', state.endedAt ?? 0)];
}

const one = (rule: AnnouncementRule, template: TemplateName, dueAt: number, name: string = template): Owed => ({
  key: `${name}:${rule.to}`,
  to: rule.to,
  audiences: [rule.audience],
  template,
  dueAt,
});

function merge(all: readonly Owed[]): Owed[] {
  const byKey = new Map<string, Owed>();
  for (const item of all) {
    const same = byKey.get(item.key);
    byKey.set(
      item.key,
      same ? { ...same, audiences: [...new Set([...same.audiences, ...item.audiences])], dueAt: Math.min(same.dueAt, item.dueAt) } : item,
    );
  }
  return [...byKey.values()];
}

/** Since when production is without; undefined when no step has stopped it, or all hosts run again. */
export function affectedSince(state: State): number | undefined {
  const down = Object.values(state.serving).filter((host) => host.stoppedAt !== undefined && host.runningAt === undefined);
  return down.length === 0 ? undefined : Math.min(...down.map((host) => host.stoppedAt ?? Number.POSITIVE_INFINITY));
}

/** For how long production was or is without, in milliseconds: from the first stop to the last start. Undefined when nothing was stopped. */
export function affectedMs(state: State, now: number): number | undefined {
  const hosts = Object.values(state.serving).filter((host) => host.stoppedAt !== undefined);
  if (hosts.length === 0) return undefined;
  const from = Math.min(...hosts.map((host) => host.stoppedAt ?? now));
  return Math.max(...hosts.map((host) => host.runningAt ?? now)) - from;
}

/** When this state wants to be looked at again although nothing happens; undefined when never. */
export function wakeAt(state: State, now: number, expiresAt: number | undefined): number | undefined {
  const times = [
    ...owed(state, now).map((item) => item.dueAt),
    ...callTimes(state).filter((at) => at > now),
    ...(expiresAt === undefined ? [] : [expiresAt]),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
}
