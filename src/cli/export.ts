import type { Event } from '../domain/event.ts';
import { refuse } from '../domain/refusal.ts';
import type { KeptLog } from '../store/audit-trail.ts';
import { type Entry, journalChain } from '../store/journal.ts';
import { type Cli, exits } from './cli.ts';
import { refused } from './refused.ts';

/**
 * Prints the journal and every log, or what there is of one rollback, as JSON Lines: `{"chain":"sac-42","entry":…}`. An entry is byte for byte what was
 * sealed; beside the intent of a step stands its work from the approved plan. Nothing is checked: that is what verify does. Answers the exit code.
 */
export async function exportAll(cli: Cli, typed: string | undefined): Promise<number> {
  const only = typed?.toLowerCase();
  const { texts } = await cli.audit.journalTexts();
  const entries = texts.map((text) => ({ text, entry: parsed<Entry>(text) }));
  const ids = only === undefined ? await cli.audit.rollbacks(entries.flatMap(({ entry }) => (entry ? [entry] : []))) : [only];
  const logs = await Promise.all(ids.map(async (id) => ({ id, log: await cli.audit.log(id) })));
  if (only !== undefined && logs[0]?.log.texts.length === 0)
    return refused(
      cli,
      refuse('rollback-unknown', `There is no log of ${JSON.stringify(only.slice(0, 60))}.`, 'rollback status shows those there are.'),
    );
  for (const { text, entry } of entries) if (only === undefined || isAbout(entry, only)) say(cli, journalChain, text);
  for (const { id, log } of logs) for (const [text, work] of withWork(log)) say(cli, id, text, work);
  return exits.ok;
}

/** What is no JSON any more is exported as the text that it is. */
function say({ terminal }: Cli, chain: string, text: string, work?: unknown): void {
  const entry = parsed(text) === undefined ? JSON.stringify(text) : text;
  const line = `{"chain":${JSON.stringify(chain)},"entry":${entry}${work === undefined ? '' : `,"work":${JSON.stringify(work)}`}}`;
  terminal.say(terminal.hasStyle ? harmless(line) : line);
}

/** A terminal obeys signs that are allowed in JSON; written so, they mean the same there. */
const harmless = (line: string): string =>
  line.replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

const isAbout = (entry: Entry | undefined, id: string): boolean => entry !== undefined && 'rollback' in entry && entry.rollback === id;

/** Each entry, and beside the intent of a step what was to be done: guard, command, verify, and how it is put back. */
function withWork({ texts, plans }: KeptLog): [string, unknown][] {
  let digest = '';
  return texts.map((text) => {
    const event = parsed<Event>(text);
    if (event?.type === 'planned') digest = event.digest;
    const plan = plans.get(digest);
    return [text, event?.type === 'step-intended' && plan !== undefined && plan !== 'changed' ? plan.work[event.run] : undefined];
  });
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
