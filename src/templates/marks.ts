import { BOT } from '../domain/plan.ts';
import type { StepRun } from '../domain/state.ts';
import { firstOf } from './cut.ts';
import { escaped, joined, link, type Mrkdwn, md } from './escape.ts';
import { values } from './results.ts';
import type { PlannedRun } from './runs.ts';
import { lasting } from './times.ts';

const marks: Readonly<Record<StepRun['status'], string>> = {
  running: '▸',
  triggered: '▸',
  asked: '☐',
  retry: '↻',
  done: '✓',
  failed: '✗',
  errored: '✗',
  drifted: '✗',
  unknown: '?',
  cut: '✂',
  skipped: '↷',
};

const words: Readonly<Record<StepRun['status'], string>> = {
  running: 'running',
  triggered: 'its pipeline is running',
  asked: 'waits for a person',
  retry: 'to be run again',
  done: '',
  failed: 'failed',
  errored: 'could not be followed',
  drifted: 'not run: the host is no longer as it was read',
  unknown: 'nobody can say whether it ran',
  cut: 'cut',
  skipped: 'skipped',
};

/** The command's own time where it is known; a pipeline's is that from trigger to end. */
function took({ result, pipeline, startedAt, endedAt }: StepRun): Mrkdwn | undefined {
  if (endedAt === undefined) return undefined;
  return lasting(pipeline || !result ? endedAt - startedAt : result.durationMs);
}

/** One run in one line: mark, step, host, how it went, how long it took, what it measured. */
export function runLine({ step, host, run }: PlannedRun): Mrkdwn {
  const what = md`${escaped(step.id)} ${escaped(step.name)}${host === BOT ? md`` : md` · ${escaped(host)}`}`;
  if (!run) return md`○ ${what}`;
  const measured = values(run.result?.values);
  return joined(
    [
      md`${marks[run.status] as Mrkdwn} ${what}`,
      words[run.status] === '' ? undefined : (words[run.status] as Mrkdwn),
      took(run),
      run.attempt > 1 ? md`attempt ${run.attempt}` : undefined,
      run.pipeline ? link(run.pipeline.url, 'pipeline') : undefined,
      measured.length > 0 ? firstOf(measured, 20) : undefined,
    ],
    ' · ',
  );
}
