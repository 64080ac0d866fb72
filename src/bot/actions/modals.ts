import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { variantNames } from '../../commands/wish.ts';
import { decide } from '../../domain/decide.ts';
import { badRuns } from '../../domain/fold.ts';
import type { View } from '../../domain/message.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { RECORD } from '../../domain/runbook.ts';
import { isReviewOwed, type State } from '../../domain/state.ts';
import { runsToUndo } from '../../domain/undo.ts';
import { actions } from '../../templates/actions.ts';
import {
  changeView,
  detailsView,
  overrideView,
  planView,
  putBackView,
  rejectView,
  reportView,
  reviewView,
  signView,
  skipView,
  stepsView,
} from '../../templates/views.ts';
import type { BotContext } from '../context.ts';
import { type Click, onClick } from './click.ts';

/** Buttons that open a modal, and the plan's pages. */
export function onModals(app: App, context: BotContext): void {
  onClick(app, context, actions.plan, (click) => opened(context, click, (state) => plan(context, state, 0)));
  onClick(app, context, actions.planPage, (click) => turned(context, click));
  onClick(app, context, actions.planPageBack, (click) => turned(context, click));
  onClick(app, context, actions.steps, (click) => opened(context, click, (state) => stepsView(state, context.now())));
  onClick(app, context, actions.details, (click) => opened(context, click, (state) => detailsView(state, context.systems[state.system]?.ask ?? [])));
  onClick(app, context, actions.reject, (click) => opened(context, click, (state) => rejectOrRefusal(state, click, context.now())));
  onClick(app, context, actions.override, (click) => opened(context, click, (state) => overrideOrRefusal(state, click, context.now())));
  onClick(app, context, actions.review, (click) => opened(context, click, (state) => reviewOrRefusal(state)));
  onClick(app, context, actions.change, (click) => opened(context, click, (state) => change(context, state)));
  onClick(app, context, actions.putBack, (click) => opened(context, click, (state) => putBack(state, context.now())));
  onClick(app, context, actions.report, (click) => opened(context, click, (state) => reportView(state)));
  onClick(app, context, actions.skip, (click) => opened(context, click, (state) => skipOrRefusal(state)));
  onClick(app, context, actions.sign, (click) => opened(context, click, (state) => signView(state, click.run)));
}

type Opening = View | Refusal;

async function opened(context: BotContext, click: Click, view: (state: State) => Opening | Promise<Opening>): Promise<Refusal | undefined> {
  const state = await context.log.load(click.rollback);
  const opening = state ? await view(state) : unknown(click.rollback);
  if ('code' in opening) return opening;
  await click.client.views.open({ trigger_id: click.triggerId, view: slackView(opening) });
  return undefined;
}

async function turned(context: BotContext, click: Click): Promise<Refusal | undefined> {
  const state = await context.log.load(click.rollback);
  const view = state ? await plan(context, state, click.page) : unknown(click.rollback);
  if ('code' in view) return view;
  await click.client.views.update({ ...(click.viewId === undefined ? {} : { view_id: click.viewId }), view: slackView(view) } as Parameters<
    WebClient['views']['update']
  >[0]);
  return undefined;
}

async function plan(context: BotContext, state: State, page: number): Promise<Opening> {
  if (state.digest === undefined) return refuse('not-ready', `${state.id} has no plan.`, 'A plan is there once the hosts were read.');
  return planView(await context.plans.load(state.id, state.digest), state, page);
}

function change(context: BotContext, state: State): Opening {
  const system = context.systems[state.system];
  if (!system) return refuse('system-unknown', `There is no system ${state.system} any more.`, 'Look at the systems directory.');
  return changeView(
    state,
    variantNames(system).filter((name) => name !== RECORD),
    system.ask.find((question) => question.name === 'scenario'),
  );
}

function putBack(state: State, now: number): Opening {
  if (runsToUndo(state, { of: 'all' }).length > 0) return putBackView(state, now);
  return refuse('nothing-to-do', `${state.id} changed nothing that could be put back.`, 'Show steps says what was done.');
}

/** A modal is not opened for somebody who would be refused for sure: the request is over. */
function rejectOrRefusal(state: State, click: Click, now: number): Opening {
  const decision = decide(state, { type: 'reject', by: click.by, isApprover: true, reason: '' }, now);
  return 'code' in decision ? decision : rejectView(state);
}

function overrideOrRefusal(state: State, click: Click, now: number): Opening {
  const { digest = '', system } = state;
  const decision = decide(state, { type: 'override', by: click.by, mayOverride: true, typed: system, reason: '…', digest }, now);
  return 'code' in decision ? decision : overrideView(state);
}

function reviewOrRefusal(state: State): Opening {
  if (isReviewOwed(state)) return reviewView(state);
  return refuse('nothing-to-do', `${state.id} owes no review.`, 'The card says how it is.');
}

function skipOrRefusal(state: State): Opening {
  if (state.status === 'trouble' && badRuns(state).length > 0) return skipView(state);
  return refuse('nothing-to-do', `${state.id} does not wait for a decision on a step.`, 'The card says how it is.');
}

const unknown = (id: string): Refusal => refuse('rollback-unknown', `There is no rollback ${id}.`, 'Type /rollback status to see those there are.');

const slackView = (view: View) => view as unknown as Parameters<WebClient['views']['open']>[0]['view']; // ours are plain data, theirs a union of every block
