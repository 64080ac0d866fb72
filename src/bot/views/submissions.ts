import type { App, ViewOutput } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { perform } from '../../commands/perform.ts';
import { findSystem, findVersion, requestUndo } from '../../commands/request.ts';
import { isApprover, isOwnApprover, mayOverride, mayRequest, maySkip } from '../../commands/rights.ts';
import { variantNames } from '../../commands/wish.ts';
import { signerOf } from '../../domain/decisions/trouble.ts';
import type { RunKey } from '../../domain/plan.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { NORMAL } from '../../domain/runbook.ts';
import { views } from '../../templates/actions.ts';
import { scopeOf } from '../../templates/views.ts';
import { answered, toPerson } from '../answer.ts';
import { actorOf, type BotContext } from '../context.ts';

/** The longest answer that is kept, in characters. */
const longestAnswer = 1000;

/** Submitted modals: the request's details, a rejection's reason, a signature. */
export function onSubmissions(app: App, context: BotContext): void {
  onSubmit(app, context, views.details, async (userId, view) => {
    const by = await actorOf(context, userId);
    return perform(context, aboutOf(view).rollback, async (state) => ({
      type: 'describe',
      by,
      mayRequest: await mayRequest(context, state, userId),
      answers: valuesOf(view),
    }));
  });
  onSubmit(app, context, views.change, (userId, view) => change(context, userId, view));
  onSubmit(app, context, views.putBack, (userId, view) => putBack(context, userId, view));
  onSubmit(app, context, views.reject, async (userId, view) => {
    const by = await actorOf(context, userId);
    const reason = Object.values(valuesOf(view))[0] ?? '';
    return perform(context, aboutOf(view).rollback, async (state) => ({
      type: 'reject',
      by,
      reason,
      isApprover: await isApprover(context, state, userId),
    }));
  });
  onSubmit(app, context, views.skip, async (userId, view) => {
    const by = await actorOf(context, userId);
    const { run = '', reason = '' } = valuesOf(view);
    return perform(context, aboutOf(view).rollback, async (state) => ({
      type: 'skip',
      by,
      maySkip: await maySkip(context, state, userId),
      run: run as RunKey,
      reason,
    }));
  });
  onSubmit(app, context, views.override, async (userId, view) => {
    const by = await actorOf(context, userId);
    const { rollback, digest } = aboutOf(view);
    const { system = '', reason = '' } = valuesOf(view);
    return perform(
      context,
      rollback,
      async (state) => ({ type: 'override', by, mayOverride: await mayOverride(context, state, userId), typed: system, reason, digest }),
      (state) => `${state.id} starts now, on your word alone. Those who approve are told, and a review is owed.`,
    );
  });
  onSubmit(app, context, views.review, async (userId, view) => {
    const by = await actorOf(context, userId);
    const { note = '' } = valuesOf(view);
    return perform(context, aboutOf(view).rollback, async (state) => ({
      type: 'review',
      by,
      isApprover: await isOwnApprover(context, state, userId),
      note,
    }));
  });
  onSubmit(app, context, views.sign, async (userId, view) => {
    const by = await actorOf(context, userId);
    const { rollback, run } = aboutOf(view);
    return perform(context, rollback, async (state) => ({
      type: 'sign',
      by,
      run,
      isSigner: await context.directory.isMember(userId, signerOf(state, run)),
    }));
  });
}

/** Another version, variant or scenario of a request that nobody has approved yet. */
async function change(context: BotContext, userId: string, view: ViewOutput): Promise<string | Refusal | undefined> {
  const by = await actorOf(context, userId);
  const { rollback } = aboutOf(view);
  const values = valuesOf(view);
  const before = await context.log.load(rollback);
  const system = findSystem(context.systems, before?.system ?? '');
  if ('code' in system) return system;
  const variant = values.variant ?? NORMAL;
  if (!variantNames(system).includes(variant))
    return refuse('variant-unknown', `${system.title} has no such variant.`, 'Choose one of those in the list.');
  const typed = values.version?.trim();
  const version = await findVersion(context, system, { variant, symptoms: '', ...(typed ? { version: typed } : {}) });
  if (typeof version !== 'string') return version;
  return perform(context, rollback, async (state) => ({
    type: 'change',
    by,
    mayRequest: await mayRequest(context, state, userId),
    version,
    variant,
    scenario: values.scenario ?? '',
  }));
}

/** What is put back gets a plan and a card of its own. */
async function putBack(context: BotContext, userId: string, view: ViewOutput): Promise<Refusal | undefined> {
  const { scope = '', host = '' } = valuesOf(view);
  const chosen = scopeOf(scope, host);
  if (!chosen) return refuse('malformed', 'That is not something that can be put back.', 'Open Put back… on the card again.');
  const asked = await requestUndo(context, await actorOf(context, userId), aboutOf(view).rollback, chosen, view.id);
  return 'code' in asked ? asked : undefined;
}

function onSubmit(
  app: App,
  context: BotContext,
  view: string,
  work: (userId: string, view: ViewOutput) => Promise<string | Refusal | undefined>,
): void {
  app.view({ type: 'view_submission', callback_id: view }, async ({ ack, body, client }) => {
    await ack();
    const acted = { userId: body.user.id, what: `${view} ${aboutOf(body.view).rollback}`.trim() };
    await answered(context, acted, toPerson(client as WebClient, body.user.id), () => work(body.user.id, body.view));
  });
}

/** One input as Slack sends it; `null` where nothing was typed or chosen. */
const inputSchema = z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() });

/** What was typed or chosen, by the name of its input. What is no input of ours is no answer. */
function valuesOf(view: ViewOutput): Record<string, string> {
  const inputs = Object.values(view.state.values).flatMap((block) => Object.entries(block));
  return Object.fromEntries(
    inputs.flatMap(([name, input]) => {
      const { data } = inputSchema.safeParse(input);
      const value = data?.value ?? data?.selected_option?.value;
      return value ? [[name, value.slice(0, longestAnswer)]] : [];
    }),
  );
}

const aboutSchema = z.object({ rollback: z.string().max(100), run: z.string().max(200).optional(), digest: z.string().max(100).optional() });

/** The rollback, run and plan that a submitted modal is about; no rollback at all where that is not one of ours. */
function aboutOf(view: ViewOutput): { rollback: string; run: RunKey; digest: string } {
  const { data } = aboutSchema.safeParse(parsed(view.private_metadata));
  return { rollback: data?.rollback ?? '', run: (data?.run ?? '') as RunKey, digest: data?.digest ?? '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
