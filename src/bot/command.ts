import type { App } from '@slack/bolt';
import { parse, type Typed } from '../commands/parse.ts';
import { findSystem, requestDrill, requestRollback, requestUndo } from '../commands/request.ts';
import { status } from '../commands/status.ts';
import { stopRollback } from '../commands/stop.ts';
import { unlock } from '../commands/unlock.ts';
import type { Actor } from '../domain/event.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import { help, receivedReply, versionsReply } from '../templates/replies.ts';
import { answered, privately } from './answer.ts';
import { actorOf, type BotContext } from './context.ts';

interface Command {
  readonly user_id: string;
  readonly trigger_id: string;
  readonly channel_id: string;
}

/** `/rollback …` */
export function onCommand(app: App, context: BotContext): void {
  app.command('/rollback', async ({ ack, command, respond }) => {
    await ack();
    await answered(context, { userId: command.user_id, what: `/rollback ${command.text}` }, privately(respond), async () => {
      const typed = parse(command.text);
      if ('code' in typed) return typed;
      return does(context, typed, command);
    });
  });
}

async function does(context: BotContext, typed: Typed, command: Command): Promise<string | Refusal | undefined> {
  switch (typed.type) {
    case 'help':
      return help(Object.values(context.systems));
    case 'status':
      return status(context, typed.of);
    case 'versions':
      return versions(context, typed.system);
    case 'request':
      return received(context, command, (by, key) => requestRollback(context, by, typed, key));
    case 'drill':
      return received(context, command, (by, key) => requestDrill(context, by, typed, key));
    case 'stop':
      return stopRollback(context, await actorOf(context, command.user_id), typed.rollback);
    case 'unlock':
      return unlock(context, await actorOf(context, command.user_id), typed.system, typed.reason);
    case 'undo':
      return received(context, command, (by, key) => requestUndo(context, by, typed.rollback, { of: 'all' }, key));
  }
}

/** A request's answer is its card; whoever asked elsewhere is told where that is. */
async function received(
  context: BotContext,
  command: Command,
  ask: (by: Actor, key: string) => Promise<State | Refusal>,
): Promise<string | Refusal | undefined> {
  const state = await ask(await actorOf(context, command.user_id), command.trigger_id);
  if ('code' in state) return state;
  const channel = await context.directory.destination(state.channel);
  return channel === command.channel_id ? undefined : receivedReply(state.id);
}

async function versions(context: BotContext, name: string): Promise<string | Refusal> {
  const system = findSystem(context.systems, name);
  if ('code' in system) return system;
  const mirror = context.mirror(system);
  await mirror.fetch();
  const [list, proven] = await Promise.all([mirror.list(), context.proven.list(system.name)]);
  return versionsReply(system, { ...list, proven: proven.toReversed() });
}
