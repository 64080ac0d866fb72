import type { Decision, Of } from '../command.ts';
import { refuse } from '../refusal.ts';
import { holdsLock, isEnded, type State } from '../state.ts';
import { said } from './over.ts';

/** Containment needs no approval; its taking back ends it. Once a rollback runs, its own steps stop and start production. */
export function halt(state: State, { by, mayHalt, way }: Of<'halt'>): Decision {
  const offer = state.halt;
  if (!offer) return refuse('nothing-to-do', `${state.system} has no halt in its system file.`, 'Add halt: to it, or stop it by hand.');
  if (!mayHalt) return refuse('not-allowed', `${way === 'halt' ? offer.name : offer.backName} is for ${offer.by}.`, `Ask one of ${offer.by}.`);
  if (holdsLock(state)) return refuse('over', `${state.id} is running: it stops and starts production itself.`, 'Follow it on its card.');
  const inForce = state.halted?.way === 'halt';
  if (way === 'halt' && isEnded(state))
    return refuse('over', `${state.id} ${said[state.status]}.`, `Ask anew: /rollback ${state.system} ${state.version}`);
  if (way === 'halt' && inForce && !someFailed(state))
    return refuse('nothing-to-do', `${state.halted?.by.name} has done that already.`, 'The card says how it went.');
  const backFailed = state.halted?.way === 'back' && someFailed(state);
  if (way === 'back' && !inForce && !backFailed) return refuse('nothing-to-do', 'Nothing is halted.', 'The card says how it is.');
  if (way === 'back' && hasServed(state))
    return refuse('over', `${state.id} is complete: its own steps decided whether production runs.`, 'Nothing to do.');
  return [{ type: 'halt-chosen', by, way }];
}

/** Whether a rollback that is complete stopped or started by its own steps what was halted; one of other roles leaves the halt in force. */
export const hasServed = ({ status, halt: offer, outline }: State): boolean =>
  status === 'complete' &&
  (outline?.phases.flatMap((phase) => phase.steps) ?? []).some(
    (step) => step.serving !== undefined && step.hosts.some((host) => offer?.hosts.includes(host)),
  );

const someFailed = (state: State): boolean => Object.values(state.halted?.hosts ?? {}).some((host) => !host.ok);
