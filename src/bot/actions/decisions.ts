import type { App } from '@slack/bolt';
import type { State } from '../../domain/state.ts';
import { actions } from '../../templates/actions.ts';
import type { BotContext } from '../context.ts';
import { isApprover, perform } from '../perform.ts';
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

function approved(state: State): string {
  const missing = (state.outline?.policy.count ?? 1) - state.approvals.length;
  return missing > 0 ? `You approved ${state.id}; it waits for ${missing} more.` : `You approved ${state.id}. It starts now.`;
}
