import type { Actor } from '../domain/event.ts';
import { nearest } from '../domain/nearest.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { noRelease, type Release } from '../domain/release.ts';
import { requestOf, undoRequestOf } from '../domain/request.ts';
import { NORMAL, targetOf } from '../domain/runbook.ts';
import type { State } from '../domain/state.ts';
import type { System } from '../domain/system.ts';
import { runsToUndo, type Scope } from '../domain/undo.ts';
import { ReleaseError } from '../releases/error.ts';
import type { CommandContext } from './context.ts';
import { commandWords, type Typed } from './parse.ts';
import { type TypedWish, wishOf } from './wish.ts';

/** Asks for a rollback: refuses at once what can be known at once, else starts its log. `key` is the same when Slack sends the command again. */
export async function requestRollback(
  context: CommandContext,
  by: Actor,
  typed: Extract<Typed, { type: 'request' }>,
  key: string,
): Promise<State | Refusal> {
  const system = findSystem(context.systems, typed.system);
  if ('code' in system) return system;
  const mayNot = await mayNotRequest(context, by, system);
  if (mayNot) return mayNot;
  const wish = wishOf(system, typed.words);
  if ('code' in wish) return wish;
  const version = await findVersion(context, system, wish);
  if (typeof version !== 'string') return version;
  return context.log.create({ key, ...requestOf(system, { ...wish, by, version, dryRun: typed.dryRun }) });
}

/** Asks for a rehearsal, on a system that is marked for it. */
export async function requestDrill(
  context: CommandContext,
  by: Actor,
  typed: Extract<Typed, { type: 'drill' }>,
  key: string,
): Promise<State | Refusal> {
  const system = findSystem(context.systems, typed.system);
  if ('code' in system) return system;
  const mayNot = await mayNotRequest(context, by, system);
  if (mayNot) return mayNot;
  if (!system.drill)
    return refuse(
      'not-allowed',
      `${system.title} is not marked for rehearsals.`,
      'Rehearse on a copy of it whose system file says drill:, never on production.',
    );
  const wanted = typed.version ?? system.drill.to ?? (await context.mirror(system).list()).tags[1]?.tag ?? '';
  const release = await findRelease(context, system, wanted);
  if ('code' in release) return release;
  return context.log.create({ key, ...requestOf(system, { by, version: wanted, variant: NORMAL, drill: true }) });
}

/** Asks to put back what a rollback changed, whole or in part. */
export async function requestUndo(context: CommandContext, by: Actor, rollback: string, scope: Scope, key: string): Promise<State | Refusal> {
  const undone = await context.log.load(rollback);
  if (!undone) return refuse('rollback-unknown', `There is no rollback ${rollback.slice(0, 60)}.`, 'Type /rollback status to see those there are.');
  const system = findSystem(context.systems, undone.system);
  if ('code' in system) return system;
  const mayNot = await mayNotPutBack(context, by, system);
  return mayNot ?? notUndoable(undone, scope) ?? context.log.create({ key, ...undoRequestOf(undone, by, scope) });
}

function notUndoable(undone: State, scope: Scope): Refusal | undefined {
  if (undone.undoes)
    return refuse('over', `${undone.id} is an undo itself.`, `Ask for the version that you want: /rollback ${undone.system} <version>`);
  if (['running', 'proving', 'stopping'].includes(undone.status))
    return refuse('not-ready', `${undone.id} is running.`, 'It can be put back once it has ended or needs a decision.');
  if (runsToUndo(undone, scope).length === 0)
    return refuse('nothing-to-do', `${undone.id} changed nothing there that could be put back.`, 'Show steps on its card says what was done.');
  return undefined;
}

async function mayNotRequest(context: CommandContext, by: Actor, system: System): Promise<Refusal | undefined> {
  if (await context.directory.isMember(by.id, system.policy.request)) return undefined;
  return refuse(
    'not-allowed',
    `Rollbacks of ${system.title} are asked for by ${system.policy.request}.`,
    `Ask someone there, or to be added to ${system.policy.request}.`,
  );
}

async function mayNotPutBack(context: CommandContext, by: Actor, { title, policy }: System): Promise<Refusal | undefined> {
  if (await context.directory.isMember(by.id, policy.putBack)) return undefined;
  return refuse('not-allowed', `Putting back rollbacks of ${title} is asked for by ${policy.putBack}.`, `Ask someone there.`);
}

/** The system of this name, or why not, with the nearest names. */
export function findSystem(systems: CommandContext['systems'], name: string): System | Refusal {
  const system = Object.hasOwn(systems, name) ? systems[name] : undefined;
  if (system) return system;
  const all = Object.keys(systems);
  const near = nearest(name, [...all, ...commandWords]);
  return refuse(
    'system-unknown',
    `There is no system “${name.slice(0, 60)}”.`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Systems: ${all.join(', ')}.`,
  );
}

/** The version that a wish means: the one that was typed, when there is such a release; last known good; or none. */
export async function findVersion(context: CommandContext, system: System, { version, variant }: TypedWish): Promise<string | Refusal> {
  const target = targetOf(system, variant);
  if (target === 'none') return noRelease.version;
  if (target === 'running') return 'what runs now';
  if (target === 'asked' || version !== undefined) {
    const release = await findRelease(context, system, version ?? '', target === 'last-proven');
    return 'code' in release ? release : (version ?? '');
  }
  const good = await context.proven.lastKnownGood(system.name);
  if (good) return good.release.version;
  return refuse(
    'version-unknown',
    `No release of ${system.title} was proven yet, so none is last known good.`,
    `Name one: /rollback ${system.name} ${variant} <version>`,
  );
}

/** The exact release; the mirror is brought up to date only when it does not know the version. What was recorded is enough where the repository is gone. */
async function findRelease(context: CommandContext, system: System, version: string, orRecorded = false): Promise<Release | Refusal> {
  const mirror = context.mirror(system);
  try {
    return await mirror.resolve(version);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    if (error.code !== 'version-unknown' && !orRecorded) return refused(error);
  }
  try {
    await mirror.fetch();
    return await mirror.resolve(version);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return (orRecorded ? (await context.proven.recorded(system.name, version))?.release : undefined) ?? refused(error);
  }
}

const refused = (error: ReleaseError): Refusal => refuse('version-unknown', error.message, error.advice);
