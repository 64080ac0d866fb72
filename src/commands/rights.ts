import { isEscalated } from '../domain/calls.ts';
import type { State } from '../domain/state.ts';
import type { ApprovePolicy } from '../domain/system.ts';
import type { CommandContext } from './context.ts';

/** What looking up a person's rights needs. */
export type RightsContext = Pick<CommandContext, 'systems' | 'directory' | 'now'>;

/** The policy that decides on a rollback: its plan's own, so that an edited file does not change who may decide on what is under way. */
const policyOf = (context: RightsContext, state: State): ApprovePolicy | undefined =>
  state.outline?.policy ?? context.systems[state.system]?.policy.approve;

const isIn = async (context: RightsContext, userId: string, who: string | undefined): Promise<boolean> =>
  who !== undefined && context.directory.isMember(userId, who);

/** Whether somebody may approve it now, asked of Slack now; also the next one, once called. */
export async function isApprover(context: RightsContext, state: State, userId: string): Promise<boolean> {
  const policy = policyOf(context, state);
  if (await isIn(context, userId, policy?.by)) return true;
  return isEscalated(state, context.now()) && isIn(context, userId, policy?.escalate?.to);
}

/** Whether somebody is one of the policy's own approvers: those who decide trouble and close reviews. */
export const isOwnApprover = (context: RightsContext, state: State, userId: string): Promise<boolean> =>
  isIn(context, userId, policyOf(context, state)?.by);

export const mayOverride = (context: RightsContext, state: State, userId: string): Promise<boolean> =>
  isIn(context, userId, policyOf(context, state)?.override);

export const maySkip = (context: RightsContext, state: State, userId: string): Promise<boolean> =>
  isIn(context, userId, policyOf(context, state)?.skip);

/** Those whom the policy names for it, or else the approvers. */
export const mayStop = (context: RightsContext, state: State, userId: string): Promise<boolean> =>
  isIn(context, userId, policyOf(context, state)?.stop ?? policyOf(context, state)?.by);

export const mayHalt = (context: RightsContext, state: State, userId: string): Promise<boolean> => isIn(context, userId, state.halt?.by);

/** Whether somebody may ask for rollbacks of its system, and so change and describe this one. */
export const mayRequest = (context: RightsContext, state: State, userId: string): Promise<boolean> =>
  isIn(context, userId, context.systems[state.system]?.policy.request);
