import type { Actor } from '../domain/event.ts';
import { nearest } from '../domain/nearest.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Release } from '../domain/release.ts';
import type { State } from '../domain/state.ts';
import type { System } from '../domain/system.ts';
import { ReleaseError } from '../releases/error.ts';

import type { BotContext } from './context.ts';
import type { Typed } from './parse.ts';

type Asked = Extract<Typed, { type: 'request' }>;

/** Asks for a rollback: refuses at once what can be known at once, else starts its log. `key` is the same when Slack sends the command again. */
export async function requestRollback(context: BotContext, by: Actor, asked: Asked, key: string): Promise<State | Refusal> {
  const system = findSystem(context.systems, asked.system);
  if ('code' in system) return system;
  if (!(await context.directory.isMember(by.id, system.policy.request))) {
    return refuse(
      'not-allowed',
      `Rollbacks of ${system.title} are asked for by ${system.policy.request}.`,
      `Ask someone there, or to be added to ${system.policy.request}.`,
    );
  }
  const release = await findRelease(context, system, asked.version);
  if ('code' in release) return release;
  return context.log.create({
    key,
    by,
    system: system.name,
    title: system.title,
    hosts: Object.values(system.roles).reduce((sum, role) => sum + role.hosts.length, 0),
    version: asked.version,
    variant: 'normal',
    channel: system.channel,
    answers: answersOf(system, asked.symptoms),
  });
}

/** What can stand in a system's place. */
const words = ['help', 'status', 'versions'];

/** The system of this name, or why not, with the nearest names. */
export function findSystem(systems: BotContext['systems'], name: string): System | Refusal {
  const system = Object.hasOwn(systems, name) ? systems[name] : undefined;
  if (system) return system;
  const all = Object.keys(systems);
  const near = nearest(name, [...all, ...words]);
  return refuse(
    'system-unknown',
    `There is no system “${name.slice(0, 60)}”.`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Systems: ${all.join(', ')}.`,
  );
}

/** The exact release; the mirror is brought up to date only when it does not know the version. */
async function findRelease(context: BotContext, system: System, version: string): Promise<Release | Refusal> {
  const mirror = context.mirror(system);
  try {
    return await mirror.resolve(version);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    if (error.code !== 'version-unknown') return refused(error);
  }
  try {
    await mirror.fetch();
    return await mirror.resolve(version);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return refused(error);
  }
}

const refused = (error: ReleaseError): Refusal => refuse('version-unknown', error.message, error.advice);

function answersOf(system: System, symptoms: string): Record<string, string> {
  const defaults = Object.fromEntries(system.ask.map((question) => [question.name, question.default]));
  return symptoms === '' ? defaults : { ...defaults, symptoms };
}
