import type { RunbookPhase, Scenario, System, Variant } from './system.ts';

/** The variant that runs when none is asked for. */
export const NORMAL = 'normal';

/** Built in: proves what runs now and records it. Nothing else is done, so nobody approves it. */
export const RECORD = 'record';

/** What a request asks for: a variant by name, and the answers, of which `scenario` may select. */
export interface Wanted {
  readonly variant: string;
  readonly answers: Readonly<Record<string, string>>;
}

/** The system with the runbook and the proof that were asked for in the place of the normal ones, and how people are told of it. */
export interface Asked {
  readonly system: System;
  /** The variant that runs: named, or chosen by the scenario. */
  readonly variant: string;
  readonly target: Variant['target'];
  readonly byHand: boolean;
  readonly about?: string;
  readonly selected?: string;
  /** Roles that the scenario leaves as they are: what is proven then is not proven of the whole system. */
  readonly leavesOut?: readonly string[];
}

/** The variant that a request means: the one it names, else the one of its scenario. */
export function variantOf(system: System, wanted: Wanted): string {
  return wanted.variant !== NORMAL ? wanted.variant : (scenarioOf(system, wanted)?.variant ?? NORMAL);
}

/** What release the variant wants; `asked` for the normal one. */
export const targetOf = (system: System, variant: string): Variant['target'] =>
  variant === RECORD ? 'running' : (ownVariant(system, variant)?.target ?? 'asked');

/** Chooses runbook, roles and steps by variant and scenario. Throws on a variant that the system does not have. */
export function asked(system: System, wanted: Wanted): Asked {
  if (wanted.variant === RECORD) return { system: { ...system, runbook: [] }, variant: RECORD, target: 'running', byHand: false };
  const name = variantOf(system, wanted);
  const variant = ownVariant(system, name);
  if (!variant && name !== NORMAL) throw new Error(`${system.name} has no variant ${name}`);
  const whole = variant ? { ...system, runbook: variant.runbook, proof: variant.proof } : system;
  const scenario = scenarioOf(system, wanted);
  const narrowed = scenario ? narrow(whole, scenario) : whole;
  const leavesOut = Object.keys(whole.roles).filter((role) => !Object.hasOwn(narrowed.roles, role));
  const left = scenario ? saidOf(wanted.answers.scenario ?? '', scenario, whole, narrowed) : undefined;
  return {
    system: narrowed,
    variant: name,
    target: variant?.target ?? 'asked',
    byHand: variant?.byHand ?? false,
    ...(variant ? { about: variant.about } : {}),
    ...(left === undefined ? {} : { selected: left }),
    ...(leavesOut.length === 0 ? {} : { leavesOut }),
  };
}

/** A rehearsal begins with the owner's own flow script, where there is one. */
export function rehearsed(system: System): System {
  const command = system.drill?.run;
  if (command === undefined) return system;
  const steps = Object.keys(system.roles).map((role) => ({
    id: `flow-${role}`.slice(0, 20),
    name: 'Flow script',
    kind: 'run',
    params: command,
    on: role,
    timeoutMs: 3_600_000,
  }));
  return { ...system, runbook: [{ name: 'Flow script', estimateMs: 0, testsFromTarget: false, steps }, ...system.runbook] };
}

const ownVariant = (system: System, name: string): Variant | undefined => (Object.hasOwn(system.variants, name) ? system.variants[name] : undefined);

/** A variant asked for by name runs whole, whatever the scenario says. */
function scenarioOf(system: System, { variant, answers }: Wanted): Scenario | undefined {
  const name = answers.scenario ?? '';
  if (variant !== NORMAL || !Object.hasOwn(system.scenarios, name)) return undefined;
  return system.scenarios[name];
}

/** Only these roles, without these steps; phases that are empty then are gone. */
function narrow(system: System, { roles, without }: Scenario): System {
  const isIn = (role: string | undefined): boolean => role === undefined || roles === undefined || roles.includes(role);
  const runbook = system.runbook.map((phase) => ({
    ...phase,
    steps: phase.steps.filter((step) => isIn(step.on) && !without.some((id) => isStep(step.id, id))),
  }));
  const kept = <T>(record: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(record).filter(([role]) => isIn(role)));
  return { ...system, runbook: runbook.filter((phase) => phase.steps.length > 0), roles: kept(system.roles), proof: kept(system.proof) };
}

/** `11` means `11`, and `11.1` and so on too. */
export const isStep = (id: string, written: string): boolean => id === written || id.startsWith(`${written}.`);

function saidOf(name: string, scenario: Scenario, whole: System, narrowed: System): string | undefined {
  const ids = (phases: readonly RunbookPhase[]) => phases.flatMap((phase) => phase.steps.map((step) => step.id));
  const there = new Set(ids(narrowed.runbook));
  const gone = ids(whole.runbook).filter((id) => !there.has(id));
  if (gone.length === 0) return undefined;
  const roles = scenario.roles === undefined ? '' : ` only ${scenario.roles.join(', ')} is changed and proven;`;
  return `${name}:${roles} left out: ${gone.length === 1 ? 'step' : 'steps'} ${gone.join(', ')}`;
}
