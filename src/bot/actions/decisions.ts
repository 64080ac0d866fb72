import type { App } from '@slack/bolt';
import { perform } from '../../commands/perform.ts';
import { requestUndo } from '../../commands/request.ts';
import { isApprover, isOwnApprover, mayHalt, mayStop } from '../../commands/rights.ts';
import type { Command } from '../../domain/command.ts';
import type { HaltWay } from '../../domain/event.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { holdsLock, type State } from '../../domain/state.ts';
import { actions } from '../../templates/actions.ts';
import type { BotContext } from '../context.ts';
import { type Click, onClick } from './click.ts';

/** Buttons that are one command each, decided on the state as it is. */
export function onDecisions(app: App, context: BotContext): void {
  const on = (action: string, command: (click: Click, state: State) => Promise<Command>, say?: (state: State) => string): void =>
    onClick(app, context, action, (click) => perform(context, click.rollback, (state) => command(click, state), say));
  const approver = (click: Click, state: State): Promise<boolean> => isOwnApprover(context, state, click.by.id);

  on(
    actions.approve,
    async (click, state) => ({ type: 'approve', by: click.by, isApprover: await isApprover(context, state, click.by.id), digest: click.digest }),
    approved,
  );
  on(actions.withdraw, async ({ by }) => ({ type: 'withdraw', by }));
  on(actions.retry, async (click, state) => ({ type: 'retry', by: click.by, isApprover: await approver(click, state) }));
  on(actions.retryHost, async (click, state) => ({ type: 'retry', by: click.by, isApprover: await approver(click, state), host: click.host }));
  on(actions.stop, async (click, state) => ({ type: 'stop', by: click.by, mayStop: await mayStop(context, state, click.by.id) }));
  on(actions.readAgain, async (click, state) => ({ type: 'read-again', by: click.by, isApprover: await approver(click, state) }));
  on(actions.leave, async (click, state) => ({ type: 'leave', by: click.by, isApprover: await approver(click, state) }));
  onClick(app, context, actions.halt, (click) => halted(context, click, 'halt'));
  onClick(app, context, actions.haltBack, (click) => halted(context, click, 'back'));
  on(actions.tick, async (click, state) => ({ type: 'tick', by: click.by, isApprover: await approver(click, state), run: click.run, ok: true }));
  on(actions.tickFailed, async (click, state) => ({
    type: 'tick',
    by: click.by,
    isApprover: await approver(click, state),
    run: click.run,
    ok: false,
  }));
  onClick(app, context, actions.undo, async (click) => {
    const asked = await requestUndo(context, click.by, click.rollback, { of: 'all' }, click.triggerId);
    return 'code' in asked ? asked : undefined; // its card says the rest
  });
}

function approved(state: State): string {
  const missing = (state.outline?.policy.count ?? 1) - state.approvals.length;
  return missing > 0 ? `You approved ${state.id}; it waits for ${missing} more.` : `You approved ${state.id}. It starts now.`;
}

/** A halt reaches the same hosts as a rollback: while another one runs on the system, it alone stops and starts production. */
async function halted(context: BotContext, { rollback, by }: Click, way: HaltWay): Promise<string | Refusal | undefined> {
  const state = await context.log.load(rollback);
  const ids = state ? await context.log.newest(state.system, newestLooked) : [];
  const others = await Promise.all(ids.filter((id) => id !== rollback).map((id) => context.log.load(id)));
  const running = others.find((other) => other && holdsLock(other));
  if (running)
    return refuse(
      'locked',
      `${running.id} is running on ${running.title}: it stops and starts production itself.`,
      `Follow ${running.id} on its card.`,
    );
  return perform(context, rollback, async (now) => ({ type: 'halt', by, mayHalt: await mayHalt(context, now, by.id), way }));
}

/** How far back a rollback that still runs is looked for: far more than can wait for approval at once. */
const newestLooked = 50;
