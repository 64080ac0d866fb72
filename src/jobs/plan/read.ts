import { type ContainerSeen, type Host, HostError, type Hosts, type Reading } from '../../domain/host.ts';
import type { PlanHost, PlanProblem } from '../../domain/plan.ts';
import type { AnyProofKind, Finding } from '../../domain/proof.ts';
import type { Sh } from '../../domain/sh.ts';
import type { Problem } from '../../domain/step.ts';
import { findingsOf, proofProbes } from '../proof.ts';
import type { PlacedStep, Site } from './sites.ts';
import { paramsAt, type Target, whereOf } from './where.ts';

/** What was read on one host: its identity, what it runs now, and the facts for each step that goes there, by step id. */
export interface HostRead {
  readonly site: Site;
  readonly host?: PlanHost;
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, readonly Reading[]>>;
  readonly problems: readonly PlanProblem[];
}

/** Reads all a plan needs of one host in one round trip (and one of the Docker API where a proof asks for it). Never throws a HostError: it becomes a problem. */
export async function readHost(
  target: Target,
  site: Site,
  steps: readonly PlacedStep[],
  proofKinds: Readonly<Record<string, AnyProofKind>>,
  hosts: Hosts,
): Promise<HostRead> {
  try {
    return await read(target, site, steps, proofKinds, hosts);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { site, findings: [], facts: {}, problems: [{ host: site.host.name, what: error.message, advice: error.advice }] };
  }
}

async function read(
  target: Target,
  site: Site,
  steps: readonly PlacedStep[],
  proofKinds: Readonly<Record<string, AnyProofKind>>,
  hosts: Hosts,
): Promise<HostRead> {
  const host = hosts.get(site.host);
  const identity = await host.identity();
  const items = target.system.proof[site.role.name] ?? [];
  const where = whereOf(target, site.role, site.host);
  const stepProbes = steps.map((placed) => probesOf(placed, target, site));
  const proof = proofProbes(items, proofKinds, where);
  const readings = await host.read([...stepProbes.flat(), ...proof.probes]);
  const take = taker(readings);
  const facts = Object.fromEntries(steps.map((placed, i) => [placed.step.id, take((stepProbes[i] ?? []).length)]));
  const { containers, problems } = proof.needsContainers ? await containersOf(host, site) : { containers: undefined, problems: [] };
  const findings = findingsOf(items, proofKinds, where, take(proof.probes.length), containers);
  return { site, findings, facts, problems, host: { address: site.host, role: site.role.name, identity, before: findings, proof: items } };
}

/** An engine that is down is one problem: all that is wrong there otherwise must be told beside it. */
async function containersOf(host: Host, site: Site): Promise<{ containers: readonly ContainerSeen[] | undefined; problems: readonly PlanProblem[] }> {
  try {
    return { containers: await host.containers(), problems: [] };
  } catch (error) {
    if (!(error instanceof HostError) || error.code !== 'no-engine') throw error;
    return { containers: undefined, problems: [{ host: site.host.name, what: error.message, advice: error.advice }] };
  }
}

function probesOf(placed: PlacedStep, target: Target, site: Site): readonly Sh[] {
  return placed.kind.probes?.(paramsAt(target, placed, site.role, site.host), whereOf(target, site.role, site.host, placed.step)) ?? [];
}

/** Hands out readings in the order in which they were asked for. */
function taker(readings: readonly Reading[]): (count: number) => Reading[] {
  let at = 0;
  return (count) => {
    at += count;
    return readings.slice(at - count, at);
  };
}

/** A problem with the place where it was found. */
export const located = (problem: Problem, host: string | undefined, step?: string): PlanProblem => ({
  ...problem,
  ...(host === undefined ? {} : { host }),
  ...(step === undefined ? {} : { step }),
});
