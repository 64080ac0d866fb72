import { setTimeout } from 'node:timers/promises';
import { type Host, HostError, type HostIdentity } from '../../domain/host.ts';
import type { PlanHost } from '../../domain/plan.ts';

/** How long a host that cannot be reached is tried again before a person is asked, and how far apart, in milliseconds. */
export const patienceMs = 60_000;
const againAfterMs = 2000;

/** The host's identity; a host that is away for a moment is waited for. Rejects with the HostError when it stays away. */
export async function reach(host: Host, signal: AbortSignal): Promise<HostIdentity> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await host.identity();
    } catch (error) {
      const isAway = error instanceof HostError && (error.code === 'host-unreachable' || error.code === 'connection-lost');
      if (!isAway || signal.aborted || Date.now() >= deadline) throw error;
    }
    await setTimeout(againAfterMs, undefined, { signal });
  }
}

/** Said when the host shows another key than the one in the approved plan. */
export const notTheMachine = (planned: PlanHost): string =>
  `${planned.address.name} shows another host key than when the plan was approved (${planned.identity.hostKey}): this is not the machine that was approved`;
