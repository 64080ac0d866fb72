import type { StepResult } from '../../domain/event.ts';
import { type Host, HostError, type ReceiptAnswer, type ReceiptOrder } from '../../domain/host.ts';
import type { ShellWork } from '../../domain/step.ts';
import type { Hold } from './hold.ts';

/** How long finding out may take, in milliseconds: a service may need a moment. */
const settleWithinMs = 60_000;

/** Exit status of a settle command that finds the host wholly as it was before the step. */
const asBefore = 10;

/** What a step found out by itself where its receipt could not say: it is done, nothing of it happened, or people have to look. */
export type Settled =
  | { readonly kind: 'done'; readonly result: StepResult }
  | { readonly kind: 'as-before' }
  | { readonly kind: 'unknown'; readonly why?: string };

/** The receipt that was asked about. */
type Sent = Pick<ReceiptOrder, 'key' | 'bootId' | 'storeId'>;

/** Ends what may be left of an unknown run, then asks the host whether its effect is there. Pure looking but for that. */
export async function settle(hold: Hold, host: Host, sent: Sent, work: ShellWork, answer: ReceiptAnswer): Promise<Settled> {
  if (work.settle === undefined || answer.kind !== 'unknown') return { kind: 'unknown' };
  try {
    const left = await host.stop({ ...sent, rollback: hold.id, token: hold.token });
    if (left.kind === 'runs-on') return { kind: 'unknown', why: `${answer.why}; it still runs: ${left.why}` };
    const [reading] = await host.read([work.settle], settleWithinMs);
    if (reading?.exitCode === asBefore) return { kind: 'as-before' };
    return reading?.exitCode === 0 ? { kind: 'done', result: foundDone(answer.why) } : { kind: 'unknown' };
  } catch (error) {
    if (error instanceof HostError) return { kind: 'unknown' };
    throw error;
  }
}

const foundDone = (why: string): StepResult => ({
  outcome: 'done',
  durationMs: 0,
  outputBytes: 0,
  why: `looked at afterwards, it is done (${why})`,
});
