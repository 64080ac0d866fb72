import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Actor } from '../../domain/event.ts';
import type { RunKey } from '../../domain/plan.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { listensTo } from '../../templates/actions.ts';
import { answered, privately, toPerson } from '../answer.ts';
import { actorOf, type BotContext } from '../context.ts';

/** What our buttons carry: names, never a status. Whatever else arrives is refused. */
const valueSchema = z.object({
  rollback: z.string().max(100),
  digest: z.string().max(100).optional(),
  run: z.string().max(200).optional(),
  host: z.string().max(200).optional(),
  page: z.number().int().min(0).max(10_000).optional(),
});

/** A click on one of our buttons. */
export interface Click {
  readonly rollback: string;
  readonly digest: string;
  readonly run: RunKey;
  readonly host: string;
  readonly page: number;
  readonly by: Actor;
  /** Opens one modal within three seconds of the click. */
  readonly triggerId: string;
  /** Of the modal in which the button is, for turning its pages. */
  readonly viewId: string | undefined;
  readonly client: WebClient;
}

/** Listens to a button: acknowledges, reads the value, answers the person privately with what `work` says. */
export function onClick(app: App, context: BotContext, action: string, work: (click: Click) => Promise<string | Refusal | undefined>): void {
  app.action<BlockAction<ButtonAction>>(
    { type: 'block_actions', action_id: listensTo(action) },
    async ({ ack, body, action: button, respond, client }) => {
      await ack();
      const value = read(button.value);
      const acted = { userId: body.user.id, what: `${action} ${value?.rollback ?? ''}`.trim() };
      await answered(context, acted, body.view ? toPerson(client, body.user.id) : privately(respond), async () => {
        if (!value) return refuse('malformed', 'That button is not one of ours.', 'Type /rollback status and use the card.');
        const by = await actorOf(context, body.user.id);
        return work({
          rollback: value.rollback,
          digest: value.digest ?? '',
          run: (value.run ?? '') as RunKey,
          host: value.host ?? '',
          page: value.page ?? 0,
          by,
          triggerId: body.trigger_id,
          viewId: body.view?.id,
          client,
        });
      });
    },
  );
}

function read(text: string | undefined): z.infer<typeof valueSchema> | undefined {
  try {
    const { data } = valueSchema.safeParse(JSON.parse(text ?? ''));
    return data;
  } catch {
    return undefined; // not JSON, so not ours
  }
}
