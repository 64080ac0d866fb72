import type { Event } from '../domain/event.ts';
import { canonical, type Plan } from '../domain/plan.ts';
import { type Fault, headOf } from './chain.ts';
import type { Entry } from './journal.ts';

/** A rollback's plans by the digests under which they are kept; `changed` where that is not the digest of what is there. */
export type KeptPlans = ReadonlyMap<string, Plan | 'changed'>;

/** Whether the journal names this rollback: from then on its log is sealed from its first entry, or was there before. */
export const isNamed = (sound: readonly Entry[], id: string): boolean =>
  sound.some(
    (entry) =>
      (entry.type === 'requested' && entry.rollback === id) || (entry.type === 'began' && entry.logs.some(({ rollback }) => rollback === id)),
  );

/** A log that begins sealed was written in the same moment as its line in the journal. */
export const requestFault = (sound: readonly Entry[], id: string): Fault | undefined =>
  isNamed(sound, id)
    ? undefined
    : { entry: 1, what: 'the journal has no request for it: an entry of the journal was removed, or this log was put here' };

/** Where the log is shorter than when the rollback was stopped or had ended, or another one. */
export function endFaults(sound: readonly Entry[], id: string, texts: readonly string[]): Fault[] {
  return sound.flatMap((entry) => {
    if ((entry.type !== 'ended' && entry.type !== 'stop-chosen') || entry.rollback !== id) return [];
    const { entries, head } = entry;
    if (texts.length < entries)
      return [
        {
          entry: texts.length + 1,
          what: `it is missing: by the journal the log had ${entries} entries when it ${entry.type === 'ended' ? 'ended' : 'was stopped'}`,
        },
      ];
    if (headOf(texts[entries - 1]) === head) return [];
    return [{ entry: entries, what: 'it is another one than the journal says' }];
  });
}

/** Where Redis and the file of a log differ; the file may be older. */
export function fileFault(texts: readonly string[], inFile: readonly string[] | undefined): Fault | undefined {
  const at = (inFile ?? []).findIndex((line, i) => line !== texts[i]);
  if (at < 0) return undefined;
  if (at >= texts.length) return { entry: at + 1, what: 'it is missing in Redis, and stands in the file of the log in DATA_DIR/ended' };
  return { entry: at + 1, what: 'Redis and the file of the log in DATA_DIR/ended have different entries here' };
}

/** Where the log has never had the seal that somebody was told. `head`: its first hex digits. */
export function headFault(texts: readonly string[], head: string): Fault | undefined {
  if (texts.some((text) => headOf(text)?.startsWith(head.toLowerCase()))) return undefined;
  return { entry: texts.length + 1, what: `no entry has the seal ${head}: the end of the log was cut, or another log was put in its place` };
}

/** Plans that are not what was approved. Their commands are in their digests. */
export function planFaults(events: readonly Event[], plans: KeptPlans): Fault[] {
  return events.flatMap((event) => {
    if (event.type !== 'planned') return [];
    const plan = plans.get(event.digest);
    const about = { entry: event.seq, type: event.type, at: event.at };
    if (plan === 'changed') return [{ ...about, what: 'the plan that is kept for it was changed: it has another digest' }];
    if (plan === undefined || canonical(plan.outline) === canonical(event.outline)) return [];
    return [{ ...about, what: 'the outline of the plan that is kept for it was changed' }];
  });
}

/** How many plans of the log are not kept any more. */
export const plansGone = (events: readonly Event[], plans: KeptPlans): number =>
  events.filter((event) => event.type === 'planned' && !plans.has(event.digest)).length;
