import type { App } from '@slack/bolt';
import { parse, type Typed } from '../commands/parse.ts';
import { findSystem, requestDrill, requestRollback, requestUndo } from '../commands/request.ts';
import type { Actor } from '../domain/event.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { State } from '../domain/state.ts';
import { help, receivedReply, statusReply, versionsReply } from '../templates/replies.ts';
import { answered, privately } from './answer.ts';
import { actorOf, type BotContext } from './context.ts';

/** How many of a system's rollbacks `status` looks back at. */
const newestShown = 3;

interface Command {
  readonly user_id: string;
  readonly trigger_id: string;
  readonly channel_id: string;
}

/** `/rollback …` */
export function onCommand(app: App, context: BotContext): void {
  app.command('/rollback', async ({ ack, command, respond }) => {
    await ack();
    await answered(context, privately(respond), async () => {
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

async function status(context: BotContext, of: string | undefined): Promise<string | Refusal> {
  const systems = of === undefined ? Object.keys(context.systems) : [of.replace(/-\d+$/, '')];
  const unknown = systems.map((name) => findSystem(context.systems, name)).find((found) => 'code' in found);
  if (unknown && 'code' in unknown) return unknown;
  const ids = (await Promise.all(systems.map((name) => context.log.newest(name, newestShown)))).flat();
  const states = (await Promise.all(ids.map((id) => context.log.load(id)))).filter((state) => state !== undefined);
  if (of === undefined || Object.hasOwn(context.systems, of)) return statusReply(states, context.now());
  const one = await context.log.load(of);
  return one
    ? statusReply([one], context.now())
    : refuse('rollback-unknown', `There is no rollback of that id.`, 'Type /rollback status to see those there are.');
}

async function versions(context: BotContext, name: string): Promise<string | Refusal> {
  const system = findSystem(context.systems, name);
  if ('code' in system) return system;
  const mirror = context.mirror(system);
  await mirror.fetch();
  const [list, proven] = await Promise.all([mirror.list(), context.proven.list(system.name)]);
  return versionsReply(system, { ...list, proven: proven.toReversed() });
}
