import { isBad } from '../domain/fold.ts';
import type { OutlineHost, OutlineStep } from '../domain/plan.ts';
import type { Verdict } from '../domain/proof.ts';
import { isEnded, type State, type StepRun } from '../domain/state.ts';
import { firstOf } from './cut.ts';
import { bold, escaped, joined, type Mrkdwn, md } from './escape.ts';
import { goalOnHost } from './goal.ts';
import { own } from './own.ts';
import { runsOf } from './runs.ts';
import { dateTime } from './times.ts';

/** Kinds of steps that only look: a host on which nothing else ran is as it was. */
const looking: readonly string[] = ['check', 'collect', 'http', 'measure', 'watch', 'systemd.status', 'git.fetch', 'log'];

/** Whether a step only looks, or is the bot's own work. */
export const isLooking = (step: OutlineStep): boolean => looking.includes(step.kind) || step.type === 'announce' || step.type === 'sign';

/** What is known of a host now, in few words and without its name: `new, proven`, `stopped since 04:00`, `as before: v0.2.0`. */
export function truth(state: State, host: OutlineHost): Mrkdwn {
  const proof = own(state.proofs, host.name);
  if (proof && !isMidway(state)) return proven(state, proof.verdict);
  const what = proof && proof.verdict !== 'unknown' ? proven(state, proof.verdict) : change(state, host);
  return joined([what, stopped(state, host)], ', ');
}

/** Trouble before all steps were done: a host that is neither old nor new is no riddle then, the steps say how far it came. */
export const isMidway = ({ trouble }: State): boolean => trouble !== undefined && trouble.where !== 'proof';

function proven(state: State, verdict: Verdict): Mrkdwn {
  if (verdict === 'unknown') return md`cannot be told`;
  if (verdict === 'new') return md`${escaped(goalOnHost(state))}, proven`;
  return state.undoes ? md`not put back: still as it was, proven` : md`still as before, proven`;
}

function change(state: State, host: OutlineHost): Mrkdwn {
  const runs = runsOf(state).filter((run) => run.host === host.name && !isLooking(run.step));
  const begun = runs.flatMap((run) => (run.run ? [run.run] : []));
  if (begun.length === 0) return host.before === '' ? md`as before` : md`as before (${escaped(host.before)})`;
  // A pipeline's run is held back for what its tag names, not for what the host has.
  if (runs.some(({ run, step }) => run?.status === 'drifted' && step.type !== 'pipeline')) return md`no longer as it was read`;
  if (begun.some(isBad)) return md`changed in part`;
  // A `run` may change a host, but what it leaves to do is mostly tests, and a host that only waits for those is changed already.
  const isOpen = runs.some((run) => run.run === undefined && run.step.kind !== 'run');
  if (isEnded(state)) return isOpen ? md`changed in part` : md`changed, not proven`;
  return isOpen || begun.some(isUnderWay) ? md`changing` : md`changed, proof to come`;
}

const isUnderWay = (run: StepRun): boolean => ['running', 'triggered', 'asked', 'retry'].includes(run.status);

function stopped(state: State, host: OutlineHost): Mrkdwn | undefined {
  const since = stoppedSince(state, host.name);
  return since === undefined ? undefined : md`stopped since ${dateTime(since)}`;
}

const stoppedSince = (state: State, host: string): number | undefined => {
  const serving = own(state.serving, host);
  return serving?.runningAt === undefined ? serving?.stoppedAt : undefined;
};

/** Each host with what is known of it, what is stopped first, then production; hosts of which the same is known share a line. */
export const truths = (state: State): Mrkdwn[] => grouped(state, (host) => truth(state, host));

/** What each host ran when it was read, production first, hosts alike together. */
export const befores = (state: State): Mrkdwn[] => grouped(state, (host) => escaped(host.before || 'nothing known'));

/** Names of hosts, the first twelve. */
export const names = (hosts: readonly OutlineHost[]): Mrkdwn =>
  firstOf(
    hosts.map((host) => escaped(host.name)),
    12,
  );

function grouped(state: State, what: (host: OutlineHost) => Mrkdwn): Mrkdwn[] {
  const groups = new Map<Mrkdwn, OutlineHost[]>();
  for (const host of byUrgency(state)) groups.set(what(host), [...(groups.get(what(host)) ?? []), host]);
  return [...groups].map(([said, hosts]) => md`${bold(names(hosts))}: ${said}`);
}

/** What is stopped first, then the rest of production. */
const byUrgency = (state: State): OutlineHost[] => {
  const urgency = (host: OutlineHost): number => (!host.production ? 2 : stoppedSince(state, host.name) === undefined ? 1 : 0);
  return (state.outline?.hosts ?? []).toSorted((a, b) => urgency(a) - urgency(b));
};

export const production = (state: State): OutlineHost[] => (state.outline?.hosts ?? []).filter((host) => host.production);

/** Hosts of production that a step stopped and none has started again. */
export const stoppedHosts = (state: State): OutlineHost[] => production(state).filter((host) => stoppedSince(state, host.name) !== undefined);

/** The state of production as a headline in plain text: `prod-2 is STOPPED`, `production runs`. */
export function productionNow(state: State): string {
  const down = stoppedHosts(state);
  if (down.length === 0) return Object.keys(state.serving).length > 0 ? 'production is started again' : 'production was not stopped';
  const all = down.length === production(state).length && down.length > 1;
  return `${all ? 'all of production' : down.map((host) => host.name).join(', ')} ${down.length === 1 || all ? 'is' : 'are'} STOPPED`;
}
