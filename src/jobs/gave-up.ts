import { refuse } from '../domain/refusal.ts';
import { isHaltOpen, isRecordDue, type QueueName } from '../domain/work.ts';
import { TamperedError } from '../store/sound.ts';
import type { Context } from './context.ts';

/** What a rollback says when its job has failed at every try, or when its log was forged: the failure is ours or somebody's, and a person must know of it. */
export async function gaveUp(context: Context, queue: QueueName, id: string, error: Error): Promise<void> {
  const { what, advice } = toldOf(id, error, context.mask(error.message).slice(0, 500));
  if (queue !== 'plan' && queue !== 'phase' && queue !== 'halt' && queue !== 'stop' && queue !== 'record') return;
  await context.log.decide(id, (state) => {
    if (queue === 'plan' && state.status === 'reading') return [{ type: 'unplannable', problems: [{ what, advice }] }];
    if (queue === 'phase' && (state.status === 'running' || state.status === 'proving'))
      return [{ type: 'trouble', where: 'bot', what: `${what}. ${advice}` }];
    if (queue === 'stop' && state.status === 'stopping') return [{ type: 'trouble', where: 'bot', what: `${what}. ${advice}` }];
    if (queue === 'halt' && isHaltOpen(state) && state.halt && state.halted) {
      const { way, hosts } = state.halted;
      return state.halt.hosts.filter((host) => !Object.hasOwn(hosts, host)).map((host) => ({ type: 'halt-ended', way, host, ok: false, why: what }));
    }
    if (queue === 'record' && isRecordDue(state)) return [{ type: 'recorded', lines: [`The release could not be recorded: ${what}`] }];
    return refuse('over', `${id} does not wait for this any more.`, '');
  });
}

function toldOf(id: string, error: Error, message: string): { what: string; advice: string } {
  if (error instanceof TamperedError)
    return {
      what: `Somebody without the audit key had a hand in it: ${message}`,
      advice: `Run “rollback verify ${id}”, look at the hosts, then Leave as is.`,
    };
  return { what: `rollback-bot itself failed: ${message}`, advice: "The bot's log has the details; mend what it names, then try again." };
}
