import type { Actor, Fact, HaltOffer } from './event.ts';
import { RECORD } from './runbook.ts';
import type { State } from './state.ts';
import type { System } from './system.ts';
import { runsToUndo, type Scope, scopeText } from './undo.ts';

export type Requested = Omit<Extract<Fact, { type: 'requested' }>, 'type'>;

/** What somebody asks for. `symptoms` is what they typed after it; a scenario may be named by a schedule or a form. */
export interface Wish {
  readonly by: Actor;
  readonly version: string;
  readonly variant: string;
  readonly symptoms?: string;
  readonly dryRun?: boolean;
  readonly drill?: boolean;
}

/** The request for a rollback of a system, with what its card needs before any host was read. */
export function requestOf(system: System, wish: Wish): Requested {
  const { by, version, variant, symptoms = '', dryRun = false, drill = false } = wish;
  const halt = dryRun || drill || variant === RECORD ? undefined : haltOffer(system);
  return {
    by,
    system: system.name,
    title: system.title,
    hosts: Object.values(system.roles).reduce((sum, role) => sum + role.hosts.length, 0),
    version,
    variant,
    channel: system.channel,
    answers: answersOf(system, symptoms),
    ...(dryRun ? { dryRun } : {}),
    ...(drill ? { drill } : {}),
    ...(halt ? { halt } : {}),
  };
}

/** The request to put back what a rollback changed. `drill`: as the second half of a rehearsal. */
export function undoRequestOf(undone: State, by: Actor, scope: Scope): Requested {
  const runs = runsToUndo(undone, scope);
  const whole = runs.length === runsToUndo(undone, { of: 'all' }).length;
  return {
    by,
    system: undone.system,
    title: undone.title,
    hosts: new Set(runs.map((run) => run.slice(run.lastIndexOf('@') + 1))).size,
    version: undone.outline?.from?.version ?? 'what ran before',
    variant: 'undo',
    channel: undone.channel,
    answers: undone.answers,
    undoes: { rollback: undone.id, scope: scopeText(scope), runs, whole },
    ...(undone.drill ? { drill: true } : {}),
  };
}

function haltOffer({ halt, roles }: System): HaltOffer | undefined {
  if (!halt) return undefined;
  const { name, backName, warn, by, on } = halt;
  return { name, backName, warn, by, hosts: (roles[on]?.hosts ?? []).map((host) => host.name) };
}

function answersOf(system: System, symptoms: string): Record<string, string> {
  const defaults = Object.fromEntries(system.ask.map((question) => [question.name, question.default]));
  return symptoms === '' ? defaults : { ...defaults, symptoms };
}
