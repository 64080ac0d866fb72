import { canonical, digestText, type Plan, type PlanHost, type RunKey } from './plan.ts';
import type { Release } from './release.ts';
import type { Work } from './step.ts';

/** The most lines that are told; the plan itself shows the rest. */
const mostLines = 20;

/** What a plan found or would do otherwise than the one before, a line each, hosts first. Empty only when one approval would be for both. */
export function differencesOf(before: Plan, after: Plan): string[] {
  const lines = [
    ...targetDifference(before.outline.target, after.outline.target),
    ...Object.keys(after.hosts).flatMap((host) => hostDifferences(before, after, host)),
    ...Object.keys(before.hosts).flatMap((host) => (after.hosts[host] ? [] : [`${host} is no host of it any more`])),
    ...runDifferences(before, after),
    ...(canonical(before.outline.policy) === canonical(after.outline.policy) ? [] : ['its policy, who may approve or start it, is another one']),
  ];
  if (lines.length === 0 && digestText(before) !== digestText(after)) return ['the order of its steps, its proofs or the system file are otherwise'];
  const told = lines.slice(0, mostLines).map(readable);
  return lines.length > mostLines ? [...told, `and ${lines.length - mostLines} more`] : told;
}

const targetDifference = (was: Release, is: Release): string[] =>
  was.commit === is.commit ? [] : [`${is.version} is commit ${short(is.commit)} now, and was ${short(was.commit)}`];

const short = (commit: string): string => commit.slice(0, 12);

function hostDifferences(before: Plan, after: Plan, host: string): string[] {
  const [was, is] = [before.hosts[host], after.hosts[host]];
  if (!is) return [];
  if (!was) return [`${host} is new`];
  const [reached, reachedBefore] = [whereOf(is), whereOf(was)];
  return [
    ...(reached === reachedBefore ? [] : [`${host} is reached as ${reached} now, and was as ${reachedBefore}`]),
    ...(was.identity.hostKey === is.identity.hostKey ? [] : [`${host} has the host key ${is.identity.hostKey} now, and had ${was.identity.hostKey}`]),
    ...findingDifferences(was, is).map((line) => `${host}: ${line}`),
  ];
}

function findingDifferences(was: PlanHost, is: PlanHost): string[] {
  const [former, found] = [identifying(was), identifying(is)];
  return [...new Set([...found.keys(), ...former.keys()])].flatMap((what) => {
    const [now, then] = [found.get(what), former.get(what)];
    if (now === then) return [];
    return [`${what} is ${now ?? 'not found any more'}${now === undefined ? '' : ' now'}, and was ${then ?? 'not there'}`];
  });
}

const identifying = ({ before }: PlanHost): Map<string, string> =>
  new Map(before.filter(({ identifies }) => identifies).map(({ what, found }) => [what, found]));

/** `deploy@10.0.0.1:22`, and over which host. */
const whereOf = ({ address: { user, address, port, jump } }: PlanHost): string =>
  `${user}@${address}:${port}${jump ? ` over ${jump.user}@${jump.address}:${jump.port}` : ''}`;

function runDifferences({ work: before }: Plan, { work: after }: Plan): string[] {
  const runs = [...new Set([...Object.keys(before), ...Object.keys(after)])] as RunKey[];
  return runs.flatMap((run) => {
    const what = difference(before[run], after[run]);
    return what === undefined ? [] : [`step ${run.replace(/@(?=[^@]*$)/, ' on ')}: ${what}`];
  });
}

function difference(was: Work | undefined, is: Work | undefined): string | undefined {
  if (canonical(was ?? null) === canonical(is ?? null)) return undefined;
  if (!was || !is) return is ? 'is done now, and was not' : 'is not done any more';
  const [before, after] = [changeOf(was), changeOf(is)];
  if (!before || !after) return was.type === is.type ? 'its command is another one' : `${is.type} now, and was ${was.type}`;
  const [from, to] = [before.from !== after.from, before.to !== after.to];
  if (!from && !to) return 'its command is another one';
  if (!to) return `begins at ${after.from} now, and was to begin at ${before.from}`;
  return from
    ? `${after.from} → ${after.to} now, and was ${before.from} → ${before.to}`
    : `leads to ${after.to} now, and was to lead to ${before.to}`;
}

const changeOf = (work: Work): { from: string; to: string } | undefined => ('from' in work && 'to' in work ? work : undefined);

/** Whole commits and digests make lines that nobody reads; the plan itself has them. */
const readable = (line: string): string => line.replace(/\b([0-9a-f]{12})(?:[0-9a-f]{28}|[0-9a-f]{52})\b/g, '$1');
