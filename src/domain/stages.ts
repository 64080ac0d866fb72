import { BOT, type OutlinePhase, type Stage } from './plan.ts';
import type { Role } from './system.ts';

/**
 * A runbook's order as stages: consecutive steps on the same hosts go through together, host by host or in the role's
 * batches, so that each host is done and watched before the next batch begins.
 */
export function stagesOf(phases: readonly OutlinePhase[], roles: Readonly<Record<string, Role>>): Stage[] {
  return phases.flatMap((phase, index) =>
    segments(phase).flatMap((segment) => batches(segment.hosts, roles).map((hosts) => ({ phase: index, hosts, steps: segment.steps }))),
  );
}

interface Segment {
  readonly hosts: readonly string[];
  readonly steps: string[];
}

function segments(phase: OutlinePhase): Segment[] {
  const list: Segment[] = [];
  for (const step of phase.steps) {
    const last = list.at(-1);
    if (last && same(last.hosts, step.hosts)) last.steps.push(step.id);
    else list.push({ hosts: step.hosts, steps: [step.id] });
  }
  return list;
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((host, i) => host === b[i]);

/** All hosts at once, or as many as their role says; hosts of several roles, and the bot, go at once. */
function batches(hosts: readonly string[], roles: Readonly<Record<string, Role>>): (readonly string[])[] {
  const role =
    hosts[0] === BOT ? undefined : Object.values(roles).find((candidate) => hosts.every((host) => candidate.hosts.some(({ name }) => name === host)));
  const size = role?.serial ?? hosts.length;
  return Array.from({ length: Math.ceil(hosts.length / size) }, (_, i) => hosts.slice(i * size, (i + 1) * size));
}
