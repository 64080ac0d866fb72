import { createHash } from 'node:crypto';
import { SlackError } from '../channels/slack.ts';
import { badRuns } from '../domain/fold.ts';
import type { Message } from '../domain/message.ts';
import { owed } from '../domain/owed.ts';
import type { RunKey } from '../domain/plan.ts';
import type { State } from '../domain/state.ts';
import type { Lease } from '../store/deliveries.ts';
import { messages } from '../templates/messages.ts';
import type { Context } from './context.ts';
import { deliver, untilUpdate } from './deliver.ts';

/** How soon somebody looks again who found another deliverer at work, in milliseconds. */
const leaseAgainMs = 250;
/** How soon Slack is asked again for what it refused, in milliseconds: somebody has to mend it first. */
const refusedAgainMs = 30_000;

/** How often the times on a live message move on while nothing else happens, in milliseconds. */
const tickMs = 15_000;
/** Longer waits are left to reconcile, which wakes at what falls due. */
const longestWaitMs = 60_000;

/** Brings Slack to what the state says. Answers in how many milliseconds to look again; undefined when all is said. */
export async function announce(context: Context, id: string): Promise<number | undefined> {
  const lease = await context.deliveries.lease(id);
  if (!lease) return leaseAgainMs;
  try {
    for (;;) {
      const again = await deliverAll(context, id, lease);
      if (again !== 0) return again;
    }
  } finally {
    await lease.release();
  }
}

/**
 * One pass over all messages. 0 when the state should be looked at once more at once; else in how many milliseconds. What a
 * destination does not take now holds back what is to be posted there after it, and nothing else.
 */
async function deliverAll(context: Context, id: string, lease: Lease): Promise<number | undefined> {
  const state = await context.log.load(id);
  if (!state) return undefined;
  const shown = await context.deliveries.shown(id);
  const held = new Set<string>();
  const waits: number[] = [];
  let delivered = false;
  for (const message of await messagesOf(context, state)) {
    const digest = digestOf(message);
    const isThere = state.messages[message.key] !== undefined;
    if ((isThere && !message.live) || shown[message.key] === digest) continue;
    if (message.inThread && state.messages.card === undefined) continue; // no card, no thread
    if (!isThere && held.has(message.to)) continue;
    const waitMs = isThere ? untilUpdate(id, message.key) : 0;
    if (waitMs > 0) {
      waits.push(waitMs);
      continue;
    }
    if (!(await lease.renew())) return leaseAgainMs;
    const laterMs = await tried(context, id, message, digest, shown[message.key]);
    if (laterMs === undefined) delivered = true;
    else waits.push(laterMs);
    if (laterMs !== undefined && !isThere) held.add(message.to);
  }
  return delivered && held.size === 0 ? 0 : soonest([...waits, ...untilNext(state, context.now(), held)]);
}

/** Delivers; where that fails for now, in how many milliseconds to try again. */
async function tried(context: Context, id: string, message: Message, digest: string, shown: string | undefined): Promise<number | undefined> {
  try {
    await deliver(context, id, message, digest, shown);
    return undefined;
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    context.logger.warn({ rollback: id, message: message.key, slack: error.code }, 'Slack did not take a message; it is tried again');
    return Math.max(error.retryAfterMs, error.kind === 'refused' ? refusedAgainMs : leaseAgainMs);
  }
}

const soonest = (times: readonly number[]): number | undefined => (times.length === 0 ? undefined : Math.min(...times));

/** Milliseconds until the elapsed time on the card moves on, and until the next announcement falls due; what is due and held back has a wait of its own. */
function untilNext(state: State, now: number, held: ReadonlySet<string>): number[] {
  const tick = ['running', 'proving'].includes(state.status) ? [tickMs - (now % tickMs)] : [];
  const next = owed(state, now).filter(({ to }) => !held.has(to));
  return [...tick, ...next.map((item) => Math.max(1, item.dueAt - now))].map((ms) => Math.min(ms, longestWaitMs));
}

async function messagesOf(context: Context, state: State): Promise<Message[]> {
  const outputs = Object.fromEntries(
    await Promise.all(
      badRuns(state).map(async (run): Promise<[RunKey, string]> => [run, await context.outputs.load(state.id, run, state.runs[run]?.attempt ?? 1)]),
    ),
  );
  const mentions = await context.directory.mentions(namesIn(state)).catch(() => ({})); // names in plain text are better than no message
  const now = Math.max(context.now(), state.at);
  const hands = await handsOf(context, state);
  const at = (moment: number) => messages({ state, now: moment, outputs, mentions, hands });
  return [...at(Math.max(now - (now % tickMs), state.at)).filter(({ live }) => live), ...at(now).filter(({ live }) => !live)];
}

/** The commands of the steps that people are asked to run just now; they stand in the plan only. */
async function handsOf(context: Context, state: State): Promise<Record<RunKey, string>> {
  const asked = (Object.keys(state.runs) as RunKey[]).filter((run) => state.runs[run]?.status === 'asked');
  if (asked.length === 0) return {};
  const { work } = await context.plans.load(state.id, state.digest ?? '');
  return Object.fromEntries(
    asked.flatMap((run) => {
      const one = work[run];
      return one?.type === 'hand' ? [[run, one.text]] : [];
    }),
  );
}

/** Everyone a message may mention. */
function namesIn(state: State): string[] {
  const signers = state.outline?.phases.flatMap((phase) => phase.steps).flatMap((step) => (step.sign ? [step.sign.by] : [])) ?? [];
  return [...new Set([state.outline?.policy.by ?? '', `@${state.requester.name}`, ...signers])].filter((name) => name.startsWith('@'));
}

const digestOf = (message: Message): string =>
  createHash('sha256')
    .update(JSON.stringify([message.text, message.blocks]))
    .digest('hex')
    .slice(0, 16);
