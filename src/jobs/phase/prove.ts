import { setTimeout } from 'node:timers/promises';
import type { Fact } from '../../domain/event.ts';
import { HostError } from '../../domain/host.ts';
import { affectedMs } from '../../domain/owed.ts';
import type { Plan, PlanHost } from '../../domain/plan.ts';
import { asRecorded, verdict } from '../../domain/proof.ts';
import type { State } from '../../domain/state.ts';
import type { Context } from '../context.ts';
import { exactly } from '../plan/releases.ts';
import { type Target, whereOf } from '../plan/where.ts';
import { findingsOf, proofProbes } from '../proof.ts';
import { type Hold, observe } from './hold.ts';
import { notTheMachine } from './machine.ts';

/** For how long a host that is not new yet is looked at again, in milliseconds: a service may need a moment after its start. */
const patienceMs = 15_000;
const againAfterMs = 1000;

type Proven = Extract<Fact, { type: 'host-proven' }>;

/** Reads every host anew, whatever the steps said, and completes the rollback only when all are new. */
export async function proveHosts(hold: Hold, state: State): Promise<void> {
  const plan = await hold.context.plans.load(hold.id, state.digest ?? '');
  const target = await targetOf(hold, plan);
  const proofs = await Promise.all(Object.values(plan.hosts).map((host) => proveHost(hold, target, host, plan.outline.undoes?.whole === false)));
  const notNew = proofs.filter((proof) => proof.verdict !== 'new');
  if (notNew.length > 0) {
    await observe(hold, [...proofs, { type: 'trouble', where: 'proof', what: notNew.map((proof) => `${proof.host} ${proof.verdict}`).join(', ') }]);
    return;
  }
  const done = await observe(hold, [...proofs, { type: 'completed' }]);
  await recordProven(hold.context, done);
}

/** How long people wait at most to hear of trouble because a host does not say what it runs, in milliseconds. */
const seenWithinMs = 10_000;

/**
 * What each host runs at this moment, looked at once, for people who must decide in the middle of a rollback. A host that does not answer in time, or
 * a proof that cannot be read at all, is left out: then the steps alone say how far it came.
 */
export async function seenHosts(hold: Hold, state: State): Promise<Proven[]> {
  const late = new AbortController();
  const nothing = setTimeout(seenWithinMs, undefined, { signal: late.signal });
  try {
    const plan = await hold.context.plans.load(hold.id, state.digest ?? '');
    const target = await Promise.race([targetOf(hold, plan), nothing]);
    if (!target) return [];
    const isPart = plan.outline.undoes?.whole === false;
    const seen = await Promise.all(Object.values(plan.hosts).map((host) => Promise.race([look(hold, target, host, isPart), nothing])));
    return seen.filter((one) => one !== undefined && one.trouble === undefined) as Proven[];
  } catch (error) {
    hold.context.logger.warn({ rollback: hold.id, err: error }, 'hosts in trouble could not be looked at');
    return [];
  } finally {
    nothing.catch(() => undefined);
    late.abort();
  }
}

const targetOf = (hold: Hold, plan: Plan): Promise<Target> =>
  exactly(hold.context, { rollback: hold.id, system: plan.system }, hold.context.mirror(plan.system), plan.judgedBy ?? plan.outline.target);

async function proveHost(hold: Hold, target: Target, planned: PlanHost, isPart: boolean): Promise<Proven> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const proof = await look(hold, target, planned, isPart);
    hold.signal.throwIfAborted(); // what is cut short proves nothing: the next worker proves anew
    if (proof.verdict === 'new' || Date.now() >= deadline) return proof;
    await setTimeout(againAfterMs, undefined, { signal: hold.signal });
  }
}

async function look(hold: Hold, target: Target, planned: PlanHost, isPart: boolean): Promise<Proven> {
  const { kinds, hosts } = { kinds: hold.context.proofKinds, hosts: hold.context.hosts };
  const role = target.system.roles[planned.role];
  if (!role) return unreadable(planned, `the plan has no role ${planned.role}`);
  try {
    const host = hosts.get(planned.address);
    if ((await host.identity()).hostKey !== planned.identity.hostKey) return unreadable(planned, notTheMachine(planned));
    const where = whereOf(target, role, planned.address);
    const { probes, needsContainers } = proofProbes(planned.proof, kinds, where);
    const [readings, containers] = await Promise.all([host.read(probes), needsContainers ? host.containers() : undefined]);
    const found = findingsOf(planned.proof, kinds, where, readings, containers);
    const findings = planned.recorded ? asRecorded(found, planned.recorded, isPart ? planned.before : undefined) : found;
    return { type: 'host-proven', host: planned.address.name, verdict: verdict(findings, planned.before), findings };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return unreadable(planned, error.message);
  }
}

const unreadable = (planned: PlanHost, trouble: string): Proven => ({
  type: 'host-proven',
  host: planned.address.name,
  verdict: 'unknown',
  findings: [],
  trouble,
});

/** What was proven is last known good from now on, with what it cost. The same however often it is done. */
export async function recordProven(context: Context, state: State): Promise<void> {
  const isPart = (state.outline?.hosts.length ?? 0) < state.hosts; // a scenario that leaves a role out
  if (state.undoes || isPart) return;
  const at = state.endedAt ?? state.at;
  const affected = affectedMs(state, at);
  await context.proven.record(state.system, {
    version: state.outline?.target.version ?? state.version,
    variant: state.outline?.variant ?? state.variant,
    rollback: state.id,
    drill: state.drill,
    runbook: state.outline?.runbook ?? '',
    at,
    totalMs: at - (state.startedAt ?? at),
    ...(affected === undefined ? {} : { affectedMs: affected }),
  });
}
