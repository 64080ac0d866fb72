import type { HostAddress } from '../../domain/host.ts';
import type { Release, TreeFile } from '../../domain/release.ts';
import { raw, sh } from '../../domain/sh.ts';
import type { Where } from '../../domain/step.ts';
import type { Role, RunbookStep, System } from '../../domain/system.ts';

/** How long a step may take when its file does not say, in milliseconds. */
export const defaultTimeoutMs = 5 * 60_000;

/** What is the same for all steps of a rollback. */
export interface Target {
  readonly rollback: string;
  readonly system: System;
  readonly release: Release;
  readonly tree: readonly TreeFile[];
}

/** Where a step or a proof is: everything its kind may know. */
export function whereOf(target: Target, role: Role, host: HostAddress, step?: RunbookStep & { readonly testsFromTarget: boolean }): Where {
  return {
    rollback: target.rollback,
    system: target.system,
    role,
    host,
    target: target.release,
    targetTree: target.tree,
    keepDir: sh`${raw('"$HOME"')}/.rollback-bot/kept/${target.rollback}/${step?.id ?? 'proof'}`,
    testsFromTarget: step?.testsFromTarget ?? false,
    timeoutMs: step?.timeoutMs ?? defaultTimeoutMs,
    ...(step?.verify === undefined ? {} : { verify: step.verify }),
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
