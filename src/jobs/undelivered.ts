import { createHash } from 'node:crypto';
import type { Posted } from '../channels/slack.ts';
import { callTimes } from '../domain/calls.ts';
import { badRuns } from '../domain/fold.ts';
import type { Message } from '../domain/message.ts';
import type { KeptOutput } from '../domain/output.ts';
import { owed } from '../domain/owed.ts';
import type { RunKey } from '../domain/plan.ts';
import type { State } from '../domain/state.ts';
import { whyOf } from '../store/deliveries.ts';
import { type MessagesView, messages } from '../templates/messages.ts';
import { cardLostReply, cardRefusedReply, cardStuckReply } from '../templates/replies.ts';
import type { Context } from './context.ts';

/** How often the times on a live message move on while nothing else happens, in milliseconds. */
export const tickMs = 15_000;

/** One message that Slack does not show as it should. */
export interface Task {
  readonly state: State;
  readonly message: Message;
  readonly digest: string;
  /** Where it is, as the log says; absent where it was never posted. */
  readonly known: Posted | undefined;
  /** It is to be posted, for the first time or anew; else brought up to date where it is. */
  readonly isPost: boolean;
  /** It was being posted, and nobody knows how that ended. */
  readonly isUncertain: boolean;
  /** It stands in the thread of a card that is gone. */
  readonly isAstray: boolean;
}

type Shown = Readonly<Record<string, string>>;

/** What stands for a message while it is posted: what it takes the place of, so that an end that was noted is told from one that is not known. */
export const postingMark = (known: Posted | undefined): string => (known ? `posting after ${known.ts}` : 'posting');

/** What stands for a message that is not tried any more. */
export const givenUpMark = 'given up';

/** Every message that should be in Slack and is not, or is there in words that are not true any more; in the order in which they are to be posted. */
export async function undelivered(context: Context, state: State): Promise<Task[]> {
  const shown = await context.deliveries.shown(state.id);
  return (await messagesOf(context, state, shown)).flatMap((message) => {
    const task = taskOf(state, message, shown[message.key]);
    return isOpen(task, shown) ? [task] : [];
  });
}

function taskOf(state: State, message: Message, mark: string | undefined): Task {
  const known = state.messages[message.key];
  const card = state.messages.card;
  const isAstray = message.inThread && message.live && known !== undefined && card !== undefined && Number(known.ts) < Number(card.ts);
  const isUncertain = mark === postingMark(known);
  const isPost = known === undefined || isAstray || isUncertain;
  return { state, message, digest: digestOf(message), known, isPost, isUncertain, isAstray };
}

function isOpen({ state, message, digest, known, isAstray }: Task, shown: Shown): boolean {
  if (state.dropped[message.key] !== undefined || (known && !message.live)) return false;
  if (message.inThread && state.messages.card === undefined) return false; // no card, no thread
  if (shown[message.key] === givenUpMark) return false;
  return shown[message.key] !== digest || isAstray;
}

async function messagesOf(context: Context, state: State, shown: Shown): Promise<Message[]> {
  const outputs = Object.fromEntries(
    await Promise.all(
      badRuns(state).map(
        async (run): Promise<[RunKey, KeptOutput]> => [run, await context.outputs.load(state.id, run, state.runs[run]?.attempt ?? 1)],
      ),
    ),
  );
  const mentions = await context.directory.mentions(namesIn(state)).catch(() => ({})); // names in plain text are better than no message
  const now = Math.max(context.now(), state.at);
  const view = { state, outputs, mentions, hands: await handsOf(context, state) };
  const regular = rendered({ ...view, now: Math.max(now - (now % tickMs), state.at, ...callTimes(state).filter((at) => at <= now)) });
  const isMore = regular.some(({ live }) => !live) || owed(state, now).some(({ dueAt }) => dueAt <= now) || callTimes(state).some((at) => at <= now);
  const once = isMore ? messages({ ...view, now }).filter(({ live }) => !live) : [];
  return [...regular.filter(({ live }) => live), ...once, ...toRequester(state, shown)];
}

const lastRendered = new WeakMap<State, { readonly of: string; readonly messages: readonly Message[] }>();

/** The messages of a view. Rendering is what announcing mostly does, and the same is asked for several times running: it is remembered. */
function rendered(view: MessagesView): readonly Message[] {
  const { state, ...beside } = view;
  const of = JSON.stringify(beside);
  const last = lastRendered.get(state);
  if (last?.of === of) return last.messages;
  const all = messages(view);
  lastRendered.set(state, { of, messages: all });
  return all;
}

/** What whoever asked for the rollback is told directly, since the card cannot tell it: each once. */
function toRequester(state: State, shown: Shown): Message[] {
  const replies = { 'card-refused': cardRefusedReply, 'card-stuck': cardStuckReply, 'card-lost': cardLostReply };
  if (state.requester.via === 'bot') return []; // the schedule asked, nobody waits
  return Object.entries(replies).flatMap(([key, reply]) => {
    const why = shown[whyOf(key)];
    const text = why === undefined ? '' : reply(state.id, state.channel, why);
    return why === undefined ? [] : [{ key, to: state.requester.id, inThread: false, live: false, text, blocks: [] }];
  });
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
  const { by = '', escalate, override } = state.outline?.policy ?? {};
  return [...new Set([by, escalate?.to ?? '', override ?? '', `@${state.requester.name}`, ...signers])].filter((name) => name.startsWith('@'));
}

const digestOf = (message: Message): string =>
  createHash('sha256')
    .update(JSON.stringify([message.text, message.blocks]))
    .digest('hex')
    .slice(0, 16);
