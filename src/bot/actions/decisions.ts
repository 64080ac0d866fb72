import type { App } from '@slack/bolt';
import { type Command, decide } from '../../domain/decide.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { State } from '../../domain/state.ts';
import { actions } from '../../templates/actions.ts';
import type { BotContext } from '../context.ts';
import { onClick } from './click.ts';

/** Approve, Withdraw, Retry, Leave as is: one command each, decided on the state as it is. */
export function onDecisions(app: App, context: BotContext): void {
  onClick(app, context, actions.approve, (click) =>
    perform(
      context,
      click.rollback,
      async (state) => ({ type: 'approve', by: click.by, isApprover: await isApprover(context, state, click.by.id), digest: click.digest }),
      approved,
    ),
  );
  onClick(app, context, actions.withdraw, (click) => perform(context, click.rollback, async () => ({ type: 'withdraw', by: click.by })));
  onClick(app, context, actions.retry, (click) =>
    perform(context, click.rollback, async (state) => ({ type: 'retry', by: click.by, isApprover: await isApprover(context, state, click.by.id) })),
  );
  onClick(app, context, actions.leave, (click) =>
    perform(context, click.rollback, async (state) => ({ type: 'leave', by: click.by, isApprover: await isApprover(context, state, click.by.id) })),
  );
}

const approved = (state: State): string =>
  state.startedAt === undefined ? `You approved ${state.id}; it waits for one more approval.` : `You approved ${state.id}. It starts now.`;

/** Loads, looks up, decides and appends; for buttons and modals alike. */
export async function perform(
  context: BotContext,
  rollback: string,
  command: (state: State) => Promise<Command>,
  say: (state: State) => string | undefined = () => undefined,
): Promise<string | Refusal | undefined> {
  const before = await context.log.load(rollback);
  const asked = before ? await command(before) : undefined;
  const after = await context.log.decide(rollback, (state, now) => (asked ? decide(state, asked, now) : []));
  if ('code' in after) return after;
  return say(after);
}

/** Whether the policy of the rollback's plan lets this person approve, asked of Slack now. */
export async function isApprover(context: BotContext, state: State, userId: string): Promise<boolean> {
  const by = state.outline?.policy.by ?? context.systems[state.system]?.policy.approve.by;
  return by !== undefined && context.directory.isMember(userId, by);
}
