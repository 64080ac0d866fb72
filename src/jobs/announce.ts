import { SlackError } from '../channels/slack.ts';
import { callTimes } from '../domain/calls.ts';
import { owed } from '../domain/owed.ts';
import { isEnded, type State } from '../domain/state.ts';
import type { Lease } from '../store/deliveries.ts';
import type { Context } from './context.ts';
import { deliver, drop, isThreadGone, LeaseLost } from './deliver.ts';
import { givenUpMark, type Task, tickMs, undelivered } from './undelivered.ts';

/** How soon somebody looks again who found another deliverer at work, or failed, in milliseconds. */
const lookAgainMs = 250;
/** The longest that Slack is left alone while it fails, in milliseconds. */
const longestPauseMs = 10_000;
/** How soon Slack is asked again for what it refused, in milliseconds, at first and at last: somebody has to mend it. */
const refusedAgainMs = { first: 30_000, longest: 300_000 } as const;
/** How long a live message stays as it is before it is updated again, in milliseconds: Slack takes 50 updates a minute. */
const updateEveryMs = 1250;
/** For how long what an ended rollback still has to say is tried, in milliseconds. */
const triedForMs = 24 * 3_600_000;
/** Longer waits are left to reconcile, which wakes at what falls due. */
const longestWaitMs = 60_000;

/** Brings Slack to what the state says. Answers in how many milliseconds to look again; undefined when all is said. */
export async function announce(context: Context, id: string): Promise<number | undefined> {
  for (;;) {
    const state = await context.log.load(id);
    if (!state) return undefined;
    const now = context.now();
    const places = new Set((await undelivered(context, state)).map(({ message }) => message.to));
    const visits = await all([...places].map((to) => visit(context, id, to)));
    if (!visits.some(({ isNews }) => isNews)) return soonest([...visits.flatMap(({ waits }) => waits), ...untilNext(state, now)]);
  }
}

/** What came of delivering to one destination, and in how many milliseconds to try what is left. */
interface Visit {
  /** Something was delivered or refused, so that there may be more to say. */
  readonly isNews: boolean;
  readonly waits: readonly number[];
}

/** Delivers all it can to one destination, in order. What one destination does not take holds back no other. */
async function visit(context: Context, id: string, to: string): Promise<Visit> {
  const lease = await context.deliveries.lease(id, to);
  if (!lease) return { isNews: false, waits: [lookAgainMs] };
  const failed: Task[] = [];
  let isNews = false;
  try {
    for (;;) {
      const { task, waits } = await following(context, id, to, failed);
      if (!task) return { isNews, waits };
      const ended = await attempt(context, task, lease);
      if (ended !== 'later') isNews = true;
      if (ended !== 'done') failed.push(task);
    }
  } catch (error) {
    if (error instanceof LeaseLost) return { isNews, waits: [lookAgainMs] };
    throw error;
  } finally {
    await lease.release();
  }
}

/** The next message that can be tried now, from the state as it is now: what was overtaken meanwhile is not sent. */
async function following(context: Context, id: string, to: string, failed: readonly Task[]): Promise<{ task?: Task; waits: number[] }> {
  const state = await context.log.load(id);
  const waits: number[] = [];
  let isHeld = false;
  for (const task of state ? (await undelivered(context, state)).filter(({ message }) => message.to === to) : []) {
    if (task.isPost && isHeld) continue;
    const hasFailed = failed.some(({ message, isPost }) => message.key === task.message.key && isPost === task.isPost);
    const { own, place } = paceOf(task);
    const [ownMs, placeMs] = [context.deliveries.pace.left([own], context.now()), context.deliveries.pace.left(place, context.now())];
    if (!hasFailed && ownMs === 0 && placeMs === 0) return { task, waits };
    waits.push(Math.max(ownMs, placeMs, hasFailed ? lookAgainMs : 1));
    if (task.isPost && ownMs === 0) isHeld = true; // it waits for its place: what comes after it does too
  }
  return { waits };
}

/** Delivers; `refused` and `later` where that fails for now. */
async function attempt(context: Context, task: Task, lease: Lease): Promise<'done' | 'refused' | 'later'> {
  const { pace } = context.deliveries;
  const { own, place } = paceOf(task);
  try {
    const isShown = await deliver(context, task, lease);
    pace.clear([own, ...place]);
    if (isShown && !task.isPost) pace.wait(own, updateEveryMs, context.now());
    return 'done';
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    const { state, message } = task;
    const about = { rollback: state.id, message: message.key, slack: error.code };
    if (error.code === 'ratelimited') context.logger.info(about, 'Slack asked to wait; it is posted then');
    else context.logger.warn(about, 'Slack did not take a message; it is tried again');
    if (isLongOver(task, context.now())) return givenUp(context, task, error);
    waitAfter(context, task, error);
    return error.kind === 'refused' ? 'refused' : 'later';
  }
}

/** How long Slack is left alone after a failure: with this message where it refuses it, else with all that goes the same way. */
function waitAfter(context: Context, task: Task, error: SlackError): void {
  const { pace } = context.deliveries;
  const { own, place } = paceOf(task);
  const [shared, ours = own] = place;
  if (error.code === 'ratelimited' && shared !== undefined) pace.wait(shared, error.retryAfterMs, context.now());
  else if (error.kind !== 'refused') pace.waitLonger(ours, Math.max(error.retryAfterMs, lookAgainMs), longestPauseMs, context.now());
  else pace.waitLonger(own, isThreadGone(task, error) ? updateEveryMs : refusedAgainMs.first, refusedAgainMs.longest, context.now());
}

/** What a message waits with: by itself, and with all that is posted in the same place (by anybody, by this rollback) or updated anywhere. */
function paceOf({ state, message, isPost }: Task): { own: string; place: readonly string[] } {
  const own = `${state.id} ${message.key}`;
  return { own, place: isPost ? [`post ${message.to}`, `post ${message.to} ${state.id}`] : ['update'] };
}

/** Nobody has mended for a day what keeps an ended rollback from telling this. */
function isLongOver({ state, message }: Task, now: number): boolean {
  return isEnded(state) && now - Math.max(state.endedAt ?? now, message.dueAt ?? 0) > triedForMs;
}

/** An announcement that was never made is named; a live message stays as it was last. */
async function givenUp(context: Context, task: Task, error: SlackError): Promise<'done'> {
  if (task.message.live) await context.deliveries.setShown(task.state.id, task.message.key, givenUpMark);
  else await drop(context, task, error.code);
  return 'done';
}

/** Milliseconds until the elapsed time on the card moves on, and until the next announcement falls due. */
function untilNext(state: State, now: number): number[] {
  const tick = ['running', 'proving'].includes(state.status) ? [tickMs - (now % tickMs)] : [];
  const next = owed(state, now).filter(({ dueAt }) => dueAt > now);
  const called = callTimes(state).filter((at) => at > now);
  return [...tick, ...next.map(({ dueAt }) => dueAt - now), ...called.map((at) => at - now)].map((ms) => Math.min(ms, longestWaitMs));
}

const soonest = (times: readonly number[]): number | undefined => (times.length === 0 ? undefined : Math.min(...times));

/** Waits for all, also when one fails: none goes on behind the back of whoever called. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
