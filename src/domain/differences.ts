import { canonical, type Plan, type RunKey } from './plan.ts';
import type { Work } from './step.ts';

/** The most lines that are told; the plan itself shows the rest. */
const mostLines = 20;

/** What a plan found or would do otherwise than the one before, a line each, hosts first. Empty when both are for the same. */
export function differencesOf(before: Plan, after: Plan): string[] {
  const lines = [
    ...(before.outline.target.commit === after.outline.target.commit
      ? []
      : [`${after.outline.target.version} is commit ${short(after.outline.target.commit)} now, and was ${short(before.outline.target.commit)}`]),
    ...Object.keys(after.hosts).flatMap((host) => hostDifferences(before, after, host)),
    ...Object.keys(before.hosts).flatMap((host) => (after.hosts[host] ? [] : [`${host} is no host of it any more`])),
    ...runDifferences(before, after),
  ];
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`];
}

const short = (commit: string): string => commit.slice(0, 12);

function hostDifferences(before: Plan, after: Plan, host: string): string[] {
  const [was, is] = [before.hosts[host], after.hosts[host]];
  if (!is) return [];
  if (!was) return [`${host} is new`];
  const found = new Map(was.before.filter(({ identifies }) => identifies).map((finding) => [finding.what, finding.found]));
  return [
    ...(was.identity.hostKey === is.identity.hostKey ? [] : [`${host} has the host key ${is.identity.hostKey} now, and had ${was.identity.hostKey}`]),
    ...is.before.flatMap((finding) => {
      const former = found.get(finding.what);
      return !finding.identifies || former === finding.found
        ? []
        : [`${host}: ${finding.what} is ${finding.found} now, and was ${former ?? 'not there'}`];
    }),
  ];
}

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
  const [from, to] = [effectOf(was), effectOf(is)];
  return from === to ? 'its command is another one' : `${to} now, and was ${from}`;
}

const effectOf = (work: Work): string => ('from' in work && 'to' in work ? `${work.from} → ${work.to}` : work.type);
