import { parse } from '../commands/parse.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Counted, Rates } from '../store/rates.ts';
import { actions, views } from '../templates/actions.ts';

/** Who acted, and what they typed or pressed: `/rollback sac v0.1.0`, `approve sac-42`. */
export interface Acted {
  readonly userId: string;
  readonly what: string;
}

/**
 * Never limited. Stop and halt end harm: whoever pressed too much a moment ago must still be able to. Approve, Reject and the override are what everybody
 * waits for, each does something once, and a colleague's script under the same account must not hold them up.
 */
const always: readonly string[] = [actions.approve, actions.reject, actions.stop, actions.halt, actions.override, views.reject, views.override];

const asking: readonly string[] = [actions.undo, views.putBack];
const askingWords: readonly string[] = ['request', 'drill', 'undo'];

/** What an act counts as: nothing, an action, or an action that also asks for a rollback. Pure. */
export function countedAs(what: string): readonly Counted[] {
  if (what.startsWith('/')) {
    const typed = parse(what.replace(/^\S+\s*/, ''));
    const type = 'type' in typed ? typed.type : '';
    return type === 'stop' ? [] : askingWords.includes(type) ? ['actions', 'requests'] : ['actions'];
  }
  const name = what.split(' ', 1)[0] ?? '';
  return always.includes(name) ? [] : asking.includes(name) ? ['actions', 'requests'] : ['actions'];
}

/** Counts an act; answers the refusal where it is one too many. */
export async function tooMany(rates: Rates, { userId, what }: Acted): Promise<Refusal | undefined> {
  for (const one of countedAs(what)) {
    const waitMs = await rates.take(userId, one);
    if (waitMs > 0) return refusal(one, rates.limits[one], Math.ceil(waitMs / 1000));
  }
  return undefined;
}

/** A request that was refused is no request: whoever mistypes a version in a hurry is not kept waiting for it. */
export async function notAsked(rates: Rates, { userId, what }: Acted): Promise<void> {
  if (countedAs(what).includes('requests')) await rates.giveBack(userId, 'requests');
}

const refusal = (what: Counted, limit: number, seconds: number): Refusal =>
  refuse(
    'too-many',
    what === 'requests'
      ? `You asked for more than ${limit} ${limit === 1 ? 'rollback' : 'rollbacks'} within a minute; this one was not asked for.`
      : `You did more than ${limit} ${limit === 1 ? 'thing' : 'things'} within a minute; this one was not done.`,
    `Go on in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}. Approve, Reject, Stop and halt work at any time.`,
  );
