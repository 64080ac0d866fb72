import { Command, CommanderError } from 'commander';
import { UncertainError } from '../store/log.ts';
import { PeopleUnknown } from '../store/people.ts';
import { approve } from './approve.ts';
import { type Cli, exits } from './cli.ts';
import { exportAll } from './export.ts';
import { follow } from './follow.ts';
import { IdentitiesError } from './identities.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import type { Terminal } from './terminal.ts';
import { verify } from './verify.ts';

/** What the user configured cannot be used: every problem is a line for people. */
export class Misconfigured extends Error {
  override name = 'Misconfigured';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super('misconfigured');
    this.problems = problems;
  }
}

/** Opens what a command needs; closed again whatever happens. */
export interface Opening {
  open(): Promise<{ readonly cli: Cli; close(): Promise<void> }>;
  readonly terminal: Terminal;
}

const about = `The same rollbacks and the same decisions as in Slack, for when Slack is away. It needs Redis (REDIS_URL) and the system files (SYSTEMS_DIR).
Who you are is your login name, by the file of identities (IDENTITIES_FILE); status and follow need none. approve, stop and verify need the audit
key (AUDIT_KEY, or DATA_DIR/audit.key).`;

const codes = `
Exit codes:
  0    done; follow: the rollback is complete
  1    the rollback ended otherwise, verify: something is not as it was sealed, or Redis does not answer
  2    refused, or typed wrongly
  130  Ctrl-C: what runs goes on`;

const yes = ['--yes <digest>', 'do not ask: the first 8 or more signs of the digest of the plan that you have read'] as const;

/** Runs what was typed, and answers the exit code. */
export async function run(words: readonly string[], opening: Opening): Promise<number> {
  let code: number = exits.ok;
  const does: Does = async (work, seals = 'looks') => {
    const { cli, close } = await opening.open();
    try {
      if (seals !== 'looks') cli.journal.mustSeal();
      if (seals === 'decides') await cli.journal.note({ type: 'configuration', ...cli.configuration });
      code = await work(cli);
    } finally {
      await close();
    }
  };
  try {
    await programOf(opening.terminal, does).parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    return failed(opening.terminal, error as Error);
  }
}

/** Runs the work of a command: it `looks` only, `checks` seals, which needs the audit key, or `decides`, which needs it too and is noted. */
type Does = (work: (cli: Cli) => Promise<number>, seals?: 'looks' | 'checks' | 'decides') => Promise<void>;

function programOf({ say, warn }: Terminal, does: Does): Command {
  const program = new Command('rollback')
    .description(about)
    .addHelpText('after', codes)
    .helpCommand('help [command]', 'show this, or more of one command');
  program.exitOverride().showHelpAfterError('rollback --help shows what there is.');
  program.configureOutput({ writeOut: (text) => say(text.trimEnd()), writeErr: (text) => warn(text.trimEnd()) });
  program
    .command('status [of]')
    .description('what is open, who holds the locks, which workers live, and what can lose data; of: sac or sac-42')
    .action((of?: string) => does((cli) => status(cli, of)));
  program
    .command('approve <id>')
    .description('show the plan of a rollback that waits, ask, and approve exactly that')
    .option(...yes)
    .action((id: string, options: { yes?: string }) => does((cli) => approve(cli, id, options.yes), 'decides'));
  program
    .command('stop <id>')
    .description('end what a rollback runs on its hosts, and wait until it is stopped')
    .option(...yes)
    .action((id: string, options: { yes?: string }) => does((cli) => stop(cli, id, options.yes), 'decides'));
  program
    .command('follow <id>')
    .description('tell a rollback as it happens, until it ends')
    .action((id: string) => does((cli) => follow(cli, id)));
  program
    .command('verify [id]')
    .description('whether the journal and every log, or that of one rollback, are as they were sealed; the first bad entry where not')
    .option('--head <head>', 'what the thread of the rollback says: its log must have been there')
    .action((id: string | undefined, options: { head?: string }) => does((cli) => verify(cli, id, options.head), 'checks'));
  program
    .command('export [id]')
    .description('the journal and every log, or those of one rollback, as JSON Lines, each step with its exact commands')
    .action((id?: string) => does((cli) => exportAll(cli, id)));
  return program;
}

function failed({ warn }: Terminal, error: Error & { readonly advice?: string }): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exits.ok : exits.refused; // it has said so itself
  if (error instanceof Misconfigured || error instanceof IdentitiesError) {
    for (const problem of error.problems) warn(problem);
    return exits.refused;
  }
  if (error instanceof PeopleUnknown) {
    warn(`${error.message}.`);
    warn(error.advice);
    return exits.refused;
  }
  if (error instanceof UncertainError)
    warn('Redis did not answer while that was written, so nobody knows whether it was done. Look before you try again: rollback status');
  else warn(`${error.message}. ${error.advice ?? 'Nothing was changed. Try again in a moment.'}`);
  return exits.failed;
}
