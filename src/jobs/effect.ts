import { createHash } from 'node:crypto';
import type { Host, HostIdentity, ReceiptAnswer } from '../domain/host.ts';
import type { State } from '../domain/state.ts';
import type { ShellWork } from '../domain/step.ts';
import type { Journal, Note } from '../store/journal.ts';

/** The most that such an effect may print, in bytes: only its last line is looked at. */
const maxOutputBytes = 4 * 1024 * 1024;

/** What an effect outside the plan's steps (a halt, a record) is called, and for whom it is done. */
export interface Effect {
  readonly state: State;
  readonly name: string;
  readonly token: string;
  readonly identity: HostIdentity;
  readonly signal: AbortSignal;
  /** No plan has its commands: the journal does. */
  readonly journal: Pick<Journal, 'note'>;
}

/** How it ended; `line` is the last that it printed, or why nobody can say. */
export interface EffectEnd {
  readonly ok: boolean;
  readonly line: string;
}

/** Runs work under a receipt of the rollback: whoever repeats it with the same name attaches to it. The journal has what was run. Rejects with a HostError. */
export async function runEffect(host: Host, { state, name, token, identity, signal, journal }: Effect, work: ShellWork): Promise<EffectEnd> {
  const { guard, command, verify, timeoutMs } = work;
  const digest = createHash('sha256')
    .update(JSON.stringify([state.requestedAt, guard, command, verify]))
    .digest('hex')
    .slice(0, 16);
  const key = `${`${state.id}.${name}.${host.address.name}`.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 100)}.${digest}`;
  const { bootId, storeId } = identity;
  // A fence of its own: an effect beside the plan must not shut the plan's worker out.
  const fence = `${state.id}.${name}`.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 110);
  const order = { key, rollback: fence, token, bootId, storeId, resumed: false, command, timeoutMs, maxOutputBytes };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs + 60_000)]);
  const commands = { command, ...(guard ? { guard } : {}), ...(verify ? { verify } : {}) };
  const tell = (end: Pick<Extract<Note, { type: 'effect' }>, 'exitCode' | 'outputSha256' | 'why'>): Promise<void> =>
    journal.note({ type: 'effect', rollback: state.id, name, host: host.address.name, ...commands, ...end });
  try {
    const answer = await host.run({ ...order, ...commands }, () => undefined, limit);
    await tell(answer.kind === 'ended' ? { exitCode: answer.exitCode, outputSha256: sha256(answer.tail) } : { why: endOf(answer).line });
    return endOf(answer);
  } catch (error) {
    await tell({ why: (error as Error).message }); // sent or not: nobody knows
    throw error;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function endOf(answer: ReceiptAnswer): EffectEnd {
  if (answer.kind === 'fenced') return { ok: false, line: 'a newer worker has taken over' };
  if (answer.kind !== 'ended') return { ok: false, line: answer.why };
  const line = answer.tail.trim().split('\n').at(-1) ?? '';
  return { ok: answer.exitCode === 0, line: line || (answer.exitCode === 0 ? 'done' : `exit ${answer.exitCode}`) };
}
