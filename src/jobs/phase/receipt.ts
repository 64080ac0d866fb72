import { createHash } from 'node:crypto';
import type { RunKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import type { ShellWork } from '../../domain/step.ts';

/** On a retry of a step that was half done, its guard would take our own change for drift: a person has looked and chosen to go on. */
export function sent(work: ShellWork, { unguarded }: { readonly unguarded?: boolean }): ShellWork {
  if (!unguarded) return work;
  const { guard: _passed, ...rest } = work;
  return rest;
}

/** Names the run, its attempt and its text, and the request itself: neither another command nor another rollback of that name can attach to it. */
export function receiptKey(state: State, run: RunKey, attempt: number, work: ShellWork): string {
  const text = JSON.stringify([state.requestedAt, run, work.guard, work.command, work.verify]);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${`${state.id}.${run}`.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 90)}.${attempt}.${digest}`;
}

/** What a pipeline's run is called where it is started, so that it is found again. */
export const pipelineKey = (rollback: string, run: RunKey, attempt: number): string => `${rollback}.${run}.${attempt}`;
