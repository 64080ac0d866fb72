import { isBehind } from '../domain/next.ts';
import { BOT } from '../domain/plan.ts';
import type { State } from '../domain/state.ts';
import { counted, firstOf } from './cut.ts';
import { escaped, type Mrkdwn, md } from './escape.ts';
import { counts, type PlannedRun, runsOf } from './runs.ts';
import { dateTime, lasting } from './times.ts';

/** How many steps are done as a bar of nine. Full only when all are. */
export function bar(state: State): Mrkdwn {
  const { done, all } = counts(state);
  const full = all === 0 ? 0 : Math.floor((9 * done) / all);
  return `${'▓'.repeat(full)}${'░'.repeat(9 - full)}` as Mrkdwn;
}

/** `phase 4 of 5` as a person counts. */
export const phaseOf = (state: State): Mrkdwn => md`phase ${Math.min(state.phase + 1, phaseCount(state))} of ${phaseCount(state)}`;

const phaseCount = (state: State): number => state.outline?.phases.length ?? 0;

/** The runs under way. */
export const current = (state: State): PlannedRun[] =>
  runsOf(state).filter(({ run }) => run && ['running', 'triggered', 'retry'].includes(run.status));

/** `step 11.2 Deploy on prod-2`. */
export function runName({ step, host }: PlannedRun): Mrkdwn {
  return md`step ${escaped(step.id)} ${escaped(step.name)}${host === BOT ? md`` : md` on ${escaped(host)}`}`;
}

/** What is left by the runbook's estimates, in milliseconds: the rest of the phase it is in, and the phases after it. */
export function leftMs(state: State, now: number): number {
  return (state.outline?.phases ?? []).reduce((sum, phase, i) => {
    const { startedAt, endedAt } = state.phases[i] ?? {};
    if (endedAt !== undefined) return sum;
    return sum + (startedAt === undefined ? phase.estimateMs : Math.max(0, phase.estimateMs - (now - startedAt)));
  }, 0);
}

/** All phases' estimates together, in milliseconds. */
export const estimateMs = (state: State): number => (state.outline?.phases ?? []).reduce((sum, phase) => sum + phase.estimateMs, 0);

/** When it should be complete. The estimates are the runbook's own, and it is often quicker, so it says `at the latest`. */
export function expected(state: State, now: number): Mrkdwn {
  if (state.endedAt !== undefined) return md`ended ${dateTime(state.endedAt)}`;
  if (state.status === 'trouble') return md`not before somebody decides how to go on`;
  if (state.status === 'stopping') return md`never: it is being stopped`;
  if (state.status === 'proving') return md`as soon as the hosts are proven`;
  const left = leftMs(state, now);
  return left === 0 ? md`any moment (its estimates are used up)` : md`${dateTime(now + left)} by the runbook's estimates (${lasting(left)} left)`;
}

/** What is stopped and started: production, or, where no host is, the rehearsed system. */
export const served = ({ outline }: State): Mrkdwn => (outline && !outline.hosts.some((host) => host.production) ? md`The system` : md`Production`);

/** For how long production is without, as far as is known beforehand. Undefined when nothing was estimated or measured. */
export function affectedBefore(state: State): Mrkdwn | undefined {
  const affected = state.outline?.affected;
  if (!affected) return undefined;
  const source = affected.measured > 0 ? md`median of ${counted(affected.measured, 'run')}` : md`estimate`;
  return md`${lasting(affected.ms)} (${source})`;
}

/** Steps that are done or not, one line a phase: `Testing and validation: 7.1 Import, 7.2 …`; `none` when there are none. */
export function stepLines(state: State, wanted: 'completed' | 'remaining'): Mrkdwn[] {
  const lines = (state.outline?.phases ?? []).flatMap((phase) => {
    const steps = phase.steps
      .filter((step) => isDone(state, step) === (wanted === 'completed'))
      .map((step) => md`${escaped(step.id)} ${escaped(step.name)}`);
    return steps.length === 0 ? [] : [md`• ${escaped(phase.name)}: ${firstOf(steps, 20)}`];
  });
  return lines.length === 0 ? [md`none`] : lines;
}

function isDone(state: State, step: PlannedRun['step']): boolean {
  return runsOf(state)
    .filter((run) => run.step === step)
    .every((run) => isBehind(run.run));
}
