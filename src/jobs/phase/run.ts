import type { StepResult } from '../../domain/event.ts';
import { type Host, HostError, type ReceiptAnswer } from '../../domain/host.ts';
import { type KeptOutput, outputText } from '../../domain/output.ts';
import type { Plan, RunKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import type { ShellWork, Work } from '../../domain/step.ts';
import { FencedError } from '../../store/log.ts';
import { type Hold, loaded, observe } from './hold.ts';
import { attemptOf, gotPastGuard, type Intent, intended, newAttemptOf } from './intent.ts';
import { patienceMs, reach } from './machine.ts';
import { receiptKey, sent } from './receipt.ts';
import { otherMachine, resultOf, unknownBecause } from './result.ts';
import { type Settled, settle } from './settle.ts';
import { triggerPipeline } from './trigger.ts';

/** How much of the beginning of what a step prints stays on its host, in bytes; of the rest the end does. */
const maxOutputBytes = 1024 * 1024;

/** For how long beyond its own time limit a step that cannot be reached is waited for, in milliseconds. */
const followedLongerMs = 60_000;

/** Takes one run to its end, or to where a pipeline is waited for. */
export async function runStep(hold: Hold, run: RunKey): Promise<void> {
  const state = await loaded(hold);
  const plan = await hold.context.plans.load(hold.id, state.digest ?? '');
  const work = plan.work[run];
  if (!work) throw new Error(`the plan of ${hold.id} has no work for ${run}`);
  if (work.type === 'shell') return runOnHost(hold, state, plan, run, work);
  if (work.type === 'pipeline') return triggerPipeline(hold, state, run, work);
  if (work.type === 'hand') return askPerson(hold, state, run);
  await settleAtOnce(hold, state, run, work);
}

/** From here on the card shows the commands, and a person's word ends the step. */
async function askPerson(hold: Hold, state: State, run: RunKey): Promise<void> {
  await observe(hold, [{ type: 'step-intended', run, attempt: newAttemptOf(state, run), bootId: '', storeId: '' }]);
}

/** Announcements are owed, and signatures asked for, from this step on; nothing waits for either. */
async function settleAtOnce(hold: Hold, state: State, run: RunKey, work: Exclude<Work, { type: 'shell' | 'pipeline' | 'hand' }>): Promise<void> {
  const attempt = newAttemptOf(state, run);
  await observe(hold, [
    { type: 'step-intended', run, attempt, bootId: '', storeId: '' },
    ...(work.type === 'sign' ? [{ type: 'signature-asked', run, numbers: numbersOf(state, work.shown) } as const] : []),
    { type: 'step-finished', run, attempt, result: { outcome: 'done', durationMs: 0, outputBytes: 0 } },
  ]);
}

/** What was measured under these names, host by host. */
function numbersOf(state: State, names: readonly string[]): Record<string, string> {
  const measured = (name: string): string[] =>
    Object.entries(state.runs).flatMap(([key, run]) => {
      const value = run.result?.values?.[name];
      return value === undefined ? [] : [`${key.slice(key.lastIndexOf('@') + 1)}: ${value}`];
    });
  return Object.fromEntries(names.map((name) => [name, measured(name).join(', ') || 'not measured']));
}

/** How often a step that is found not to have happened is sent again without asking anybody. */
const ownTries = 3;

async function runOnHost(hold: Hold, state: State, plan: Plan, run: RunKey, work: ShellWork, tries = 1): Promise<void> {
  const startedAt = hold.context.now();
  const name = run.slice(run.lastIndexOf('@') + 1);
  const planned = plan.hosts[name];
  if (!planned) throw new Error(`the plan of ${hold.id} has no host ${name}`);
  let attempt = attemptOf(state, run);
  try {
    const host = hold.context.hosts.get(planned.address);
    const identity = await reach(host, hold.signal);
    const earlier = await stillRuns(hold, host, state, run, work);
    if (earlier !== undefined) return await ended(hold, run, attempt - 1, earlier);
    const intent = await intended(hold, state, run, identity, tries > 1);
    attempt = intent.attempt;
    if (identity.hostKey !== planned.identity.hostKey) return await ended(hold, run, attempt, otherMachine(planned, intent.resumed));
    const key = receiptKey(state, run, attempt, sent(work, intent));
    const { answer, output } = await followed(hold, host, key, sent(work, intent), intent);
    const settled = await settle(hold, host, { key, bootId: intent.bootId, storeId: intent.storeId }, work, answer);
    if ((settled.kind === 'as-before' || (await isPassed(host, intent, answer))) && tries < ownTries)
      return await runOnHost(hold, await loaded(hold), plan, run, work, tries + 1);
    await finish(hold, run, attempt, answer, settled, output, plan);
  } catch (error) {
    if (!(error instanceof HostError) || hold.signal.aborted) throw error; // the next worker attaches to the receipt
    if ((await loaded(hold)).runs[run]?.attempt !== attempt)
      await observe(hold, [
        { type: 'step-intended', run, attempt, bootId: '', storeId: '', ...(gotPastGuard(state.runs[run]) ? { unguarded: true } : {}) },
      ]);
    const durationMs = hold.context.now() - startedAt;
    await ended(hold, run, attempt, { outcome: 'errored', durationMs, outputBytes: 0, why: error.message, advice: error.advice });
  }
}

/** A worker that stood still, or lost its connection for long, may have been replaced or stopped meanwhile: then it sends nothing. */
async function stillOurs(hold: Hold): Promise<void> {
  const { token, status } = await loaded(hold);
  if (token !== hold.token || status !== 'running') throw new FencedError(`${hold.id} is ${status}, held with token ${token} (ours ${hold.token})`);
}

/** Whether the host refused because it was booted between our looking at it and our sending: nothing was run, and what it is now can be recorded anew. */
async function isPassed(host: Host, { bootId, storeId }: Intent, answer: ReceiptAnswer): Promise<boolean> {
  if (answer.kind !== 'not-started') return false;
  const now = await host.identity();
  return now.bootId !== bootId || now.storeId !== storeId;
}

/** Sends the step, or attaches to it, and follows it to its end. */
async function followed(
  hold: Hold,
  host: Host,
  key: string,
  work: ShellWork,
  intent: Intent,
): Promise<{ answer: ReceiptAnswer; output: KeptOutput }> {
  const { timeoutMs } = work;
  const order = { key, rollback: hold.id, token: hold.token, ...intent, ...commandsOf(work), timeoutMs, awayMs: patienceMs, maxOutputBytes };
  const output = hold.context.keepOutput();
  const keep = (text: string, leftOutBytes: number): void => output.add(text, leftOutBytes);
  const limit = AbortSignal.any([hold.signal, AbortSignal.timeout(timeoutMs + followedLongerMs)]);
  const answer = await host.run(order, keep, limit, () => stillOurs(hold));
  return { answer, output: output.end() };
}

const commandsOf = ({ guard, command, verify }: ShellWork) => ({
  command,
  ...(guard === undefined ? {} : { guard }),
  ...(verify === undefined ? {} : { verify }),
});

/** Nobody knew how the attempt before this one ended: what may be left of it is ended first. What cannot be ended is said again, and nothing is begun beside it. */
async function stillRuns(hold: Hold, host: Host, state: State, run: RunKey, work: ShellWork): Promise<StepResult | undefined> {
  const before = state.runs[run];
  if (before?.status !== 'retry' || before.result?.outcome !== 'unknown' || !before.bootId) return undefined;
  const { attempt, bootId, storeId = '', unguarded } = before;
  const key = receiptKey(state, run, attempt, sent(work, { unguarded: unguarded === true }));
  const left = await host.stop({ key, bootId, storeId, rollback: hold.id, token: hold.token });
  return left.kind === 'runs-on' ? unknownBecause(`it still runs: ${left.why}`) : undefined;
}

async function finish(
  hold: Hold,
  run: RunKey,
  attempt: number,
  answer: ReceiptAnswer,
  settled: Settled,
  output: KeptOutput,
  plan: Plan,
): Promise<void> {
  if (answer.kind === 'fenced') return fenced(hold, run, attempt, answer.seen);
  if (settled.kind === 'done') return ended(hold, run, attempt, settled.result);
  const outputSha256 = await hold.context.outputs.save(hold.id, run, attempt, output);
  const why = settled.kind === 'unknown' && settled.why !== undefined ? { why: settled.why } : {};
  await ended(hold, run, attempt, { ...resultOf(answer), outputSha256, ...why, ...valuesOf(hold, plan, run, outputText(output)) });
}

function valuesOf(hold: Hold, plan: Plan, run: RunKey, text: string): Pick<StepResult, 'values'> {
  const id = run.slice(0, run.lastIndexOf('@'));
  const kind = plan.outline.phases.flatMap((phase) => phase.steps).find((step) => step.id === id)?.kind;
  const values = kind === undefined ? undefined : hold.context.stepKinds[kind]?.values?.(text);
  return values && Object.keys(values).length > 0 ? { values } : {};
}

/** Either a newer worker has taken over, or the host remembers more than Redis does: then nothing is repeated, and people are asked. */
async function fenced(hold: Hold, run: RunKey, attempt: number, seen: string): Promise<void> {
  if ((await loaded(hold)).token !== hold.token) throw new FencedError(`${hold.id}: the host has seen a newer worker (${seen})`);
  const why = `the host has seen token ${seen}, newer than any that Redis knows (${hold.token}): Redis has lost history`;
  await ended(hold, run, attempt, {
    outcome: 'unknown',
    durationMs: 0,
    outputBytes: 0,
    why,
    advice: 'Look at the host before anything else, and at how Redis lost its data.',
  });
}

const ended = async (hold: Hold, run: RunKey, attempt: number, result: StepResult): Promise<void> => {
  const why = result.why === undefined ? {} : { why: hold.context.mask(result.why) };
  await observe(hold, [{ type: 'step-finished', run, attempt, result: { ...result, ...why } }]);
};
