import type { Command, Decision } from './command.ts';
import { approve, reject } from './decisions/approval.ts';
import { halt } from './decisions/halt.ts';
import { override, review } from './decisions/override.ts';
import { change, describe, withdraw } from './decisions/request.ts';
import { stop, unlock } from './decisions/stop.ts';
import { leave, readAgain, retry, sign, skip, tick } from './decisions/trouble.ts';
import { isExpired } from './expiry.ts';
import { refuse } from './refusal.ts';
import type { State } from './state.ts';

/** What a command does to a rollback: the facts to append, or why not. Pure; `now` in milliseconds since 1970. */
export function decide(state: State, command: Command, now: number): Decision {
  switch (command.type) {
    case 'approve':
      return approve(state, command, now);
    case 'reject':
      return reject(state, command, now);
    case 'override':
      return override(state, command, now);
    case 'review':
      return review(state, command);
    case 'read-again':
      return readAgain(state, command);
    case 'withdraw':
      return withdraw(state, command);
    case 'describe':
      return describe(state, command);
    case 'change':
      return change(state, command);
    case 'halt':
      return halt(state, command);
    case 'tick':
      return tick(state, command);
    case 'retry':
      return retry(state, command);
    case 'skip':
      return skip(state, command);
    case 'stop':
      return stop(state, command);
    case 'unlock':
      return unlock(state, command);
    case 'leave':
      return leave(state, command);
    case 'sign':
      return sign(state, command);
    case 'expire':
      return isExpired(state, now) ? [{ type: 'expired' }] : refuse('nothing-to-do', `${state.id} has not expired.`, 'Nothing to do.');
  }
}
