import { refuse } from '../domain/refusal.ts';
import type { Checked } from '../store/audit-trail.ts';
import type { Fault } from '../store/chain.ts';
import { plain } from '../templates/escape.ts';
import { type Cli, exits } from './cli.ts';
import { refused } from './refused.ts';
import { localClock, localDay } from './time.ts';

/** The fewest hex digits of a seal that mean it. */
const fewest = 8;

/** Checks the journal, and every log or that of one rollback. Answers the exit code: 0, whole; 1, not. */
export async function verify(cli: Cli, typed: string | undefined, head: string | undefined): Promise<number> {
  const seal = head?.trim().toLowerCase().replace(/…$/, '');
  if (seal !== undefined && (typed === undefined || !new RegExp(`^[0-9a-f]{${fewest},64}$`).test(seal)))
    return refused(
      cli,
      refuse('malformed', `--head is what the thread of one rollback says: ${fewest} or more hex digits.`, 'rollback verify sac-42 --head 3f9a0c21'),
    );
  const journal = await cli.audit.journal();
  tell(cli, journal, 'The journal');
  const all = await cli.audit.rollbacks(journal.sound);
  const ids = typed === undefined ? all : [typed.toLowerCase()];
  const checked: Checked[] = [journal];
  for (const id of ids) {
    const one = await cli.audit.rollback(id, journal, all, seal);
    tell(cli, one, id);
    checked.push(one);
  }
  return verdict(cli, checked);
}

function verdict({ terminal }: Cli, checked: readonly Checked[]): number {
  const bad = checked.filter(({ fault }) => fault);
  if (bad.length === 0) {
    terminal.say(
      `All is whole: ${checked
        .map(({ name }) => plain(name))
        .slice(0, 4)
        .join(', ')}${checked.length > 4 ? ` and ${checked.length - 4} more` : ''}.`,
    );
    return exits.ok;
  }
  terminal.say(
    `NOT WHOLE: ${bad.map(({ name }) => plain(name)).join(', ')}. Trust nothing after the entries that are named; the hosts' receipts and the threads in Slack know more.`,
  );
  return exits.failed;
}

function tell({ terminal }: Cli, { entries, head, fault, notes }: Checked, name: string): void {
  const end = head === undefined ? '' : `, head ${head.slice(0, 16)}`;
  terminal.say(`${plain(name)}: ${entries} ${entries === 1 ? 'entry' : 'entries'}${end}, ${fault ? 'NOT WHOLE' : 'whole'}`);
  if (fault) terminal.say(`  first bad entry: ${plain(entryText(fault))}`);
  for (const note of notes) terminal.say(`  ${plain(note)}`);
}

function entryText({ entry, type, at, what }: Fault): string {
  const told = [...(type === undefined ? [] : [type]), ...(at === undefined || !Number.isFinite(at) ? [] : [`${localDay(at)} ${localClock(at)}`])];
  return `${entry}${told.length > 0 ? ` (${told.join(', ')})` : ''}: ${what}`;
}
