import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../domain/event.ts';
import { fold } from '../domain/fold.ts';
import { isEnded, type State } from '../domain/state.ts';
import { current } from '../templates/progress.ts';
import { type Cli, lookOf } from './cli.ts';
import { linesOf, nameOf } from './story.ts';
import { localClock, localDay } from './time.ts';

/** How often Redis is asked for news, in milliseconds. */
const lookEveryMs = 500;
/** After so long without news it is said what is still under way, in milliseconds. */
const quietMs = 30_000;

/** Where a watching is: what was told, and when something was said last. */
interface Watching {
  state: State | undefined;
  day: string;
  saidAt: number;
  isAway: boolean;
}

/** Tells a rollback as it happens, from the event after `from` on, until it has ended; undefined when Ctrl-C ended the watching before. */
export async function watch(cli: Cli, id: string, from: State | undefined): Promise<State | undefined> {
  const watching: Watching = { state: from, day: '', saidAt: cli.now(), isAway: false };
  while (!cli.interrupted.aborted) {
    await look(cli, id, watching);
    if (watching.state && isEnded(watching.state)) return watching.state;
    await quiet(cli, watching);
    await delay(lookEveryMs, undefined, { signal: cli.interrupted }).catch(() => undefined);
  }
  return undefined;
}

async function look(cli: Cli, id: string, watching: Watching): Promise<void> {
  try {
    const now = await cli.log.load(id);
    if (watching.isAway) cli.terminal.warn('Redis answers again.');
    watching.isAway = false;
    if (!now || now.seq === watching.state?.seq) return;
    for (const event of (await cli.log.events(id)).slice(watching.state?.seq ?? 0)) tell(cli, id, watching, event);
  } catch {
    if (!watching.isAway) cli.terminal.warn('Redis does not answer; it is asked again every second. What runs on the hosts goes on.');
    watching.isAway = true;
    await delay(lookEveryMs, undefined, { signal: cli.interrupted }).catch(() => undefined);
  }
}

function tell(cli: Cli, id: string, watching: Watching, event: Event): void {
  const before = watching.state;
  const state = fold(id, [event], before);
  if (!state) return;
  watching.state = state;
  const lines = linesOf(event, state, lookOf(cli), before);
  if (lines.length === 0) return;
  const day = localDay(event.at);
  if (day !== watching.day) cli.terminal.say(day);
  watching.day = day;
  for (const [i, line] of lines.entries()) cli.terminal.say(`${i === 0 ? localClock(event.at) : ' '.repeat(8)}  ${line}`);
  watching.saidAt = cli.now();
}

/** A long step says nothing by itself; a worker that is gone says nothing at all. */
async function quiet(cli: Cli, watching: Watching): Promise<void> {
  const { state } = watching;
  if (!state || watching.isAway || cli.now() - watching.saidAt < quietMs) return;
  const works = ['running', 'proving', 'stopping', 'reading'].includes(state.status);
  if (!works) return;
  watching.saidAt = cli.now();
  const runs = current(state).map(({ key }) => nameOf(state, key, lookOf(cli)));
  const living = await cli.workers.list().catch(() => undefined);
  const what = runs.length > 0 ? `still at ${runs.slice(0, 6).join(', ')}` : 'nothing new';
  cli.terminal.say(`${localClock(cli.now())}  … ${what}${living?.length === 0 ? '. NO WORKER LIVES: start one, it goes on by itself' : ''}`);
}
