import type { Cli } from './cli.ts';
import { localTime } from './time.ts';

/** From this age on it is said how old the lists of people are, in milliseconds. */
const oldMs = 24 * 3_600_000;

/** How old the list of a group is, where that is worth saying. */
export function warnOfAge(cli: Cli, group: string | undefined): void {
  const at = group === undefined ? undefined : cli.people.groups[group]?.at;
  if (at === undefined || cli.now() - at <= oldMs) return;
  cli.terminal.warn(`Who is in ${group} is as Slack said ${localTime(at)}: it has not been asked since.`);
}
