import type { HostAddress } from '../../domain/host.ts';
import { BOT } from '../../domain/plan.ts';
import type { AnyStepKind } from '../../domain/step.ts';
import type { Role, RunbookStep, System } from '../../domain/system.ts';

/** One step of the runbook with the hosts it goes to; without hosts it is done by the bot, once. */
export interface PlacedStep {
  readonly phase: number;
  readonly step: RunbookStep & { readonly testsFromTarget: boolean };
  readonly kind: AnyStepKind;
  readonly sites: readonly Site[];
  /** Names for the outline: the sites' hosts, or the bot. */
  readonly hosts: readonly string[];
}

/** A host in its role. */
export interface Site {
  readonly role: Role;
  readonly host: HostAddress;
}

/** Every host of the system with its role. */
export const sitesOf = (system: System): Site[] => Object.values(system.roles).flatMap((role) => role.hosts.map((host) => ({ role, host })));

/** Where each step of the runbook runs: on its role's hosts, on all hosts, or at the bot. */
export function placeSteps(system: System, kinds: Readonly<Record<string, AnyStepKind>>): PlacedStep[] {
  return system.runbook.flatMap((phase, index) =>
    phase.steps.map((step): PlacedStep => {
      const kind = kinds[step.kind];
      if (!kind) throw new Error(`${system.file}: there is no step kind ${step.kind}`);
      const sites = sitesFor(system, step, kind);
      return {
        phase: index,
        step: { ...step, testsFromTarget: phase.testsFromTarget },
        kind,
        sites,
        hosts: sites.length === 0 ? [BOT] : sites.map(({ host }) => host.name),
      };
    }),
  );
}

function sitesFor(system: System, step: RunbookStep, kind: AnyStepKind): Site[] {
  if (step.on !== undefined) return sitesOf(system).filter(({ role }) => role.name === step.on);
  return kind.place === 'hosts' ? sitesOf(system) : [];
}
