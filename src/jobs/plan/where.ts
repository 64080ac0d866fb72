import type { HostAddress } from '../../domain/host.ts';
import type { Recorded, Release, TreeFile } from '../../domain/release.ts';
import { raw, type Sh, sh } from '../../domain/sh.ts';
import type { Where } from '../../domain/step.ts';
import type { Role, RunbookStep, System } from '../../domain/system.ts';
import { fillParams } from '../../systems/fill.ts';
import type { PlacedStep } from './sites.ts';

/** How long a step may take when its file does not say, in milliseconds. */
export const defaultTimeoutMs = 5 * 60_000;

/** What is the same for all steps of a rollback. */
export interface Target {
  readonly rollback: string;
  readonly system: System;
  readonly release: Release;
  readonly tree: readonly TreeFile[];
  /** What production runs; known once its hosts were read. */
  readonly from?: Release;
  /** What was recorded of the target when it was proven. */
  readonly recorded?: Recorded;
}

/** Where a step of a rollback keeps what its undo needs, on the host: shell text. */
export const keepDirOf = (rollback: string, step: string): Sh => sh`${raw('"$HOME"')}/.rollback-bot/kept/${rollback}/${step}`;

/** Where a step or a proof is: everything its kind may know. */
export function whereOf(target: Target, role: Role, host: HostAddress, step?: RunbookStep & { readonly testsFromTarget: boolean }): Where {
  return {
    rollback: target.rollback,
    system: target.system,
    role,
    host,
    target: target.release,
    ...(target.from === undefined ? {} : { from: target.from }),
    ...(target.recorded?.hosts[host.name] === undefined ? {} : { recorded: target.recorded.hosts[host.name] }),
    targetTree: target.tree,
    keepDir: keepDirOf(target.rollback, step?.id ?? 'proof'),
    testsFromTarget: step?.testsFromTarget ?? false,
    timeoutMs: step?.timeoutMs ?? defaultTimeoutMs,
    ...(step?.verify === undefined ? {} : { verify: step.verify }),
    ...(step?.cannotUndo === undefined ? {} : { cannotUndo: step.cannotUndo }),
  };
}

/** The values that `{{…}}` in a step's params may name. */
export function valuesOf(release: Release, role: Role, host: HostAddress) {
  return {
    release: { tag: release.tag, version: release.version, commit: release.commit, package_version: release.packageVersion },
    host: { name: host.name },
    role: { name: role.name, dir: role.dir },
  };
}

/** A step's params as its kind takes them: `{{…}}` filled, defaults in. Throws FillError. */
export const paramsAt = (target: Target, { kind, step }: Pick<PlacedStep, 'kind' | 'step'>, role: Role, host: HostAddress): unknown =>
  kind.schema.parse(fillParams(step.params, valuesOf(target.release, role, host)));
