import { status as statusOf } from '../commands/status.ts';
import { type Cli, exits, lookOf } from './cli.ts';
import { plainOf } from './plain.ts';
import { refused } from './refused.ts';
import { localTime } from './time.ts';

/** What is open, who holds the locks, which workers live, what can lose data. Answers the exit code. */
export async function status(cli: Cli, of: string | undefined): Promise<number> {
  const said = await statusOf({ ...cli, dangers: () => dangers(cli) }, of?.toLowerCase());
  if (typeof said !== 'string') return refused(cli, said);
  cli.terminal.say(plainOf(said, lookOf(cli)));
  cli.terminal.say(workersLine(await cli.workers.list()));
  cli.terminal.say(peopleLine(cli));
  return exits.ok;
}

/** What is not known in time is said, and keeps nobody from the rest. */
const dangers = (cli: Cli): Promise<readonly string[]> =>
  cli.dangers().catch((error: Error) => [`The settings of Redis could not be read just now: ${error.message}`]);

const workersLine = (names: readonly string[]): string =>
  names.length === 0 ? '⚠ No worker lives: nothing goes on until one is started.' : `Workers that live: ${[...names].sort().join(', ')}`;

function peopleLine({ people }: Cli): string {
  const times = Object.values(people.groups).map(({ at }) => at);
  return times.length === 0
    ? '⚠ Slack has not said yet who is in which group, so nobody can decide on the command line: start a worker while Slack answers.'
    : `Who is in which group: as Slack said ${localTime(Math.min(...times))}`;
}
